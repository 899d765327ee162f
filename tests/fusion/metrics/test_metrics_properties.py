"""What holds for any images: identity, symmetry, monotony, finite values, clear errors."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

from fusion.metrics import ALL, evaluate
from pipeline.stage.errors import UserError

CONVENTIONS = st.sampled_from(["evaluator", "paper"])
SIZES = st.tuples(st.integers(41, 56), st.integers(41, 56))
MOST = tuple(name for name in ALL if name != "MS-SSIM")
"""What images of those sizes are large enough for."""
OF_FUSED_ALONE = ("SD", "AG", "SF", "EN")


@st.composite
def image_triples(draw):
    """Three images of one size; small blocks of few levels, so that flat areas occur."""
    height, width = draw(SIZES)
    blocks = (-(-height // 8), -(-width // 8))
    return [
        np.kron(draw(hnp.arrays(np.uint8, blocks)), np.ones((8, 8), np.uint8))[:height, :width]
        for _ in range(3)
    ]


def textured(seed, shape=(128, 128)):
    """A smooth image with details at several scales, (H, W) float in about [30, 225]."""
    rng = np.random.default_rng(seed)
    total = sum(
        ndimage.gaussian_filter(rng.normal(size=shape), s) * s * scale
        for s, scale in ((1, 1), (3, 2), (8, 3))
    )
    return 30 + 195 * (total - total.min()) / np.ptp(total)


@settings(max_examples=40, deadline=None)
@given(image_triples(), CONVENTIONS)
def test_always_finite_and_in_range(images, convention):
    found = evaluate(*images, convention, MOST)
    assert tuple(found) == MOST
    assert np.isfinite(list(found.values())).all()
    low = dict.fromkeys(MOST, 0.0) | {"SCD": -2.0, "CC": -1.0, "SSIM": -1.0, "PSNR": -60.0}
    high = {"SD": 127.5, "EN": 8, "SCD": 2, "CC": 1, "SSIM": 1, "Qabf": 1, "NMI": 2, "FMI": 1}
    high |= {"AFM": 1, "Nabf": 1, "Qcb": 1, "PSNR": 100, "MSE": 255**2, "MI": 2 * np.log(256)}
    for name, value in found.items():
        assert low[name] - 1e-9 <= value <= high.get(name, np.inf) + 1e-6, name


@settings(max_examples=25, deadline=None)
@given(image_triples(), CONVENTIONS)
def test_sources_may_be_swapped(images, convention):
    fused, ir, vis = images
    swapped = evaluate(fused, vis, ir, convention, MOST)
    assert evaluate(fused, ir, vis, convention, MOST) == pytest.approx(swapped, rel=1e-9, abs=1e-12)


@settings(max_examples=25, deadline=None)
@given(image_triples(), CONVENTIONS)
def test_a_fused_image_that_equals_both_sources(images, convention):
    image = images[0]
    found = evaluate(image, image, image, convention)
    flat = np.ptp(image) == 0
    assert (found["MSE"], found["PSNR"]) == (0, 100)
    assert found["SSIM"] == pytest.approx(1)
    assert found["VIFF"] == pytest.approx(2)
    assert found["CC"] == pytest.approx(0 if flat else 1)
    assert found["NMI"] == pytest.approx(0 if flat else 2)
    assert found["MI"] == pytest.approx(2 * np.log(2) * found["EN"], abs=1e-9)
    assert found["SCD"] == 0  # F - VIS is constant


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255))
def test_constant_images_give_the_documented_values(fused, ir, vis):
    found = evaluate(*(np.full((41, 41), level, np.uint8) for level in (fused, ir, vis)))
    nothing = ("SD", "AG", "SF", "SCD", "EN", "MI", "NMI", "CC")
    assert [found[name] for name in nothing] == [0] * len(nothing)
    assert found["VIFF"] == 2  # flat sources have nothing to lose


def test_constant_images_share_nothing_at_any_size():
    sizes = [(rows, columns) for rows in range(40, 50) for columns in range(50, 60)]
    flat = [np.full(size, 7, np.uint8) for size in sizes]
    found = [evaluate(one, one, one, metrics=["EN", "MI", "NMI"]) for one in flat]
    assert [set(values.values()) for values in found] == [{0.0}] * len(sizes)


def test_one_constant_image_leaves_the_other_terms():
    a = textured(0).round()
    flat = np.full_like(a, 90)
    assert evaluate(a, a, flat)["CC"] == pytest.approx(0.5)
    assert evaluate(a, a, flat)["VIFF"] == pytest.approx(2)
    assert evaluate(flat, a, a)["VIFF"] == 0
    assert evaluate(np.zeros_like(a), np.zeros_like(a), np.zeros_like(a))["Qabf"] == 0


SOURCE_METRICS = ("VIFF", "SSIM", "MI", "NMI", "Qabf", "CC", "PSNR", "FMI", "AFM")


@pytest.mark.parametrize("convention", ["evaluator", "paper"])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_noise_lowers_what_is_shared_with_the_sources(seed, convention):
    image = textured(seed)
    noise = np.random.default_rng(seed).normal(size=image.shape)
    steps = [
        evaluate(np.clip(image + s * noise, 0, 255), image, image, convention, MOST)
        for s in (0, 4, 12, 30)
    ]
    for name in SOURCE_METRICS:
        assert np.all(np.diff([step[name] for step in steps]) < 0), name
    assert np.all(np.diff([step["MSE"] for step in steps]) > 0)


@pytest.mark.parametrize("convention", ["evaluator", "paper"])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_blur_lowers_detail_and_fidelity(seed, convention):
    image = textured(seed).round()
    steps = [image, *(cv2.GaussianBlur(image, (0, 0), s) for s in (0.8, 1.6, 3.2))]
    found = [evaluate(step, image, image, convention) for step in steps]
    for name in ("AG", "SF", "SD", "VIFF", "SSIM", "MI", "CC", "PSNR"):
        assert np.all(np.diff([one[name] for one in found]) < 0), name


def test_metrics_of_the_fused_image_alone_ignore_the_sources():
    fused, one, other = (textured(seed) for seed in range(3))
    first, second = evaluate(fused, one, one), evaluate(fused, other, one)
    assert [first[name] for name in OF_FUSED_ALONE] == [second[name] for name in OF_FUSED_ALONE]


def test_sizes_that_differ_are_both_named():
    with pytest.raises(UserError, match=r"ir 48×64 and fused 64×48"):
        evaluate(np.zeros((64, 48)), np.zeros((48, 64)), np.zeros((48, 64)))
    with pytest.raises(UserError, match=r"ir 48×64 and vis 48×65"):
        evaluate(np.zeros((48, 64)), np.zeros((48, 64)), np.zeros((48, 65)))


def test_images_below_the_window_of_viff_name_the_minimum():
    with pytest.raises(UserError, match=r"40×64.*41×41"):
        evaluate(*[np.zeros((40, 64))] * 3)
    assert evaluate(*[np.zeros((41, 41))] * 3)["VIFF"] == 2


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (np.full((48, 48), 256.0), "allowed are 0 to 255"),
        (np.full((48, 48), -1), "allowed are 0 to 255"),
        (np.full((48, 48), np.nan), "allowed are 0 to 255"),
        (np.zeros((48, 48, 4)), r"\(48, 48, 4\)"),
        (np.zeros(48), r"\(48,\)"),
    ],
)
def test_what_is_not_an_image_is_refused(bad, message):
    good = np.zeros((48, 48))
    with pytest.raises(UserError, match=f"fused: .*{message}"):
        evaluate(bad, good, good)


def test_unknown_convention_names_the_known_ones():
    with pytest.raises(UserError, match="'matlab'; allowed are evaluator, paper"):
        evaluate(*[np.zeros((48, 48))] * 3, "matlab")
