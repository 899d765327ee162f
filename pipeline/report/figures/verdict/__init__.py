"""Which input is best: by class, over all classes, and for its cost."""
