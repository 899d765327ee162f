"""The page: one HTML file with everything in it, made from the template in `html/`."""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import Any

import jinja2

from pipeline.images.palette import palette
from pipeline.report.collected import Results
from pipeline.report.figures.picture import Picture
from pipeline.report.page import encode
from pipeline.report.page.html import FILES
from pipeline.report.tables import formats
from pipeline.report.tables.table import Cell, Column, Table

_SECTIONS = (
    ("segmentation", "Segmentation", None),
    ("survival", "Other networks", "survival"),
    ("one-for-all", "One for all", "for_all"),
    ("gallery", "Gallery", None),
    ("fusion", "Fusion metrics", "fusion_tables"),
    ("cost", "Cost", "cost"),
    ("confusion", "Confusion", "confusions"),
    ("curves", "Training", "curves"),
    ("runs", "MLflow", None),
)


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


def facts(results: Results) -> str:
    """What the numbers below were measured on, in one line."""
    counts = results.test["day_night"].value_counts()
    times = [f"{counts[time]} by {time}" for time in ("day", "night") if time in counts]
    parts = [
        f"Data set {results.params.data.dataset}: {len(results.test)} test pairs"
        + (f" ({', '.join(times)})" if times else ""),
        f"{len(results.fused)} fusion method{'s' * (len(results.fused) != 1)}",
    ]
    if results.segmented:
        segmentation = results.params.segmentation
        for network in segmentation.networks:
            chosen = segmentation.of(network)
            parts.append(f"{network} with {chosen.encoder}, {chosen.epochs} epochs")
        parts.append(f"seeds {', '.join(map(str, segmentation.seeds))}")
    return " · ".join([*parts, f"preset {results.params.preset}"])


def gallery_note(results: Results, shown: int) -> str:
    """What the gallery holds and what its order means."""
    total = len(results.test)
    which = f"All {total} test images" if shown == total else f"{shown} of {total} test images"
    if results.segmented:
        measure = "the share of pixels that the inputs' networks do not all give the same class"
    else:
        measure = "the mean range of the methods' luminance, in gray levels"
    limit = "" if shown == total else ", those with most of it; more would make the page too large"
    return (
        f"{which}, sorted by disagreement: {measure}{limit}. Choose a layer for either side and "
        "drag the divider, or move it with the arrow keys."
    )


def _legend(results: Results) -> list[tuple[str, str]]:
    if not results.has_labels:
        return []
    colours = palette(len(results.classes))
    return [
        (name, f"rgb({r} {g} {b})")
        for name, (r, g, b) in zip(results.classes, colours, strict=True)
    ]


def render(results: Results, content: dict[str, Any]) -> str:
    """The page as HTML.

    Args:
        results: what it reports on.
        content: tables, pictures and the gallery by the template's names.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FILES), autoescape=True, undefined=jinja2.StrictUndefined
    )
    present = {
        anchor: content[key] if key else True for anchor, _, key in _SECTIONS
    } | {"gallery": content["gallery"]["items"]}  # fmt: skip
    present |= {
        "survival": content["survival"].tables, "one-for-all": content["for_all"].tables
    }  # fmt: skip
    scripts = (FILES / "tables.js", FILES / "gallery.js")
    return environment.get_template("index.html.j2").render(
        dataset=results.params.data.dataset,
        facts=facts(results),
        gallery_note=gallery_note(results, len(content["gallery"]["items"])),
        has_day_night=results.test["day_night"].isin(["day", "night"]).any(),
        legend=_legend(results),
        left_out=results.left_out,
        sections=[(anchor, title) for anchor, title, _ in _SECTIONS if present[anchor]],
        style=jinja2.utils.markupsafe.Markup((FILES / "style.css").read_text("utf-8")),
        script=jinja2.utils.markupsafe.Markup("\n".join(s.read_text("utf-8") for s in scripts)),
        arrow=formats.arrow,
        parts=_parts,
        downloads=_downloads,
        shown=_shown,
        **content,
    )
