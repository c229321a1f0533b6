"""The background: taking calls through their life, and mending what went wrong with them."""
