"""Test pairs and what was fused of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pipeline.images.pixels import Uint8, read_gray, read_rgb


@dataclass(frozen=True)
class PairSet:
    """Test pairs, what each method made of them, and how that was judged.

    Attributes:
        name: of the data set or task.
        names: of the pairs.
        sources: folder with NAME.png of both sources, by their titles; the coloured one first.
        fused: folder with NAME.png of each method that fuses.
        metrics: of each pair, columns `name` and one per metric, by method.
        suffix: of figures' files; '' where a report has one set alone.
    """

    name: str
    names: list[str]
    sources: dict[str, Path]
    fused: dict[str, Path]
    metrics: dict[str, pd.DataFrame]
    suffix: str = ""

    @property
    def fused_metrics(self) -> dict[str, pd.DataFrame]:
        """`metrics` of the methods that fuse, in their order."""
        return {method: self.metrics[method] for method in self.fused if method in self.metrics}

    def pictures(self, name: str) -> dict[str, Uint8]:
        """Both sources of one pair by title, and what there is of each method's fused images."""
        color, gray = (folder / f"{name}.png" for folder in self.sources.values())
        titles = list(self.sources)
        files = {method: folder / f"{name}.png" for method, folder in self.fused.items()}
        return {titles[0]: read_rgb(color), titles[1]: read_gray(gray)} | {
            method: read_rgb(file) for method, file in files.items() if file.is_file()
        }
