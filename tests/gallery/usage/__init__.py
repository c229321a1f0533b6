"""The review of usage."""
