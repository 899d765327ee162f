"""What a result was made of: the code and data behind it, as hashes."""
