"""Vitrine: the Django project, and everything that is read: browsing, feedback, review."""

__version__ = "0.2.0"
