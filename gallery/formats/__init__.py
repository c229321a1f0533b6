"""How dates are written, by language; Django's own where nothing is said here."""
