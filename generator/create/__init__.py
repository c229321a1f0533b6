"""The form that asks for pictures."""
