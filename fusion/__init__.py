"""Fusion methods, their training, metrics and stages."""
