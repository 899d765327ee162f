"""Pictures of fusion quality: places in every metric, and the images where two methods differ."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from pipeline.images.pixels import Uint8, read_gray
from pipeline.params.fusion import Ranking
from pipeline.report.statistics.ranking import Frames, places, rank_sums

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Pictures = dict[str, Uint8]
"""(H, W) or (H, W, 3) images by the title of their column."""


class Box(NamedTuple):
    """A part of an image, pixels."""

    top: int
    left: int
    height: int
    width: int

    def of(self, image: Uint8) -> Uint8:
        """The part itself."""
        return image[self.top : self.top + self.height, self.left : self.left + self.width]


def rank_plot(
    frames: Frames, colours: dict[str, str] | None = None, ranking: Ranking = "all"
) -> Figure:
    """Draw each method's place in each metric, the best on top, with its rank sum at the end.

    Args:
        frames: metrics per image by method; `ir` and `vis` are left out.
        colours: of the methods; matplotlib's if None.
        ranking: which metrics the rank sum counts.
    """
    from matplotlib.figure import Figure

    place, total = places(frames), rank_sums(frames, ranking)
    figure = Figure(figsize=(1.5 + 0.6 * len(place.columns), 1.2 + 0.4 * len(place)))
    axes = figure.subplots()
    for method in sorted(place.index, key=lambda name: total[name]):
        colour = (colours or {}).get(method)
        label = f"{method}: {total[method]:g}"
        axes.plot(place.columns, place.loc[method], marker="o", label=label, color=colour)
    axes.set(ylabel="place", yticks=range(1, len(place) + 1), ylim=(len(place) + 0.4, 0.6))
    axes.grid(axis="y", alpha=0.4)
    axes.legend(title="rank sum", bbox_to_anchor=(1.01, 1), loc="upper left", frameon=False)
    figure.tight_layout()
    return figure


def _difference(one: Path, other: Path) -> np.ndarray:
    return np.abs(read_gray(one).astype(np.float32) - read_gray(other))


def most_differing(one: Path, other: Path, names: Sequence[str], count: int = 3) -> list[str]:
    """Names of the images with the largest mean difference of luminance between two folders.

    Args:
        one: folder of NAME.png.
        other: another folder of images of the same names and sizes.
        names: without extension.
        count: how many, the largest difference first.
    """

    def score(name: str) -> float:
        return float(_difference(one / f"{name}.png", other / f"{name}.png").mean())

    return sorted(names, key=lambda name: (-score(name), name))[:count]


def differing_box(one: Path, other: Path, share: float = 0.22) -> Box:
    """Where two images differ most: the window of `share` of their sides with the largest mean."""
    difference = _difference(one, other)
    height, width = (max(round(share * side), 8) for side in difference.shape)
    means = cv2.blur(difference, (width, height), anchor=(0, 0))
    whole = means[: difference.shape[0] - height + 1, : difference.shape[1] - width + 1]
    top, left = np.unravel_index(int(whole.argmax()), whole.shape)
    return Box(int(top), int(left), height, width)


def _panel(axes: Axes, image: Uint8, box: Box) -> None:
    """One image with its box, and the box's content magnified in the corner away from it."""
    from matplotlib.patches import Rectangle

    axes.imshow(image, cmap="gray", vmin=0, vmax=255)
    axes.add_patch(
        Rectangle((box.left, box.top), box.width, box.height, fill=False, color="red", lw=1)
    )
    right = box.left + box.width / 2 < image.shape[1] / 2
    below = box.top + box.height / 2 < image.shape[0] / 2
    inset = axes.inset_axes((0.52 if right else 0.0, 0.0 if below else 0.52, 0.48, 0.48))
    inset.imshow(box.of(image), cmap="gray", vmin=0, vmax=255)
    inset.set(xticks=[], yticks=[])
    inset.spines[:].set(color="red", linewidth=1.5, visible=True)
    axes.set_axis_off()


def zoomed(rows: dict[str, Pictures], boxes: dict[str, Box]) -> Figure:
    """Draw images side by side with one part of each magnified, as papers print them.

    Args:
        rows: pictures by image name, all with the same titles: sources first, then methods.
        boxes: the part to magnify, by image name.
    """
    from matplotlib.figure import Figure

    titles = list(next(iter(rows.values())))
    height, width = next(iter(next(iter(rows.values())).values())).shape[:2]
    size = (2.2 * len(titles), 2.2 * height / width * len(rows) + 0.4)
    figure = Figure(figsize=size, layout="constrained")
    grid = figure.subplots(len(rows), len(titles), squeeze=False)
    for line, (name, pictures) in zip(grid, rows.items(), strict=True):
        for axes, title in zip(line, titles, strict=True):
            _panel(axes, pictures[title], boxes[name])
        line[0].text(
            -0.03, 0.5, name, rotation=90, ha="right", va="center", fontsize=8,
            transform=line[0].transAxes,
        )  # fmt: skip
    for axes, title in zip(grid[0], titles, strict=True):
        axes.set_title(title, fontsize=9)
    return figure
