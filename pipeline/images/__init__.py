"""Images on disk: reading, writing, listing, and files that are whole or absent."""
