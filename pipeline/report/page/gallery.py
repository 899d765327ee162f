"""The gallery's content: for each test image every layer a reader can slide between."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pipeline.report.page import encode
from pipeline.report.pair_set import PairSet

BUDGET = 11_000_000
"""Characters of all encoded images: with the rest the page stays below 15 MB."""

Layer = dict[str, str]
Item = dict[str, Any]


def layers(sets: Sequence[PairSet]) -> list[Layer]:
    """What can be laid on either side of the slider: key, title and group."""
    colored, gray = (
        " or ".join(dict.fromkeys(titles))
        for titles in zip(*(pairs.sources for pairs in sets), strict=True)
    )
    methods = dict.fromkeys(method for pairs in sets for method in pairs.fused)
    return [
        {"key": "vis", "title": colored, "group": "Images"},
        {"key": "ir", "title": gray, "group": "Images"},
        *({"key": f"fused-{m}", "title": m, "group": "Fused"} for m in methods),
    ]


def item(pairs: PairSet, name: str, group: str, disagreement: float, unit: str) -> Item:
    """One test image with its sources and fused images; `group` is what it is sorted by."""
    colored, gray, *methods = pairs.pictures(name).items()
    pictures = {"vis": colored[1], "ir": gray[1]} | {f"fused-{m}": image for m, image in methods}
    return {
        "name": name,
        "group": group,
        "disagreement": disagreement,
        "measure": f"{disagreement:.1f} {unit}",
        "thumbnail": encode.photo(colored[1], longest=112, quality=60),
        "layers": {key: encode.photo(image) for key, image in pictures.items()},
        "scores": [],
    }


def fit(items: Iterable[Item], budget: int = BUDGET) -> list[Item]:
    """The first items, until their encoded size reaches `budget`; one at least."""
    chosen: list[Item] = []
    spent = 0
    for one in items:
        spent += sum(map(len, one["layers"].values())) + len(one["thumbnail"])
        if chosen and spent > budget:
            break
        chosen.append(one)
    return chosen


def note(shown: int, total: int, measure: str) -> str:
    """What the gallery holds, by what rule, and how it is used."""
    rule = f"disagreement, {measure}, whichever input it favours"
    if shown == total:
        which = f"All {total} test images, sorted by {rule}."
    else:
        which = (
            f"The {shown} of {total} test images with the largest {rule}; more would make the page "
            "too large."
        )
    return (
        f"{which} Choose a layer for either side and drag the divider, or move it with the arrow "
        "keys."
    )
