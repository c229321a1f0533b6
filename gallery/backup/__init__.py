"""One file that holds an installation: database, originals, replies not yet stored, secret key."""
