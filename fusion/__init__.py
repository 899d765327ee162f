"""Fusion methods, their training, metrics and stages."""

import pipeline as pipeline  # how threads wait is set before PyTorch loads
