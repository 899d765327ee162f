"""Classical methods against slow, independent versions of their equations."""

import kornia
import numpy as np
import pytest
import pywt
import torch
from scipy import ndimage

from fusion.methods import adf, dwt, guided_filter, laplacian
from fusion.methods.base import registry

RNG = np.random.default_rng(7)


def smooth(height, width):
    """A random image with structure at several scales, (H,W) float64 in [0,1]."""
    noise = sum(ndimage.gaussian_filter(RNG.random((height, width)), s) * s for s in (0.5, 2, 5))
    return (noise - noise.min()) / np.ptp(noise)


def fuse(name, ir, y, **params):
    """Fused luminance of two (H,W) arrays."""
    method = registry.create(name, **params)
    ir, vis = torch.from_numpy(ir)[None, None], torch.from_numpy(y).expand(1, 3, *y.shape)
    return method(ir, vis)[0, 0].numpy()


# --- Laplacian pyramid -----------------------------------------------------------------------


@pytest.mark.parametrize("size", [(64, 48), (33, 47), (7, 5)])
def test_pyramid_reconstructs_perfectly(size):
    image = RNG.random(size)
    pyramid = laplacian.decompose(image, 4)
    assert len(pyramid) >= 3
    np.testing.assert_allclose(laplacian.reconstruct(pyramid), image, rtol=0, atol=1e-12)


def burt_reduce(image):
    return filter_5_taps(image)[::2, ::2]


def burt_expand(image):
    stuffed = np.zeros((image.shape[0] * 2, image.shape[1] * 2))
    stuffed[::2, ::2] = image
    return 4 * filter_5_taps(stuffed)


def filter_5_taps(image):
    taps = np.array([1, 4, 6, 4, 1]) / 16
    return ndimage.convolve1d(
        ndimage.convolve1d(image, taps, 0, mode="mirror"), taps, 1, mode="mirror"
    )


def test_laplacian_fusion_as_burt_and_adelson():
    ir, y = smooth(64, 80), smooth(64, 80)
    ir_1, y_1 = burt_reduce(ir), burt_reduce(y)
    ir_2, y_2 = burt_reduce(ir_1), burt_reduce(y_1)

    def stronger(a, b):
        return np.where(np.abs(a) > np.abs(b), a, b)

    fine = stronger(ir - burt_expand(ir_1), y - burt_expand(y_1))
    coarse = stronger(ir_1 - burt_expand(ir_2), y_1 - burt_expand(y_2))
    truth = fine + burt_expand(coarse + burt_expand((ir_2 + y_2) / 2))
    # Expansion treats the border in several ways; away from it there is one truth.
    inside = np.s_[16:-16, 16:-16]
    fused = fuse("laplacian", ir, y, levels=2)
    np.testing.assert_allclose(fused[inside], truth.clip(0, 1)[inside], rtol=0, atol=1e-9)


# --- Wavelets --------------------------------------------------------------------------------


def test_haar_details_of_vis_on_the_mean_of_both():
    """A flat IR has no details: 2x2 blocks keep those of VIS and average their means."""
    y = 0.3 + 0.4 * RNG.random((8, 12))
    means = y.reshape(4, 2, 6, 2).mean(axis=(1, 3)).repeat(2, 0).repeat(2, 1)
    fused = fuse("dwt", np.full((8, 12), 0.5), y, wavelet="haar", levels=1)
    np.testing.assert_allclose(fused, y - means + (means + 0.5) / 2, rtol=0, atol=1e-12)


def test_selection_by_loops():
    ir, y = RNG.normal(size=(9, 7)), RNG.normal(size=(9, 7))

    def windows(image):
        padded = np.pad(image, 1, mode="symmetric")
        return lambda r, c: padded[r : r + 3, c : c + 3]

    ir_near, y_near = windows(np.abs(ir)), windows(np.abs(y))
    wins = np.zeros((9, 7))
    for r, c in np.ndindex(9, 7):
        wins[r, c] = ir_near(r, c).max() > y_near(r, c).max()
    votes = windows(wins)
    truth = [[ir[r, c] if votes(r, c).sum() >= 5 else y[r, c] for c in range(7)] for r in range(9)]
    np.testing.assert_array_equal(dwt.select(ir, y), truth)


@pytest.mark.parametrize("wavelet", ["db2", "sym4", "bior2.2"])
def test_dwt_approximation_is_the_mean(wavelet):
    ir, y = 0.4 + 0.2 * smooth(64, 64), 0.4 + 0.2 * smooth(64, 64)
    # Periodic images, so that the transform of the result is free of its border.
    ir, y = (np.block([[i, i[:, ::-1]], [i[::-1], i[::-1, ::-1]]]) for i in (ir, y))
    fused = fuse("dwt", ir, y, wavelet=wavelet, levels=2)
    approximation = [pywt.wavedec2(i, wavelet, level=2)[0] for i in (ir, y, fused)]
    inside = np.s_[6:-6, 6:-6]
    mean = (approximation[0] + approximation[1]) / 2
    np.testing.assert_allclose(approximation[2][inside], mean[inside], rtol=0, atol=1e-9)


# --- Guided filter ---------------------------------------------------------------------------


