"""Metrics from Sobel edges: Qabf and Nabf."""

from typing import NamedTuple

import cv2
import numpy as np

from fusion.metrics.image import Float, Float32, Image, float32

_TG, _KG, _DG = 0.9994, -15.0, 0.5
_TA, _KA, _DA = 0.9879, -22.0, 0.8


class Edges(NamedTuple):
    """Strength and direction of the edge at each pixel; direction in (-π/2, π/2]."""

    strength: Float32
    direction: Float32


def edges(image: Image) -> Edges:
    """Sobel edges; beyond the border the image is 0, as in the shared script."""
    levels = image.levels.astype(np.float32)
    gx, gy = (
        float32(cv2.Sobel(levels, -1, dx, dy, borderType=cv2.BORDER_CONSTANT))
        for dx, dy in ((1, 0), (0, 1))
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        direction = np.arctan(-gy / gx)
    direction[gx == 0] = np.pi / 2
    return Edges(np.sqrt(gx * gx + gy * gy), direction)


def _preservation(source: Edges, fused: Edges) -> Float32:
    """Q^AF of Xydeas and Petrović at each pixel: strength kept times direction kept."""
    weak = np.minimum(source.strength, fused.strength)
    strong = np.maximum(source.strength, fused.strength)
    # Equal strengths give the strength itself, not 1: the script's oddity, which matters at 0.
    with np.errstate(invalid="ignore"):
        ratio = np.where(weak == strong, weak, weak / strong)
    angle = 1 - np.abs(source.direction - fused.direction) / np.float32(np.pi / 2)
    kept = (1 + np.exp(_KG * (ratio - _DG))) * (1 + np.exp(_KA * (angle - _DA)))
    return (_TG * _TA) / kept


def qabf(fused: Image, ir: Image, vis: Image) -> float:
    """Qabf, share of the sources' edges that is in the fused image, weighted by strength, [0, 1].

    Xydeas and Petrović, "Objective image fusion performance measure", Electronics Letters 2000,
    with Tg 0.9994, kg -15, Dg 0.5, Ta 0.9879, ka -22, Da 0.8. Sources without any edge: 0.
    """
    own = fused.term(edges)
    kept = total = 0.0
    for source in (ir, vis):
        strength = source.term(edges).strength
        kept += float(np.sum(_preservation(source.term(edges), own) * strength, dtype=np.float64))
        total += float(np.sum(strength, dtype=np.float64))
    return kept / total if total > 0 else 0.0


def _slopes(image: Image) -> tuple[Float, Float]:
    """Strength and direction of Sobel edges as Nabf has them: an eighth, mirrored at the border."""
    gx, gy = (
        np.asarray(
            cv2.Sobel(image.pixels, -1, dx, dy, scale=1 / 8, borderType=cv2.BORDER_REFLECT_101),
            np.float64,
        )
        for dx, dy in ((1, 0), (0, 1))
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        direction = np.arctan(gx / gy)
    direction[(gx == 0) & (gy == 0)] = 0
    return np.sqrt(gx * gx + gy * gy), direction


def _lost(source: Image, fused: Image) -> Float:
    """1 - Q^AF of Petrović and Xydeas 2005 at each pixel, times the source's weight there."""
    (strength, direction), (own, own_direction) = source.term(_slopes), fused.term(_slopes)
    weak, strong = np.minimum(strength, own), np.maximum(strength, own)
    ratio = np.divide(weak, strong, out=np.zeros_like(weak), where=weak > 0)
    angle = np.abs(np.abs(direction - own_direction) - np.pi / 2) * (2 / np.pi)
    kept = 0.9999 / (1 + np.exp(-19 * (ratio - 0.5))) * 0.9995 / (1 + np.exp(-22 * (angle - 0.5)))
    return np.asarray((1 - np.sqrt(kept)) * source.term(_weights), np.float64)


def _weights(image: Image) -> Float:
    """A source's weight at each pixel: strength to the power of 1.5, next to none below 2."""
    strength, _ = image.term(_slopes)
    return np.where(strength >= 2, strength**1.5, 0.001)


def nabf(fused: Image, ir: Image, vis: Image) -> float:
    """Nabf, edges of the fused image that no source has: artifacts, in [0, 1]; lower is better.

    Shreyamsha Kumar, "Multifocus and multispectral image fusion based on pixel significance using
    discrete cosine harmonic wavelet transform", Signal, Image and Video Processing 2013, after
    Petrović and Xydeas, "Objective image fusion performance characterisation", ICCV 2005: where
    the fused edge is stronger than both sources', what it does not preserve of each counts. Weak
    edges weigh 0.001 as in the author's code; the Python port that is common now lets them weigh 0.
    """
    (own, _), (one, _), (other, _) = (image.term(_slopes) for image in (fused, ir, vis))
    added = (own > one) & (own > other)
    lost = _lost(ir, fused) + _lost(vis, fused)
    return float(lost[added].sum() / (ir.term(_weights) + vis.term(_weights)).sum())
