"""Who is ahead, by how much, and whether by chance."""
