"""How the report's figures look: one colour an input everywhere, a light and a dark theme."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pipeline.report.collected import SOURCES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Themes = dict[str, bytes]
"""A figure as PNG by theme: `light` for papers and the page, `dark` for the page."""

# Okabe and Ito's colours, told apart by readers with any colour vision; gray for the sources.
_SOURCE_COLOURS = ("#999999", "#5c5c5c")
_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#B0A000")
_INK = {"light": "#1c2024", "dark": "#e6e8eb"}
_GRID = {"light": "#d9dde2", "dark": "#3a4048"}
_DPI = 160


def colours(names: list[str]) -> dict[str, str]:
    """One colour a name; IR and VIS are gray, fused inputs coloured in their order."""
    fused = [name for name in names if name not in SOURCES]
    chosen = {name: _COLOURS[i % len(_COLOURS)] for i, name in enumerate(fused)}
    return dict(zip(SOURCES, _SOURCE_COLOURS, strict=True)) | chosen


def _settings(theme: str) -> dict[Any, Any]:
    ink = _INK[theme]
    keys = ("text.color", "axes.labelcolor", "axes.titlecolor", "xtick.color", "ytick.color")
    return dict.fromkeys(keys, ink) | {
        "axes.edgecolor": ink,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.facecolor": "none",
        "grid.color": _GRID[theme],
        "legend.frameon": False,
        "font.family": "sans-serif",
        "font.size": 9,
        "figure.facecolor": "white" if theme == "light" else "none",
    }


def themed(draw: Callable[..., Figure], *content: Any) -> Themes:
    """Draw the figure `draw(*content)` once in each theme."""
    import matplotlib as mpl
    from matplotlib import pyplot as plt

    pictures = {}
    for theme in ("light", "dark"):
        with mpl.rc_context(_settings(theme)):
            figure = draw(*content)
            buffer = io.BytesIO()
            # A fixed software tag: the same numbers give the same file.
            figure.savefig(
                buffer, dpi=_DPI, bbox_inches="tight", metadata={"Software": "matplotlib"}
            )
            plt.close(figure)
            pictures[theme] = buffer.getvalue()
    return pictures
