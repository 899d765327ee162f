"""By day and by night apart: the mIoU of each input, and how far it is from that of VIS."""

from __future__ import annotations

import numpy as np

from pipeline.report.collected import Results, Segmented
from pipeline.report.statistics.bootstrap import Resampled, resample
from pipeline.report.statistics.judges import Judge, draws_of
from pipeline.report.tables.segmentation import differences, seeds_of, spread
from pipeline.report.tables.table import Cell, Column, Row, Table

PARTS = ("day", "night")


def _over_seeds(segmented: Segmented, part: str) -> Cell:
    """Mean and sample std over seeds of the mIoU by day or by night, percent."""
    values = [(seed.get(part) or {}).get("miou") for seed in segmented.scores["per_seed"].values()]
    known = [100 * value for value in values if value is not None]
    if not known:
        return Cell()
    return Cell(float(np.mean(known)), float(np.std(known, ddof=1)) if len(known) > 1 else None)


def _resampled(results: Results, judge: Judge, part: str) -> dict[str, Resampled]:
    """The mIoU of each input in draws of the images by day alone, or by night; {} without any."""
    names = next(iter(judge.segmented.values())).names
    times = dict(zip(results.test["name"], results.test["day_night"], strict=True))
    places = [place for place, name in enumerate(names) if times[name] == part]
    if not places:
        return {}
    draws = draws_of(results, [names[place] for place in places])
    segmented = judge.segmented.items()
    return {name: resample(one.confusion[:, places], draws) for name, one in segmented}


def _against_vis(resampled: dict[str, Resampled]) -> dict[str, Cell]:
    found = {name: differences(resampled, name).get("delta_vis") for name in resampled}
    return {name: cell for name, cell in found.items() if cell}


def _columns(against: dict[str, dict[str, Cell]]) -> list[Column]:
    return [
        *(Column(f"miou_{part}", f"mIoU {part}") for part in PARTS),
        Column("miou", "mIoU all"),
        Column("pixel_accuracy", "Pixel accuracy"),
        *(
            Column(
                f"delta_vis_{part}",
                f"Δ VIS {part}",
                better="",
                signed=True,
                hint=f"mIoU by {part} minus that of VIS, with its 95 % interval",
            )
            for part in PARTS
            if against[part]
        ),
    ]


def day_night(results: Results, judge: Judge) -> Table:
    """The mIoU by day, by night and over all images, pixel accuracy, and differences to VIS.

    Args:
        results: for the time of each test image, and its twins.
        judge: the main network, trained on each input.
    """
    against = {part: _against_vis(_resampled(results, judge, part)) for part in PARTS}
    rows = []
    for name, segmented in judge.segmented.items():
        cells = {f"miou_{part}": _over_seeds(segmented, part) for part in PARTS}
        cells |= {key: spread(segmented.scores, key) for key in ("miou", "pixel_accuracy")}
        cells |= {f"delta_vis_{part}": against[part].get(name, Cell()) for part in PARTS}
        rows.append(Row(name, cells))
    counts = results.test["day_night"].value_counts()
    delta = (
        " Δ: difference of mIoU in points, with the 95 % interval of a paired bootstrap over "
        "the test images of that time and seeds."
    )
    caption = (
        f"mIoU on the {counts.get('day', 0)} test images by day and the {counts.get('night', 0)} "
        f"by night apart, and pixel accuracy, percent, {seeds_of(judge.segmented)}."
        f"{delta * any(against.values())}"
    )
    return Table("day_night", caption, "Input", _columns(against), rows)
