"""Pictures that look nearly the same: as a given one, and among one's own."""