def guided_by_loops(guide, image, radius, eps):
    """Equations 5, 6 and 8 of He et al., window by window; borders replicated."""
    height, width = guide.shape

    def window(array, r, c):
        rows = np.arange(r - radius, r + radius + 1).clip(0, height - 1)
        columns = np.arange(c - radius, c + radius + 1).clip(0, width - 1)
        return array[np.ix_(rows, columns)]

    a, b = np.zeros_like(guide), np.zeros_like(guide)
    for r, c in np.ndindex(height, width):
        i, p = window(guide, r, c), window(image, r, c)
        a[r, c] = ((i * p).mean() - i.mean() * p.mean()) / (i.var() + eps)
        b[r, c] = p.mean() - a[r, c] * i.mean()
    filtered = np.zeros_like(guide)
    for r, c in np.ndindex(height, width):
        filtered[r, c] = window(a, r, c).mean() * guide[r, c] + window(b, r, c).mean()
    return filtered


@pytest.mark.parametrize(("radius", "eps"), [(1, 0.3), (3, 1e-3), (12, 0.01)])
def test_guided_filter_by_loops(radius, eps):
    guide, image = RNG.random((11, 14)), (RNG.random((11, 14)) > 0.5).astype(float)
    np.testing.assert_allclose(
        guided_filter.filter_guided(guide, image, radius, eps),
        guided_by_loops(guide, image, radius, eps),
        rtol=0,
        atol=1e-9,
    )


def test_guided_filter_as_kornia():
    guide, image = smooth(60, 50), (smooth(60, 50) > 0.5).astype(float)
    tensors = (torch.from_numpy(array)[None, None] for array in (guide, image))
    theirs = kornia.filters.guided_blur(*tensors, 15, 1e-6, "replicate")
    ours = guided_filter.filter_guided(guide, image, 7, 1e-6)
    np.testing.assert_allclose(ours, theirs[0, 0].numpy(), rtol=0, atol=1e-6)


def test_guided_fusion_by_the_equations():
    ir, y = smooth(30, 36), smooth(30, 36)

    def saliency(image):
        high_pass = np.abs(ndimage.laplace(image, mode="nearest"))
        return ndimage.gaussian_filter(high_pass, 5, mode="nearest", radius=5)

    base = [ndimage.uniform_filter(image, 9, mode="nearest") for image in (ir, y)]
    chosen = (saliency(ir) > saliency(y)).astype(float)
    truth = np.zeros_like(y)
    layers = [(base, 6, 0.3), ([ir - base[0], y - base[1]], 2, 1e-3)]
    for layer, radius, eps in layers:
        weights = [
            guided_by_loops(ir, chosen, radius, eps).clip(0, 1),
            guided_by_loops(y, 1 - chosen, radius, eps).clip(0, 1),
        ]
        truth += (weights[0] * layer[0] + weights[1] * layer[1]) / (weights[0] + weights[1])
    fused = fuse(
        "guided_filter", ir, y,
        average_side=9, base_radius=6, base_eps=0.3, detail_radius=2, detail_eps=1e-3,
    )  # fmt: skip
    np.testing.assert_allclose(fused, truth.clip(0, 1), rtol=0, atol=1e-6)


# --- Anisotropic diffusion -------------------------------------------------------------------


def diffuse_by_loops(image, iterations, step, kappa):
    """Equation 7 of Perona and Malik, pixel by pixel."""
    height, width = image.shape
    for _ in range(iterations):
        after = image.copy()
        for r, c in np.ndindex(height, width):
            for near in [(r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)]:
                if 0 <= near[0] < height and 0 <= near[1] < width:
                    difference = image[near] - image[r, c]
                    after[r, c] += step * np.exp(-((difference / kappa) ** 2)) * difference
        image = after
    return image


def test_adf_by_loops():
    ir, y = smooth(15, 12), smooth(15, 12)
    bases = [diffuse_by_loops(image, 6, 0.2, 20 / 255) for image in (ir, y)]
    details = [ir - bases[0], y - bases[1]]
    values, vectors = np.linalg.eig(np.cov(details[0].ravel(), details[1].ravel()))
    weights = np.abs(vectors[:, values.argmax()])
    weights /= weights.sum()
    truth = (bases[0] + bases[1]) / 2 + weights[0] * details[0] + weights[1] * details[1]
    fused = fuse("adf", ir, y, iterations=6, step=0.2, kappa=20)
    np.testing.assert_allclose(fused, truth.clip(0, 1), rtol=0, atol=1e-9)


def test_diffusion_keeps_the_mean_and_strong_edges():
    step_edge = np.where(np.arange(30) < 15, 0.1, 0.9) + 0.02 * RNG.random((20, 30))
    base = adf.diffuse(step_edge, 20, 0.2, 30 / 255)
    assert base.mean() == pytest.approx(step_edge.mean(), abs=1e-12)
    assert base[:, :15].std() < step_edge[:, :15].std() / 3
    assert np.all(base[:, 15] - base[:, 14] > 0.75)


@pytest.mark.parametrize("correlation", [0.8, 0.0, -0.5])
def test_principal_weights_in_closed_form(correlation):
    """tan 2θ = 2 c₁₂ / (c₁₁ − c₂₂) gives the leading eigenvector's angle θ."""
    first = RNG.normal(size=(40, 40))
    second = correlation * first + 0.3 * RNG.normal(size=(40, 40))
    (c11, c12), (_, c22) = np.cov(first.ravel(), second.ravel())
    angle = np.arctan2(2 * c12, c11 - c22) / 2
    first_weight, second_weight = adf.principal_weights(first, second)
    assert first_weight + second_weight == pytest.approx(1)
    assert second_weight / first_weight == pytest.approx(abs(np.tan(angle)))


def test_principal_weights_of_opposed_details():
    """The eigenvector is (1, -1)/√2, whose components sum to zero."""
    detail = RNG.normal(size=(10, 10))
    assert adf.principal_weights(detail, -detail) == pytest.approx((0.5, 0.5))
