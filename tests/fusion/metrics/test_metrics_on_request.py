"""Metrics that are not in the papers' tables, against references written another way."""

import math
from typing import get_args

import numpy as np
import pytest
from scipy import ndimage
from sewar.full_ref import ssim as sewar_ssim
from sewar.utils import Filter

from fusion.metrics import ALL, NAMES, evaluate
from pipeline.params.fusion import EvaluationParams
from pipeline.params.metrics import Metric
from pipeline.report.statistics.ranking import LOWER_IS_BETTER
from pipeline.stage.errors import UserError

GAUSSIAN = {"fltr": Filter.GAUSSIAN, "sigma": 1.5, "ws": 11}
SIZES = [(48, 64), (47, 61)]


def images(shape, seed=3):
    """Fused, IR and VIS: related smooth scenes with noise, (H, W) uint8."""
    rng = np.random.default_rng(seed)
    ir, vis, other = ndimage.gaussian_filter(rng.normal(size=(3, *shape)), (0, 2, 2))
    scenes = []
    for scene in (0.5 * ir + 0.4 * vis + 0.2 * other, ir, vis):
        scaled = 15 + 220 * (scene - scene.min()) / np.ptp(scene)
        scenes.append(np.clip(scaled + rng.normal(scale=3, size=shape), 0, 255).astype(np.uint8))
    return scenes


def slope(image, row, column):
    """Sobel derivatives along and across the rows at one pixel, an eighth, by summing up."""
    padded = np.pad(image.astype(float), 1, mode="reflect")[row : row + 3, column : column + 3]
    smooth = np.array([1, 2, 1])
    along = (smooth * (padded[:, 2] - padded[:, 0])).sum() / 8
    across = (smooth * (padded[2] - padded[0])).sum() / 8
    return along, across


def nabf_pixel_by_pixel(fused, ir, vis):
    """Shreyamsha Kumar's modified artifacts measure, as a loop over the pixels."""
    artifacts = total = 0.0
    for place in np.ndindex(fused.shape):
        strengths, directions = [], []
        for image in (fused, ir, vis):
            along, across = slope(image, *place)
            strengths.append(math.hypot(along, across))
            directions.append(
                math.copysign(math.pi / 2, along) * (along != 0) if across == 0
                else math.atan(along / across)
            )  # fmt: skip
        own, *sources = strengths
        weights = [s**1.5 if s >= 2 else 0.001 for s in sources]
        total += sum(weights)
        if own <= max(sources):
            continue
        for strength, direction, weight in zip(sources, directions[1:], weights, strict=True):
            relative = strength / own
            turn = abs(abs(direction - directions[0]) - math.pi / 2) * 2 / math.pi
            kept_strength = 0.9999 / (1 + math.exp(-19 * (relative - 0.5)))
            kept_direction = 0.9995 / (1 + math.exp(-22 * (turn - 0.5)))
            artifacts += weight * (1 - math.sqrt(kept_strength * kept_direction))
    return artifacts / total


