"""What every request passes through before a view answers it."""
