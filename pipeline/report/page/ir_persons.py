"""The section on persons that only IR shows: ten candidates beside the rule that chose them."""

from __future__ import annotations

from typing import NamedTuple

from pipeline.data.pairs import image_path
from pipeline.images.pixels import read_gray, read_label
from pipeline.report.collected import SOURCES, Results
from pipeline.report.figures.examples import best_fused, pictures_of
from pipeline.report.figures.picture import Picture
from pipeline.report.figures.style import themed
from pipeline.report.figures.zoom import Box, zoomed
from pipeline.report.page.orders import Section
from pipeline.report.statistics.ir_persons import (
    BACKGROUND,
    PERSON,
    RULE,
    Candidate,
    agreed,
    candidates,
    unlabelled,
)
from pipeline.report.tables.table import Cell, Column, Row, Table

SHOWN = 10


class Found(NamedTuple):
    """A candidate and the test image that it is in."""

    image: str
    where: Candidate


def _missing(results: Results) -> str:
    """Why there is nothing to look for; '' where there is."""
    if PERSON not in results.classes:
        return f"the data set has no class {PERSON}"
    if not (results.test["day_night"] == "night").any():
        return "no test image is known to be of night"
    if not set(SOURCES) <= set(results.segmented) or len(results.segmented) == len(SOURCES):
        return "it takes results of IR, of VIS and of a fused input"
    return ""


def search(results: Results) -> list[Found]:
    """All candidates in the test images of night, the brightest against its surroundings first."""
    person = results.classes.index(PERSON)
    named = BACKGROUND in results.classes
    background = results.classes.index(BACKGROUND) if named else None
    found = []
    for name in results.test.loc[results.test["day_night"] == "night", "name"]:
        ir = read_gray(image_path(results.params.data.directory, "test", "ir", name))
        maps = {one: read_label(results.prediction(one, name)) for one in results.segmented}
        free = unlabelled(results.label(name), person, background)
        found += [Found(name, one) for one in candidates(ir, agreed(maps, person), free)]
    return sorted(found, key=lambda one: -one.where.brighter)


def _around(one: Candidate, height: int, width: int) -> Box:
    """The part of an image to magnify: a sixth of it or more, the candidate in its middle."""
    share = min(max(1 / 6, 2 * one.height / height, 2 * one.width / width), 1.0)
    rows, columns = round(share * height), round(share * width)
    top = min(max(one.top + (one.height - rows) // 2, 0), height - rows)
    left = min(max(one.left + (one.width - columns) // 2, 0), width - columns)
    return Box(top, left, rows, columns)


def _picture(results: Results, shown: list[Found]) -> Picture:
    fused = best_fused(results)
    rows = {
        f"{place}: {one.image}": pictures_of(results, one.image, fused)
        for place, one in enumerate(shown, 1)
    }
    boxes = {
        name: _around(one.where, *row["IR"].shape)
        for (name, row), one in zip(rows.items(), shown, strict=True)
    }
    return Picture(
        "ir_persons",
        themed(zoomed, rows, boxes),
        f"Test images {', '.join(one.image for one in shown)} with the part around each candidate "
        "magnified; where they are is in the table",
        "Each candidate in the middle of the magnified part, unless it is at the image's edge: "
        "what the cameras show, what is labelled, and what the networks take it for.",
        wide=True,
    )


def _table(shown: list[Found]) -> Table:
    columns = [
        Column(key, f"{key}, px", better="", decimals=0)
        for key in ("top", "left", "height", "width")
    ]
    columns.append(Column("brighter", "Brighter, gray levels", better="", decimals=0))
    rows = [
        Row(one.image, {key: Cell(float(value)) for key, value in one.where._asdict().items()})
        for one in shown
    ]
    caption = (
        "The candidates of the picture, from the brightest against its surroundings down. They are "
        "in no score: whether they are persons is for a reader to say."
    )
    return Table("ir_persons", caption, "Image", columns, rows)


def section(results: Results) -> Section:
    """Ten candidates at most and how they were chosen, or why there are none."""
    if not results.segmented:
        return Section()
    if missing := _missing(results):
        return Section(words=(f"Not looked for: {missing}.",))
    found = search(results)
    nights = int((results.test["day_night"] == "night").sum())
    shown = found[:SHOWN]
    counted = f"{len(found)} in the {nights} test images of night" + (
        f"; the {SHOWN} brightest are shown." if len(found) > SHOWN else "."
    )
    words = (RULE, f"Found: {counted} By the main network of the first seed.")
    if not shown:
        return Section(words=words)
    return Section([_table(shown)], [_picture(results, shown)], words)
