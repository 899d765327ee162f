"""FMI as Haghighat's code has it: mutual information in moving windows of 3×3 pixels.

Each window, stretched to [0,1] and divided by its sum, is taken for a distribution over its nine
places. How two such distributions go together is not seen, so their joint distribution is made of
three: the two independent, and both of Fréchet's bounds, mixed so that the correlation is right.
"""

import numpy as np

from fusion.metrics.image import Float, Image

_ROWS = 16
"""Rows of windows at a time: their joint distributions fit the processor's cache."""

_PLACES = np.arange(1.0, 10.0)


def _distributions(pixels: Float) -> Float:
    """(n, 9): the windows of a strip of rows, column by column, each with sum 1."""
    windows = np.lib.stride_tricks.sliding_window_view(pixels, (3, 3))
    values = windows.transpose(0, 1, 3, 2).reshape(-1, 9)
    low = values.min(axis=1, keepdims=True)
    span = values.max(axis=1, keepdims=True) - low
    stretched = np.divide(values - low, span, out=np.ones_like(values), where=span > 0)
    return np.asarray(stretched / stretched.sum(axis=1, keepdims=True), np.float64)


def _entropy(shares: Float) -> Float:
    """Bits, along the last axis; a share below 0, as the mixture can have, counts by its size."""
    logarithm = np.log2(np.abs(shares), out=np.zeros_like(shares), where=shares != 0)
    return np.asarray(-(shares * logarithm).sum(axis=-1), np.float64)


def _deviation(shares: Float) -> Float:
    mean = shares @ _PLACES
    return np.sqrt(np.maximum(shares @ _PLACES**2 - mean * mean, 0))


def _correlation(one: Float, other: Float) -> Float:
    """Pearson's, of each two rows; 0 where either is even, up to rounding."""
    a, b = one - 1 / 9, other - 1 / 9
    both, product = (a * b).sum(axis=1), (a * a).sum(axis=1) * (b * b).sum(axis=1)
    return np.divide(both, np.sqrt(product), out=np.zeros_like(both), where=product > 1e-24)


def _joint(one: Float, other: Float) -> Float:
    """(n, 81): joint distributions of each two rows."""
    a, b = one.cumsum(axis=1)[:, :, None], other.cumsum(axis=1)[:, None, :]
    r = _correlation(one, other)
    alike = (r >= 0)[:, None, None]
    bound = np.where(alike, np.minimum(a, b), np.maximum(a + b - 1, 0))
    product = _deviation(one) * _deviation(other)
    limit = (bound - a * b).sum(axis=(1, 2))
    # r / (limit / product), the share of the bound in the mixture
    usable = (r != 0) & (product > 0) & (limit != 0)
    share = np.divide(r * product, limit, out=np.zeros_like(r), where=usable)[:, None, None]
    extreme = np.diff(np.diff(bound, axis=1, prepend=0), axis=2, prepend=0)
    mixed = share * extreme + (1 - share) * one[:, :, None] * other[:, None, :]
    return np.asarray(mixed.reshape(len(one), 81), np.float64)


def _shared(source: Float, fused: Float) -> Float:
    """2 I / (H_source + H_F) of each window of two strips, 1 where the windows are equal."""
    a, f = _distributions(source), _distributions(fused)
    entropies = _entropy(a) + _entropy(f)
    mutual = entropies - _entropy(_joint(f, a))
    shared = np.divide(2 * mutual, entropies, out=np.zeros_like(mutual), where=entropies > 1e-12)
    equal = np.lib.stride_tricks.sliding_window_view(source == fused, (3, 3)).all(axis=(2, 3))
    return np.where(equal.ravel(), 1.0, shared)


def fmi(fused: Image, ir: Image, vis: Image) -> float:
    """FMI, feature mutual information of fused image and sources, about 0 to 1.

    Haghighat et al., "A non-reference image fusion metric based on mutual information of image
    features", Comput. Electr. Eng. 2011, in the fast form of Haghighat and Razian, AICT 2014, with
    the gray levels themselves as feature (others call it FMI_pixel): the mean over windows of
    3×3 and over both sources. The mixture is no distribution where correlations are extreme, so
    that single windows may lie outside [0,1].
    """
    total, height = 0.0, fused.shape[0]
    for top in range(0, height - 2, _ROWS):
        strip = slice(top, min(top + _ROWS + 2, height))
        for source in (ir, vis):
            total += float(_shared(source.pixels[strip], fused.pixels[strip]).sum())
    return total / (2 * (height - 2) * (fused.shape[1] - 2))
