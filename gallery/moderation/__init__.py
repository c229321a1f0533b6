"""The inbox of staff: reports and new comments, what is decided about them, and how that is undone."""
