"""How a stage starts, what it sets in its process, and how it fails: in one line."""
