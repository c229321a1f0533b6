"""The processes of an instance: its settings from the environment, its logs, how it starts and stops."""
