"""Values against references: the golden file, other libraries, hand-computed cases."""

import cv2
import numpy as np
import pandas as pd
import pytest
from scipy import ndimage, stats
from sewar.full_ref import vifp
from sklearn.metrics import mutual_info_score, normalized_mutual_info_score
from torch import from_numpy
from torchmetrics.functional.image import structural_similarity_index_measure

from fusion.metrics import NAMES, Sources, evaluate, evaluate_many
from pipeline.images.pixels import read_gray, read_rgb


def _images(seed=0, shape=(64, 80)):
    """Three smooth, related images with some noise, as (H, W) uint8."""
    rng = np.random.default_rng(seed)
    base = ndimage.gaussian_filter(rng.normal(size=(3, *shape)), (0, 3, 3))
    base = (base - base.min()) / np.ptp(base) * 200 + 20
    ir, vis, other = base + rng.normal(scale=4, size=base.shape)
    fused = 0.5 * ir + 0.4 * vis + 0.1 * other
    return [np.clip(image, 0, 255).round().astype(np.uint8) for image in (fused, ir, vis)]


@pytest.fixture(scope="module")
def golden(shared_golden):
    return pd.read_csv(shared_golden / "msrs_subset_lkc_funet_metrics.csv")


@pytest.mark.parametrize("day_night", ["D", "N"])
def test_golden_values_of_the_shared_script_and_the_paper(golden, shared_data, day_night):
    chosen = golden[golden.name.str.contains(day_night)].iloc[:6]
    pairs = shared_data / "msrs-subset/test"
    for row in chosen.to_dict("records"):
        name = row.pop("name")
        sources = Sources(read_gray(pairs / "ir" / name), read_rgb(pairs / "vi" / name))
        fused = read_rgb(shared_data / "msrs-subset-fused/LKC-FUNet" / name)
        by_script = sources.evaluate(fused)
        by_script["SSIM"] *= 2  # the script sums where we average
        by_paper = sources.evaluate(fused, "paper")
        found = by_script | {f"{key}_paper": by_paper[key] for key in ("SF", "AG", "SSIM")}
        assert {key: found[key] for key in row} == pytest.approx(row, rel=1e-5), name


@pytest.mark.slow
def test_golden_values_of_all_images(golden, shared_data):
    pairs, folder = shared_data / "msrs-subset/test", shared_data / "msrs-subset-fused/LKC-FUNet"
    rows = []
    for name in golden.name:
        sources = Sources(read_gray(pairs / "ir" / name), read_rgb(pairs / "vi" / name))
        rows.append(sources.evaluate(read_rgb(folder / name), "paper"))
    found = pd.DataFrame(rows)
    same = [name for name in NAMES if name in golden and f"{name}_paper" not in golden]
    np.testing.assert_allclose(found[same], golden[same], rtol=1e-5)
    for name in ("SF", "AG", "SSIM"):
        np.testing.assert_allclose(found[name], golden[f"{name}_paper"], rtol=1e-5)


def test_viff_is_the_vifp_of_sewar():
    fused, ir, vis = _images()
    expected = vifp(ir, fused) + vifp(vis, fused)
    assert evaluate(fused, ir, vis)["VIFF"] == pytest.approx(expected, rel=1e-9)


def test_paper_ssim_is_that_of_torchmetrics():
    fused, ir, vis = (from_numpy(image[None, None].astype(float)) for image in _images())
    expected = []
    for source in (ir, vis):
        _, full = structural_similarity_index_measure(
            fused, source, sigma=1.5, data_range=255.0, return_full_image=True
        )
        expected.append(full[..., 5:-5, 5:-5].mean().item())  # the whole windows only
    assert evaluate(*_images(), "paper")["SSIM"] == pytest.approx(np.mean(expected), rel=1e-6)


