"""Families of pictures: what each was made from, and what was made from it."""
