"""The verdict in parts: each class, and day and night, with their intervals."""
