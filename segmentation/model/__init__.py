"""The network: its encoder, loss and optimiser, and what it makes of an image."""
