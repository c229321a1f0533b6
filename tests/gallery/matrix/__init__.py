"""Who may do what at which address: the site's own list of addresses against a table of expectations."""
