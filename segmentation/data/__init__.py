"""From the images of an input to batches: samples, augmentation, statistics."""
