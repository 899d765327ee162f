"""Candidates for persons that only IR shows, on images where the answer is known by hand."""

import numpy as np
import pytest

from pipeline.images.pixels import IGNORED
from pipeline.report.statistics.ir_persons import Candidate, agreed, candidates, unlabelled

SHAPE = (96, 128)
ALL, PERSON = np.ones(SHAPE, bool), 2


def warm(height=12, width=5, gray=200):
    """A bright rectangle with its corner at row 40, column 60 on gray 50."""
    ir = np.full(SHAPE, 50, np.uint8)
    ir[40 : 40 + height, 60 : 60 + width] = gray
    return ir


def test_a_bright_standing_rectangle_is_one():
    """24 × 24 pixels around each of its 60 hold all of them: their mean is 50 + 150 · 60 / 576."""
    assert candidates(warm(), ALL, ALL) == [Candidate(40, 60, 12, 5, 150 - 150 * 60 / 576)]


@pytest.mark.parametrize(
    "ir",
    [
        warm(gray=82),  # 32 above the ground, 28.7 above the mean around
        warm(5, 12),  # lies
        warm(30, 5),  # a pole: six times as high as wide
        warm(2, 1),  # less than a fortieth of 96 rows
    ],
    ids=["dim", "lying", "pole", "tiny"],
)
def test_what_is_not_bright_or_not_shaped_so_is_none(ir):
    assert candidates(ir, ALL, ALL) == []


def test_what_does_not_fill_its_box_is_none():
    ir = warm(12, 8)
    ir[40:51, 61:68] = 50  # an L: 19 of 96 pixels
    assert candidates(ir, ALL, ALL) == []


@pytest.mark.parametrize(("columns", "count"), [(2, 0), (3, 1)])
def test_networks_see_half_of_it_at_least(columns, count):
    """36 of 60 pixels are enough, 24 are not."""
    seen = np.zeros(SHAPE, bool)
    seen[:, 60 : 60 + columns] = True
    assert len(candidates(warm(), seen, ALL)) == count


def test_one_labelled_pixel_in_it_is_too_many():
    free = ALL.copy()
    free[51, 64] = False
    assert candidates(warm(), ALL, free) == []


def test_unlabelled_is_what_has_no_label_and_no_labelled_person_beside_it():
    truth = np.zeros(SHAPE, np.uint8)
    truth[10, 10], truth[20, 20], truth[50, 70] = 1, IGNORED, PERSON
    expected = np.ones(SHAPE, bool)
    expected[10, 10] = False
    expected[49:52, 69:72] = False
    assert (unlabelled(truth, PERSON, background=0) == expected).all()
    # Where every thing has a label, as in FMB, ignored pixels alone have none.
    assert np.argwhere(unlabelled(truth, PERSON, background=None)).tolist() == [[20, 20]]


def test_ir_and_most_fused_inputs_see_it_and_vis_does_not():
    """Columns: all but VIS; VIS too; not IR; two of three fused; one of three; background."""
    says = {
        "ir": (2, 2, 0, 2, 2, 0),
        "vis": (0, 2, 0, 1, 0, 0),
        "a": (2, 2, 2, 2, 2, 0),
        "b": (2, 2, 2, 2, 0, 0),
        "c": (2, 2, 2, 1, 0, 0),
    }
    maps = {name: np.array([row], np.uint8) for name, row in says.items()}
    assert agreed(maps, PERSON).tolist() == [[True, False, False, True, False, False]]
    del maps["c"]  # one of two is not most
    assert agreed(maps, PERSON).tolist() == [[True, False, False, True, False, False]]
