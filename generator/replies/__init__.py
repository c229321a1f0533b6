"""Replies as they came: kept on disk first, then taken apart."""
