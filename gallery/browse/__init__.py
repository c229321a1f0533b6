"""Looking at pictures: rows, one picture, its files, the trash, share links."""
