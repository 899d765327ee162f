"""One picture of a few test images as papers print them: sources, fused, label, predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.data.pairs import image_path
from pipeline.images.palette import colorize
from pipeline.images.pixels import Uint8, read_gray, read_rgb
from pipeline.report.collected import SOURCES, Results
from pipeline.results import paths

if TYPE_CHECKING:
    from matplotlib.figure import Figure

EACH = 2


def best_fused(results: Results) -> str | None:
    """The fused input with the highest mIoU; without segmentation the first method that fuses."""
    judged = {
        name: segmented.scores["mean"]["miou"]
        for name, segmented in results.segmented.items()
        if name in results.fused
    }
    if judged:
        return max(judged, key=lambda name: judged[name])
    return results.fused[0] if results.fused else None


def choose(results: Results, disagreement: dict[str, float]) -> list[str]:
    """Images of the largest disagreement: `EACH` by day, `EACH` by night, never by who wins."""
    chosen: list[str] = []
    for _, group in results.test.groupby("day_night", sort=True):
        ordered = sorted(group["name"], key=lambda name: (-disagreement[name], name))
        chosen += ordered[:EACH]
    return chosen


def pictures_of(results: Results, name: str, fused: str | None) -> dict[str, Uint8]:
    """Sources, fused image, label and predictions of one test image, by their column's heading."""
    data = results.params.data.directory
    row = {
        "VIS": read_rgb(image_path(data, "test", "vi", name)),
        "IR": read_gray(image_path(data, "test", "ir", name)),
    }
    if fused is not None and paths.fused_image(fused, "test", name).is_file():
        row[f"fused ({fused})"] = read_rgb(paths.fused_image(fused, "test", name))
    if not results.segmented:
        return row
    label, colours = results.label(name), results.colours
    row["label"] = colorize(label, colours)
    for one in (*SOURCES, fused):
        if one in results.segmented:
            title = f"prediction ({one if one == fused else str(one).upper()})"
            row[title] = colorize(results.predicted(str(one), name, label), colours)
    return row


def draw(results: Results, names: list[str]) -> Figure:
    """Rows `names`, columns VIS, IR, best fused, label, predictions from IR, VIS and fused."""
    from matplotlib import pyplot as plt
    from matplotlib.patches import Patch

    rows = [pictures_of(results, name, best_fused(results)) for name in names]
    titles = list(rows[0])
    height, width = rows[0]["IR"].shape[:2]
    cell = 1.9
    figure, grid = plt.subplots(
        len(rows), len(titles), squeeze=False, layout="constrained",
        figsize=(cell * len(titles), cell * height / width * len(rows) + 0.5),
    )  # fmt: skip
    for line, (name, row) in enumerate(zip(names, rows, strict=True)):
        for axes, title in zip(grid[line], titles, strict=True):
            axes.set_axis_off()
            if title in row:
                axes.imshow(row[title], cmap="gray", vmin=0, vmax=255)
            if line == 0:
                axes.set_title(title, fontsize=10)
        grid[line][0].text(
            -0.03, 0.5, name, rotation=90, ha="right", va="center", fontsize=9,
            transform=grid[line][0].transAxes,
        )  # fmt: skip
    if results.segmented:
        named = zip(results.colours / 255, results.classes, strict=True)
        handles = [Patch(color=colour, label=name) for colour, name in named]
        figure.legend(handles=handles, loc="outside lower center", ncols=9, fontsize=10)
    return figure
