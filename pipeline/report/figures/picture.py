"""A figure as the report shows it: drawn in both themes, with its words."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.report.figures.style import Themes


@dataclass(frozen=True)
class Picture:
    """A figure in both themes, with what a reader who cannot see it is told.

    Attributes:
        name: of its file in `reports/figures`.
        themes: PNG files by theme, `light` and `dark`.
        alt: what it shows, in words.
        caption: how to read it.
        wide: scroll it sideways on a phone rather than shrink it.
    """

    name: str
    themes: Themes
    alt: str
    caption: str
    wide: bool = False
