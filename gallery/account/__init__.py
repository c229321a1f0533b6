"""One's own account: signing in, sessions, preferences, taking everything along, leaving."""
