"""What the page says of the run in words, apart from the verdict."""

from __future__ import annotations

from pipeline.report.collected import Results
from pipeline.report.page import gallery


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
    if results.segmented:
        measure = "the share of pixels that the inputs' networks do not all give the same class"
    else:
        measure = "the mean range of the methods' luminance, in gray levels"
    return gallery.note(shown, len(results.test), measure)