def test_evaluator_ssim_by_explicit_windows():
    images = _images(shape=(41, 43))
    fused, *sources = (
        np.lib.stride_tricks.sliding_window_view(image.astype(float), (7, 7)).reshape(-1, 49)
        for image in images
    )
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    values = []
    for source in sources:
        covariance = ((fused - fused.mean(1, keepdims=True)) * source).sum(1) / 48
        means = fused.mean(1), source.mean(1)
        variances = fused.var(1, ddof=1) + source.var(1, ddof=1)
        values.append(
            ((2 * means[0] * means[1] + c1) * (2 * covariance + c2))
            / ((means[0] ** 2 + means[1] ** 2 + c1) * (variances + c2))
        )
    assert evaluate(*images)["SSIM"] == pytest.approx(np.mean(values), rel=1e-6)


def test_information_against_scipy_and_sklearn():
    fused, ir, vis = _images()
    found = evaluate(fused, ir, vis)
    counts = np.unique(fused, return_counts=True)[1]
    assert found["EN"] == pytest.approx(stats.entropy(counts, base=2))
    pairs = [(source.ravel(), fused.ravel()) for source in (ir, vis)]
    assert found["MI"] == pytest.approx(sum(mutual_info_score(*pair) for pair in pairs))
    expected = sum(normalized_mutual_info_score(*pair) for pair in pairs)
    assert found["NMI"] == pytest.approx(expected)


def test_correlations_and_errors_against_numpy():
    images = _images()
    fused, ir, vis = (image.astype(float) for image in images)
    found = evaluate(*images)

    def r(one, other):
        return stats.pearsonr(one.ravel(), other.ravel()).statistic

    error = (np.mean((fused - ir) ** 2) + np.mean((fused - vis) ** 2)) / 2
    assert found["SD"] == pytest.approx(fused.std())
    assert found["CC"] == pytest.approx((r(fused, ir) + r(fused, vis)) / 2)
    assert found["SCD"] == pytest.approx(r(ir, fused - vis) + r(vis, fused - ir))
    assert found["MSE"] == pytest.approx(error)
    assert found["PSNR"] == pytest.approx(10 * np.log10(fused.max() ** 2 / error))


@pytest.mark.parametrize("convention", ["evaluator", "paper"])
def test_sharpness_of_a_ramp_by_hand(convention):
    ramp = np.tile(2 * np.arange(50, dtype=np.uint8), (41, 1))  # 2 gray levels a column
    found = evaluate(ramp, ramp, ramp, convention)
    ag, sf = np.sqrt(2.0), 2.0
    if convention == "paper":
        ag, sf = ag * 41 * 50 / (40 * 49), sf * np.sqrt(49 / 50)
    assert (found["AG"], found["SF"]) == pytest.approx((ag, sf))


def test_qabf_of_a_copy_by_hand():
    # One vertical step of 100 between columns 24 and 25 on black, top and bottom rows cropped by
    # the zero border: every edge is kept, so each pixel scores the product of the two sigmoids.
    step = np.zeros((41, 50), np.uint8)
    step[:, 25:] = 100
    kept = 0.9994 / (1 + np.exp(-15 * (400 - 0.5))) * 0.9879 / (1 + np.exp(-22 * (1 - 0.8)))
    assert evaluate(step, step, step)["Qabf"] == pytest.approx(kept, rel=1e-5)


def test_rgb_is_opencv_gray_rounded():
    rgb = np.random.default_rng(1).integers(0, 256, (48, 48, 3), dtype=np.uint8)
    gray = np.round(cv2.cvtColor(rgb.astype(np.float32), cv2.COLOR_RGB2GRAY))
    _, ir, vis = _images(shape=(48, 48))
    assert evaluate(rgb, ir, vis) == evaluate(gray, ir, vis)
    assert evaluate(ir, rgb, vis) == evaluate(ir, gray, vis)


def test_many_is_the_same_as_one_by_one():
    fused, ir, vis = _images()
    others = [fused, ir, 255 - fused]
    found = evaluate_many(others, ir, vis, "paper")
    assert found == [evaluate(one, ir, vis, "paper") for one in others]
    assert all(tuple(one) == NAMES for one in found)
