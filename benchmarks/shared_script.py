"""Fusion metrics the plain way, as the script does that CDDFuse, EMMA and LKC-FUNet share.

Each metric is computed for itself from float32 gray images in [0, 255], once per source: 2-D
convolutions by SciPy, mutual information by scikit-learn, VIFp by sewar (the same steps as the
script's), SSIM as scikit-image has it. The script has no NMI.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter
from scipy.signal import convolve2d
from sewar.full_ref import vifp
from sklearn.metrics import mutual_info_score

Gray = NDArray[np.float32]
SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], np.float32)


def evaluate(fused: Gray, ir: Gray, vis: Gray) -> dict[str, float]:
    """The script's twelve metrics of one fused image; SSIM is the sum over the sources."""
    sources = (ir, vis)
    values = {
        "SD": np.std(fused),
        "AG": ag(fused),
        "SF": sf(fused),
        "SCD": correlation(ir, fused - vis) + correlation(vis, fused - ir),
        "VIFF": sum(vifp(source, fused) for source in sources),
        "SSIM": sum(ssim(source, fused) for source in sources),
        "EN": en(fused),
        "MI": sum(mutual_info_score(fused.ravel(), source.ravel()) for source in sources),
        "Qabf": qabf(fused, ir, vis),
        "PSNR": 10 * np.log10(np.max(fused) ** 2 / mse(fused, ir, vis)),
        "CC": sum(correlation(source, fused) for source in sources) / 2,
        "MSE": mse(fused, ir, vis),
    }
    return {name: float(value) for name, value in values.items()}


def ag(fused: Gray) -> float:
    """Mean of sqrt((gx² + gy²) / 2)."""
    gy, gx = np.gradient(fused)
    return float(np.mean(np.sqrt((gx**2 + gy**2) / 2)))


def sf(fused: Gray) -> float:
    """Root of the summed mean squares of both first differences."""
    return float(np.sqrt(sum(np.mean(np.diff(fused, axis=axis) ** 2) for axis in (0, 1))))


def en(fused: Gray) -> float:
    """Entropy of the histogram, bits."""
    share = np.bincount(fused.astype(np.uint8).ravel()) / fused.size
    return float(-np.sum(share * np.log2(share + (share == 0))))


def mse(fused: Gray, ir: Gray, vis: Gray) -> float:
    """Mean of both mean squared errors."""
    return float((np.mean((ir - fused) ** 2) + np.mean((vis - fused) ** 2)) / 2)


def correlation(one: Gray, other: Gray) -> float:
    """Pearson's r."""
    one, other = one - np.mean(one), other - np.mean(other)
    return float(np.sum(one * other) / np.sqrt(np.sum(one**2) * np.sum(other**2)))


def ssim(one: Gray, other: Gray) -> float:
    """scikit-image's defaults: uniform 7×7 window, sample covariance, whole windows only."""
    mean_one, mean_other = uniform_filter(one, 7), uniform_filter(other, 7)
    unbiased = 49 / 48
    var_one = unbiased * (uniform_filter(one * one, 7) - mean_one**2)
    var_other = unbiased * (uniform_filter(other * other, 7) - mean_other**2)
    both = unbiased * (uniform_filter(one * other, 7) - mean_one * mean_other)
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    above = (2 * mean_one * mean_other + c1) * (2 * both + c2)
    below = (mean_one**2 + mean_other**2 + c1) * (var_one + var_other + c2)
    return float(np.mean((above / below)[3:-3, 3:-3], dtype=np.float64))


def edges(image: Gray) -> tuple[Gray, Gray]:
    """Strength and direction of Sobel's edges; the image is 0 beyond its border."""
    gx, gy = (convolve2d(image, kernel, mode="same") for kernel in (SOBEL, -SOBEL.T))
    direction = np.full_like(image, np.pi / 2)
    np.arctan(np.divide(gy, gx, where=gx != 0, out=np.zeros_like(gx)), where=gx != 0, out=direction)
    return np.sqrt(gx * gx + gy * gy), direction


def preservation(source: tuple[Gray, Gray], fused: tuple[Gray, Gray]) -> Gray:
    """Xydeas and Petrović's Q of each pixel; equal strengths count as themselves, not as 1."""
    (strength, direction), (fused_strength, fused_direction) = source, fused
    ratio = fused_strength.copy()
    more, less = strength > fused_strength, strength < fused_strength
    ratio[more] = fused_strength[more] / strength[more]
    ratio[less] = strength[less] / fused_strength[less]
    angle = 1 - np.abs(direction - fused_direction) / (np.pi / 2)
    kept_strength = 0.9994 / (1 + np.exp(-15 * (ratio - 0.5)))
    kept_direction = 0.9879 / (1 + np.exp(-22 * (angle - 0.8)))
    return np.asarray(kept_strength * kept_direction, np.float32)


def qabf(fused: Gray, ir: Gray, vis: Gray) -> float:
    """Qabf: preserved edges of both sources, weighted by their strength."""
    own, a, b = edges(fused), edges(ir), edges(vis)
    kept = np.sum(preservation(a, own) * a[0] + preservation(b, own) * b[0])
    return float(kept / np.sum(a[0] + b[0]))
