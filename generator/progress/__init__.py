"""What becomes of a wish: tiles, their page, and what a person may do about a call."""
