"""Fused images from outside: somebody's folder, or somebody's program."""
