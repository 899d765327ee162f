"""Convolutions with large kernels, computed fast."""