def averaged(image):
    """Half the size, each pixel the mean of four; Wang's code leaves an odd last row out."""
    height, width = (side // 2 for side in image.shape)
    return image[: 2 * height, : 2 * width].reshape(height, 2, width, 2).mean(axis=(1, 3))


def stretched(image):
    low, high = int(image.min()), int(image.max())
    return ((image.astype(float) - low) * 255 / (high - low) + 0.5).astype(int).astype(float)


def through_csf(values, gain):
    """Filter in the shifted spectrum, with MATLAB's frequency grid from -1 to 1."""
    grids = [(np.arange(n) - n // 2) * (2 / n) * n / 2 for n in values.shape]
    r = np.sqrt(grids[0][:, None] ** 2 + grids[1][None, :] ** 2)
    spectrum = np.fft.fftshift(np.fft.fft2(values)) * gain(r)
    return np.fft.ifft2(np.fft.ifftshift(spectrum)).real


def qcb_by_the_toolbox_formula(*triple):
    def gain(cycles):
        r = cycles / 15
        return np.exp(-((r / 15.3870) ** 2)) - 0.7622 * np.exp(-((r / 1.3456) ** 2))

    y, x = np.mgrid[-15:16, -15:16]
    masked = []
    for image in triple:
        seen = through_csf(stretched(image), gain)
        narrow, wide = (
            ndimage.correlate(
                seen, np.exp(-(x**2 + y**2) / (2 * s**2)) / (2 * np.pi * s**2), mode="constant"
            )
            for s in (2, 4)
        )
        c = abs(narrow / wide - 1)
        masked.append(c**3 / (c**2 + 0.0001))
    fused, *sources = masked
    kept = [np.where(s < fused, s / fused, fused / s) for s in sources]
    squares = [s**2 for s in sources]
    return np.mean(sum(q * s for q, s in zip(kept, squares, strict=True)) / sum(squares))


def qcv_block_by_block(fused, ir, vis):
    def gain(cycles):
        r = cycles / 4
        return 2.6 * (0.0192 + 0.144 * r) * np.exp(-((0.144 * r) ** 1.1))

    above = below = 0.0
    for source in (ir, vis):
        error = through_csf(stretched(source) - stretched(fused), gain)
        edges = np.pad(stretched(source), 1)
        strength = np.hypot(ndimage.sobel(edges, 0), ndimage.sobel(edges, 1))[1:-1, 1:-1]
        for top in range(0, source.shape[0], 16):
            for left in range(0, source.shape[1], 16):
                block = np.s_[top : top + 16, left : left + 16]
                weight = (strength[block] ** 5).sum()
                above += weight * (error[block] ** 2).sum() / 256
                below += weight
    return above / below


def spread(window):
    """A window as shares of its nine places, counted down the columns."""
    values = [float(v) for column in window.T for v in column]
    low, high = min(values), max(values)
    values = [1.0 if high == low else (v - low) / (high - low) for v in values]
    return [v / sum(values) for v in values]


def bits(shares):
    return -sum(p * math.log2(abs(p)) for p in shares if p != 0)


def joint_by_frechet(f, a):
    """Nelsen's mixture of independence and the bound on the correlation's side, by place."""
    total_f, total_a = np.cumsum(f), np.cumsum(a)
    r = np.corrcoef(f, a)[0, 1] if np.ptp(f) > 1e-12 and np.ptp(a) > 1e-12 else 0.0

    def bound(i, j):
        if i < 0 or j < 0:
            return 0.0
        if r >= 0:
            return min(total_f[i], total_a[j])
        return max(total_f[i] + total_a[j] - 1, 0)

    def deviation(p):
        mean = sum(place * share for place, share in enumerate(p, 1))
        return math.sqrt(max(sum(k * k * share for k, share in enumerate(p, 1)) - mean**2, 0))

    limit = sum(bound(i, j) - total_f[i] * total_a[j] for i in range(9) for j in range(9))
    product = deviation(f) * deviation(a)
    share = r * product / limit if limit != 0 and product > 0 else 0.0
    for i in range(9):
        for j in range(9):
            corner = bound(i, j) - bound(i - 1, j) - bound(i, j - 1) + bound(i - 1, j - 1)
            yield share * corner + (1 - share) * f[i] * a[j]


def fmi_window_by_window(fused, ir, vis):
    """Haghighat's Fast-FMI on gray levels."""
    values = []
    for top, left in np.ndindex(fused.shape[0] - 2, fused.shape[1] - 2):
        place = np.s_[top : top + 3, left : left + 3]
        for source in (ir, vis):
            if (source[place] == fused[place]).all():
                values.append(1.0)
                continue
            f, a = spread(fused[place]), spread(source[place])
            entropies = bits(f) + bits(a)
            mutual = entropies - bits(joint_by_frechet(f, a))
            values.append(2 * mutual / entropies if entropies > 0 else 0.0)
    return np.mean(values)


@pytest.mark.parametrize("flat", [False, True])
def test_fmi_is_that_of_windows_one_by_one(flat):
    triple = images((21, 17), 5)
    if flat:  # even windows, and windows with one bright or dark place
        triple = [image // 64 * 64 for image in triple]
        triple[1][:10] = 0
        triple[0][4, 4] = 255
    found = evaluate(*triple, metrics=["FMI"])["FMI"]
    assert found == pytest.approx(fmi_window_by_window(*triple), rel=1e-9)
    assert 0 < found < 1


@pytest.mark.parametrize("shape", SIZES)
@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("Nabf", nabf_pixel_by_pixel),
        ("Qcb", qcb_by_the_toolbox_formula),
        ("Qcv", qcv_block_by_block),
    ],
)
def test_value_is_that_of_the_reference(name, reference, shape):
    triple = images(shape)
    found = evaluate(*triple, metrics=[name])[name]
    assert found == pytest.approx(reference(*triple), rel=1e-9)
    assert found > 0


@pytest.mark.parametrize("shape", [(176, 192), (181, 179)])
def test_ms_ssim_is_made_of_sewars_ssim_at_five_scales(shape):
    triple = [image.astype(float) for image in images(shape)]
    exponents = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
    expected = [1.0, 1.0]
    for scale, exponent in enumerate(exponents):
        for i, source in enumerate(triple[1:]):
            whole, structure = sewar_ssim(source, triple[0], MAX=255, fltr_specs=GAUSSIAN)
            expected[i] *= (structure if scale < 4 else whole) ** exponent
        triple = [averaged(image) for image in triple]
    found = evaluate(*images(shape), metrics=["MS-SSIM"])["MS-SSIM"]
    assert found == pytest.approx(np.mean(expected), rel=1e-5)


@pytest.mark.parametrize("seed", range(5))
def test_a_copy_of_both_sources_is_perfect(seed):
    image = images((176, 180), seed)[0]
    found = evaluate(image, image, image, metrics=ALL)
    assert (found["Nabf"], found["Qcv"]) == (0, 0)
    assert found["Qcb"] == pytest.approx(1)
    assert found["MS-SSIM"] == pytest.approx(1)
    assert found["FMI"] == 1


def test_noise_adds_artifacts_and_visible_difference_and_keeps_less_contrast():
    fused, ir, vis = images((176, 180))
    noise = np.random.default_rng(0).normal(scale=12, size=fused.shape)
    noisy = np.clip(fused + noise, 0, 255).astype(np.uint8)
    before, after = (evaluate(one, ir, vis, metrics=ALL) for one in (fused, noisy))
    assert after["Nabf"] > before["Nabf"]
    assert after["MS-SSIM"] < before["MS-SSIM"]
    assert after["Qcb"] < before["Qcb"]
    assert after["FMI"] < before["FMI"]


def test_a_reversed_image_has_no_structure_in_common():
    ir = images((176, 180))[1]
    assert evaluate(255 - ir, ir, ir, metrics=["MS-SSIM"])["MS-SSIM"] == 0


def test_constant_images_give_the_documented_values():
    flat = np.full((176, 176), 7, np.uint8)
    found = evaluate(flat, flat, flat, metrics=ALL)
    assert (found["Nabf"], found["Qcv"], found["Qcb"]) == (0, 0, 1)


def test_names_are_one_list_in_code_and_params():
    assert get_args(Metric) == ALL
    assert ALL[: len(NAMES)] == NAMES
    assert EvaluationParams().metrics == NAMES
    assert set(ALL) >= LOWER_IS_BETTER


def test_each_metric_is_computed_alone_as_among_all():
    triple = images((176, 180))
    for convention in ("evaluator", "paper"):
        together = evaluate(*triple, convention, ALL)
        assert tuple(together) == ALL
        for name in ALL:
            assert evaluate(*triple, convention, [name]) == {name: together[name]}


def test_what_cannot_be_computed_is_one_line():
    small = images((100, 176))
    with pytest.raises(UserError, match=r"too small: ir 100×176 .* MS-SSIM needs 176×176"):
        evaluate(*small, metrics=["SD", "MS-SSIM"])
    with pytest.raises(UserError, match="metric 'Qxy'; allowed are SD, "):
        evaluate(*small, metrics=["Qxy"])
