"""Data sets: drawn, fetched or the user's own; checked, and written in one layout."""
