"""Tables of measured numbers: what is in them, and how they become text."""
