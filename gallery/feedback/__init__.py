"""What members say about a picture: stars, comments, reports."""
