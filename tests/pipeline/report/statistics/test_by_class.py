"""Intervals of single classes, against a bootstrap written out image by image."""

import numpy as np
import pytest

from pipeline.report.statistics.bootstrap import Draws, resample
from pipeline.report.statistics.by_class import ByClass, difference, spreads
from pipeline.report.statistics.by_class import resample as by_class
from pipeline.report.tables.parts.by_class import difference_table, iou_table
from pipeline.results.iou import iou

CLASSES = ["ground", "car", "person", "never"]


def confusions(seed: int, seeds: int = 2, images: int = 6) -> np.ndarray:
    """Counts of four classes, the last of which no truth has; cars are in the first images only."""
    counts = np.random.default_rng(seed).integers(1, 60, (seeds, images, 4, 4))
    counts[:, :, 3] = 0
    counts[:, 2:, 1] = 0
    return counts


def test_each_draw_is_the_iou_of_its_images_added_up() -> None:
    counts, draws = confusions(0), Draws(6, count=40, seed=3)
    found = by_class(counts, draws)
    weights, of_seeds = draws.of_images(), draws.of_seeds(2)
    for draw in range(40):
        each = []
        for one in counts:
            added = sum(int(w) * image for w, image in zip(weights[draw], one, strict=True))
            each.append(iou(added))
        expected = sum(w * x for w, x in zip(of_seeds[draw], each, strict=True))
        np.testing.assert_allclose(found.drawn[draw], expected)
    np.testing.assert_allclose(found.measured, np.mean([iou(one.sum(0)) for one in counts], 0))


def test_where_every_draw_has_all_classes_their_mean_is_the_miou() -> None:
    counts = np.random.default_rng(1).integers(1, 60, (3, 5, 4, 4))
    draws = Draws(5, count=200)
    found = by_class(counts, draws)
    np.testing.assert_allclose(found.drawn.mean(axis=1), resample(counts, draws).drawn)


def test_intervals_are_over_the_draws_that_show_the_class() -> None:
    found = by_class(confusions(0), Draws(6, count=500))
    without_cars = np.isnan(found.drawn[:, 1])
    assert 0 < without_cars.sum() < 500  # four of six images show none
    *known, never = spreads(found)
    assert never is None
    for number, spread in enumerate(known):
        seen = found.drawn[~np.isnan(found.drawn[:, number]), number]
        low, high = np.percentile(seen, [2.5, 97.5])
        assert spread == pytest.approx((found.measured[number], low, high))


def test_a_difference_is_paired() -> None:
    """An input that is ahead by the same in every draw has no interval around it."""
    found = by_class(confusions(2), Draws(6, count=100))
    ahead = ByClass(found.measured + 0.03, found.drawn + 0.03)
    for spread in spreads(difference(ahead, found))[:3]:
        assert spread == pytest.approx((0.03, 0.03, 0.03))


def test_tables_show_what_was_seen_and_no_camera_against_itself() -> None:
    draws = Draws(6, count=100)
    found = {name: by_class(confusions(i), draws) for i, name in enumerate(("vis", "ir", "mine"))}
    table = iou_table(found, CLASSES, "here")
    assert [column.key for column in table.columns] == ["ground", "car", "person"]
    against = difference_table(found, CLASSES, "vis", "here")
    assert [row.label for row in against.rows] == ["ir", "mine"]
    rows = {row.label: row.cells for row in table.rows}
    for row in against.rows:
        for key, cell in row.cells.items():
            gain = rows[row.label][key].value - rows["vis"][key].value
            assert cell.value == pytest.approx(gain)
            assert cell.interval[0] <= cell.value <= cell.interval[1]
