"""Workers in clones of their own, with only a DVC remote between them."""
