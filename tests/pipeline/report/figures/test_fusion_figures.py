"""Figures of fusion quality: what is in them, and where they look."""

import numpy as np
import pandas as pd
import pytest
from scipy import ndimage

from pipeline import params
from pipeline.images.pixels import write_png
from pipeline.report.collected import Results
from pipeline.report.figures import fusion as fusion_part
from pipeline.report.figures.distributions import distributions
from pipeline.report.figures.zoom import (
    Box,
    differing_box,
    most_differing,
    rank_plot,
    zoomed,
)


@pytest.fixture
def frames():
    rng = np.random.default_rng(0)
    return {
        method: pd.DataFrame(
            {"name": list("abcde"), "SD": rng.normal(m, 0.1, 5), "MSE": rng.normal(m, 0.1, 5)}
        )
        for m, method in enumerate(("low", "mid", "high"))
    }


def test_distributions_have_a_panel_for_each_metric_and_every_method(frames):
    figure = distributions(frames)
    assert [axes.get_title() for axes in figure.axes] == ["SD", "MSE"]
    labels = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert labels == ["low", "mid", "high"]


def test_rank_plot_draws_the_places(frames):
    axes = rank_plot(frames).axes[0]
    lines = {line.get_label(): line.get_ydata().tolist() for line in axes.get_lines()}
    # SD: high is best; MSE: low is best.
    assert lines == {"low: 4": [3, 1], "mid: 4": [2, 2], "high: 4": [1, 3]}
    assert axes.get_ylim()[0] > axes.get_ylim()[1]  # place 1 on top


@pytest.fixture
def folders(tmp_path):
    """Two folders that are equal in `same`, differ a little in `bit` and much in `lot`."""
    rng = np.random.default_rng(0)
    one, other = tmp_path / "one", tmp_path / "other"
    for name, change in (("same", 0), ("bit", 20), ("lot", 90)):
        image = rng.integers(0, 150, (60, 80), dtype=np.uint8)
        write_png(one / f"{name}.png", image)
        changed = image.copy()
        changed[37:50, 51:69] += change
        write_png(other / f"{name}.png", changed)
    return one, other


def test_most_differing_images_come_first(folders):
    assert most_differing(*folders, ["same", "bit", "lot"], count=2) == ["lot", "bit"]


def test_the_box_is_where_the_mean_difference_is_largest(folders, tmp_path):
    one, other = (folder / "lot.png" for folder in folders)
    box = differing_box(one, other)
    assert box == Box(37, 51, 13, 18)  # 22 % of each side, as large as the change
    noise = np.random.default_rng(1).integers(0, 255, (2, 41, 57), dtype=np.uint8)
    paths = [tmp_path / "a.png", tmp_path / "b.png"]
    for path, image in zip(paths, noise, strict=True):
        write_png(path, image)
    found = differing_box(*paths)
    change = np.abs(noise[0].astype(float) - noise[1])
    means = np.lib.stride_tricks.sliding_window_view(change, found[2:]).mean((2, 3))
    assert means[found.top, found.left] == pytest.approx(means.max(), rel=1e-5)


def test_zoomed_shows_each_picture_and_its_part():
    image = np.arange(60 * 80, dtype=np.uint32).reshape(60, 80).astype(np.uint8)
    colour = np.stack([image] * 3, axis=-1)
    box = Box(5, 7, 12, 20)
    row = {"VIS": colour, "IR": image, "ours": ndimage.rotate(colour, 180)}
    figure = zoomed({"x": row, "y": row}, {"x": box, "y": box})
    assert len(figure.axes) == 6
    assert [axes.get_title() for axes in figure.axes[:3]] == ["VIS", "IR", "ours"]
    inset = figure.axes[1].child_axes[0].get_images()[0].get_array()
    np.testing.assert_array_equal(inset, image[5:17, 7:27])


def test_the_report_shows_the_two_methods_first_in_the_rank_sum(tmp_path, monkeypatch, frames):
    monkeypatch.chdir(tmp_path)
    given = params.Params.model_validate(
        {"fusion": {"methods": {key: {} for key in ("ir", *frames)}}}
    )
    manifest = pd.DataFrame({"name": list("abcde")})
    results = Results(given, ["ir", *frames], manifest, fusion=dict(frames))
    rng = np.random.default_rng(0)
    for name in manifest["name"]:
        for kind in ("ir", "vi"):
            write_png(f"data/demo/test/{kind}/{name}.png", np.zeros((48, 64), np.uint8))
        for method in ("low", "high"):  # `mid` has no images here
            image = rng.integers(0, 255, (48, 64, 3), dtype=np.uint8)
            write_png(f"artifacts/fused/{method}/test/{name}.png", image)
    (picture,) = fusion_part.differing(results.test_pairs, "all")
    assert "the fused images of low and high" in picture.alt
    assert picture.themes["light"][:4] == b"\x89PNG"
    assert [one.name for one in fusion_part.ranks(results.test_pairs, "all")] == ["fusion_ranks"]
