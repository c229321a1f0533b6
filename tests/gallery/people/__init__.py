"""Joining, signing in, roles, groups, second factors, sessions."""
