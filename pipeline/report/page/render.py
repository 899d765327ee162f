"""A page: one HTML file with everything in it, made from the template in `html/`."""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import Any

import jinja2

from pipeline.report.figures.picture import Picture
from pipeline.report.page import encode
from pipeline.report.page.html import FILES
from pipeline.report.tables import formats
from pipeline.report.tables.table import Cell, Column, Table

_SECTIONS = (
    ("segmentation", "Segmentation", "verdict"),
    ("survival", "Other networks", "survival"),
    ("one-for-all", "One for all", "for_all"),
    ("gallery", "Gallery", "gallery"),
    ("ir-persons", "Only in IR", "ir_persons"),
    ("fusion", "Fusion metrics", "fusion_tables"),
    ("prediction", "Prediction", "predictions"),
    ("cost", "Cost", "cost"),
    ("confusion", "Confusion", "confusions"),
    ("curves", "Training", "curves"),
    ("runs", "MLflow", "tracking"),
)

_ABSENT: dict[str, Any] = {
    "verdict": "", "contrast": "", "headline": None, "left_out": {}, "segmentation_figures": [],
    "day_night": None, "survival": None, "for_all": None, "gallery": None, "legend": [],
    "fusion_tables": [], "heatmaps": [], "fusion_figures": [], "cost": None, "confusions": [],
    "curves": [], "tracking": None, "predictions": None, "by_class": None, "pareto": [],
    "ir_persons": None,
}  # fmt: skip
"""What a page has not, unless it is given."""


def _shown(picture: Picture) -> dict[str, Any]:
    """What the template needs; the size keeps the page from jumping while it loads."""
    width, height = struct.unpack(">II", picture.themes["light"][16:24])  # PNG's header
    uris = {theme: encode.figure(png) for theme, png in picture.themes.items()}
    shape = "wide" if picture.wide else "plain"
    return {
        **uris, "alt": picture.alt, "caption": picture.caption, "shape": shape,
        "width": width // 2, "height": height // 2,
    }  # fmt: skip


def _parts(column: Column, cell: Cell) -> tuple[str, str]:
    """A cell's value and its spread, printed."""
    value, _, spread = column.text(cell).partition(" ")
    return value, spread


def _downloads(table: Table) -> dict[str, str]:
    """The measured rows in three formats as URIs, by file extension."""
    table = replace(table, rows=[row for row in table.rows if not row.published])
    csv = formats.to_frame(table).to_csv(index=False)
    texts = {"csv": csv, "md": formats.to_markdown(table), "tex": formats.to_latex(table)}
    return {kind: encode.data_uri(text.encode(), "text/plain") for kind, text in texts.items()}


def environment() -> jinja2.Environment:
    """Where the templates of `html/` are; text is escaped, and a forgotten name is an error."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(FILES), autoescape=True, undefined=jinja2.StrictUndefined
    )


def styled(*scripts: str) -> dict[str, Any]:
    """What every page's template needs: style, scripts for tables and more, and its functions."""
    sources = [(FILES / name).read_text("utf-8") for name in ("tables.js", *scripts)]
    return {
        "style": jinja2.utils.markupsafe.Markup((FILES / "style.css").read_text("utf-8")),
        "script": jinja2.utils.markupsafe.Markup("\n".join(sources)),
        "arrow": formats.arrow,
        "parts": _parts,
        "downloads": _downloads,
        "shown": _shown,
    }


def render(content: dict[str, Any]) -> str:
    """The page as HTML.

    Args:
        content: by the template's names: `title`, `facts`, `made_by` (a command) and `folder` (of
            the files), and of tables, pictures, gallery and links what the page has; with a
            gallery also `gallery_note`, `gallery_groups` and `legend`.
    """
    content = _ABSENT | content
    if content["gallery"] and not content["gallery"]["items"]:
        content["gallery"] = None
    return (
        environment()
        .get_template("index.html.j2")
        .render(
            sections=[(anchor, title) for anchor, title, key in _SECTIONS if content[key]],
            **styled("gallery.js"),
            **content,
        )
    )
