"""Phase congruency: where an image's frequencies are in step, whatever its contrast.

P. Kovesi, "Image features from phase congruency", Videre 1999, and "Phase congruency detects
corners and edges", DICTA 2003, with the settings of his code as the field's metrics use it: 4
scales from a wavelength of 3 pixels, each 2.1 times the last, and 6 orientations.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy import fft

from fusion.metrics.image import Float, Float32, Image

_SCALES, _ORIENTATIONS = 4, 6
_SHORTEST, _RATIO = 3.0, 2.1
_SIGMA_ON_F = 0.55  # σ of a log-Gabor filter as a share of its frequency
_SIGMA_THETA = np.pi / _ORIENTATIONS / 1.2
_CUTOFF, _ORDER = 0.45, 15  # of the low-pass that takes away the spectrum's corners
_NOISE, _NOISE_SHARE = 2.0, 1.7  # deviations above the mean noise; what the sum overestimates
_NARROW, _GAIN = 0.5, 10.0  # width of spectrum below which a feature counts less, how sharply
_EPS = 1e-4


class PhaseCongruency(NamedTuple):
    """Maps of one image, (H, W) float32.

    Attributes:
        overall: over all orientations, in [0, 1].
        largest: maximum moment over orientations, the strength of an edge.
        smallest: minimum moment, the strength of a corner; 0 where there is none.
    """

    overall: Float32
    largest: Float32
    smallest: Float32


class Filters(NamedTuple):
    """The filters of one image size, on the grid of `fft2`.

    Attributes:
        radial: log-Gabor by scale, (scales, H, W) float32.
        angular: Gaussian by orientation, (orientations, H, W) float32.
        noise: by orientation, energy of all scales for white noise of unit power in the smallest.
    """

    radial: Float32
    angular: Float32
    noise: Float


def _frequencies(count: int) -> Float:
    """Cycles a pixel along a side, as Kovesi has them: an odd side reaches ±½ too."""
    half = count // 2
    steps = np.arange(-half, count - half) / (count - count % 2)
    return fft.ifftshift(steps)


@lru_cache(maxsize=2)
def filters(height: int, width: int) -> Filters:
    """The filters for images of one size."""
    y, x = np.meshgrid(_frequencies(height), _frequencies(width), indexing="ij")
    radius, theta = np.hypot(x, y), np.arctan2(-y, x)
    low_pass = 1 / (1 + (radius / _CUTOFF) ** (2 * _ORDER))
    radius[0, 0] = 1
    centres = 1 / (_SHORTEST * _RATIO ** np.arange(_SCALES)[:, None, None])
    radial = low_pass * np.exp(-(np.log(radius / centres) ** 2) / (2 * np.log(_SIGMA_ON_F) ** 2))
    radial[:, 0, 0] = 0
    directions = np.arange(_ORIENTATIONS)[:, None, None] * np.pi / _ORIENTATIONS
    distance = np.abs(np.angle(np.exp(1j * (theta - directions))))
    angular = np.exp(-(distance**2) / (2 * _SIGMA_THETA**2))
    noise = np.array([_noise_energy(radial * one) for one in angular])
    return Filters(radial.astype(np.float32), angular.astype(np.float32), noise)


def _noise_energy(bank: Float) -> float:
    """2 Σ_s e_s² + 4 Σ_{s<t} e_s e_t over the even filters e of a bank, per power of the first.

    That is 2 (Σ e)². The even filter is the real part in space, so the mean of both half planes
    here; sums over space are those over frequencies (Parseval).
    """
    total = bank.sum(axis=0)
    mirrored = np.roll(total[::-1, ::-1], (1, 1), axis=(0, 1))
    even = (total + mirrored) / 2
    return float(2 * (even**2).sum() / (bank[0] ** 2).sum())


def _threshold(smallest: Float32, noise: float) -> float:
    """Energy that noise alone has, from the median amplitude of the smallest scale."""
    power = float(np.median(smallest)) ** 2 / np.log(2)
    tau = np.sqrt(power * noise / 2)
    mean, deviation = tau * np.sqrt(np.pi / 2), tau * np.sqrt(2 - np.pi / 2)
    return float((mean + _NOISE * deviation) / _NOISE_SHARE)


def _energy(even: Float32, odd: Float32, amplitude: Float32, noise: float) -> Float32:
    """Weighted energy of one orientation above the noise, from (scales, H, W) responses."""
    sum_even, sum_odd, total = even.sum(0), odd.sum(0), amplitude.sum(0)
    length = np.sqrt(sum_even**2 + sum_odd**2) + np.float32(_EPS)
    mean_even, mean_odd = sum_even / length, sum_odd / length
    energy = sum_even * mean_even + sum_odd * mean_odd
    energy -= np.abs(even * mean_odd - odd * mean_even).sum(0)
    energy = np.maximum(energy - np.float32(_threshold(amplitude[0], noise)), 0)
    width = total / (amplitude.max(0) + np.float32(_EPS)) / _SCALES
    return np.asarray(energy / (1 + np.exp((_NARROW - width) * _GAIN)), np.float32)


def moments(congruency: Float32) -> tuple[Float32, Float32]:
    """Maximum and minimum moment of phase congruency by orientation, (orientations, H, W)."""
    count = len(congruency)
    angles = np.arange(count, dtype=np.float32)[:, None, None] * np.float32(np.pi / count)
    x, y = congruency * np.cos(angles), congruency * np.sin(angles)
    a, c = (x * x).sum(0) * 2 / count, (y * y).sum(0) * 2 / count
    b = (x * y).sum(0) * 4 / count
    spread = np.sqrt(b * b + (a - c) ** 2)
    return np.asarray((a + c + spread) / 2), np.asarray((a + c - spread) / 2)


def phase_congruency(image: Image) -> PhaseCongruency:
    """Phase congruency and its moments, with the image as one period of a plane."""
    bank = filters(*image.shape)
    spectrum = fft.fft2(image.pixels.astype(np.float32))
    energies, totals = [], []
    for angular, noise in zip(bank.angular, bank.noise, strict=True):
        responses = fft.ifft2(spectrum * (bank.radial * angular))
        even, odd = responses.real, responses.imag
        amplitude = np.sqrt(even**2 + odd**2)
        energies.append(_energy(even, odd, amplitude, noise))
        totals.append(amplitude.sum(0))
    energy, total = np.stack(energies), np.stack(totals)
    overall = energy.sum(0) / (total.sum(0) + np.float32(_EPS))
    largest, smallest = moments(energy / np.maximum(total, np.finfo(np.float32).tiny))
    return PhaseCongruency(overall, largest, smallest)
