"""The doctor: what it finds, and what it repairs."""
