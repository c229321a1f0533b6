"""Backups: making one, refusing one, and the way back."""
