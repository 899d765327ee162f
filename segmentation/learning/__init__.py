"""A training of one network, and what its networks are worth on the test images."""
