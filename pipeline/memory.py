"""The allocator's settings for large temporaries."""


def prepare() -> None:
    """Placeholder until the measured settings land."""
