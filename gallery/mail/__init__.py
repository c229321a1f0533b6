"""Mail leaves through the queue: a page writes a row, and a worker talks to the server."""
