"""Stage `report_medical`: all methods on all tasks, as LKC-FUNet's Tables 4 and 7 and Figure 12.

`python -m fusion.medical.report TABLE` writes `reports_medical/TABLE/`: tables, figures and a page
with the images, as the report of infrared and visible images.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from fusion.medical import collected, tasks
from pipeline import tracking
from pipeline.images.whole import write_text
from pipeline.params import MedicalParams, Params, load_medical
from pipeline.report import files
from pipeline.report.collected import SOURCES
from pipeline.report.figures import fusion
from pipeline.report.figures.significance import comparisons, heatmaps
from pipeline.report.page import gallery
from pipeline.report.page.links import links_of
from pipeline.report.page.render import render
from pipeline.report.pair_set import PairSet
from pipeline.report.statistics.disagreement import of_fused
from pipeline.report.tables.cost import plain, table_7
from pipeline.report.tables.formats import to_markdown
from pipeline.report.tables.side_by_side import rank_cells, side_by_side
from pipeline.stage.command import stage
from pipeline.stage.errors import UserError

OUT = Path("reports_medical")
STAGES = ("evaluate_medical",)


def _metrics(medical: MedicalParams, table: str) -> Sequence[str]:
    """Those that the table shows. Raises UserError for a table that cannot be."""
    shown = medical.tables.get(table, ())
    if not shown or not medical.tasks or set(shown) - set(medical.metrics):
        raise UserError(
            f"medical/params.yaml: tables.{table}: {list(shown)} of {len(medical.tasks)} tasks; "
            f"allowed are at least one task, and metrics of {', '.join(medical.metrics)}"
        )
    return shown


def _items(sets: Sequence[PairSet]) -> Iterator[gallery.Item]:
    """Test images of all tasks, those first on which the methods differ most."""
    measured = [(value, pairs, name) for pairs in sets for name, value in of_fused(pairs).items()]
    for value, pairs, name in sorted(measured, key=lambda one: (-one[0], one[1].name, one[2])):
        yield gallery.item(pairs, name, pairs.name, value, "gray levels")


def _tables(medical: MedicalParams, table: str, sets: Sequence[PairSet]) -> dict[str, Any]:
    """The table that was asked for, and Table 7: cost, and rank sums of each task."""
    measured = {pairs.name: pairs.metrics for pairs in sets}
    every = {pairs.name: pairs.metrics for pairs in _all_metrics(medical)}
    shown = side_by_side(table, measured, medical.tables[table], medical.convention, "4")
    sums, words = rank_cells(every, medical.ranking)
    fusing = [method for method in medical.methods if method not in SOURCES]
    return {
        "fusion_tables": [("All tasks side by side", shown)],
        "cost": table_7(plain(collected.costs(medical), fusing, "table_7"), sums, words),
    }


def _all_metrics(medical: MedicalParams) -> list[PairSet]:
    return [collected.test_pairs(medical, task, medical.metrics) for task in medical.tasks]


def _content(medical: MedicalParams, table: str) -> dict[str, Any]:
    """Everything on the page, by the template's names."""
    shown = _metrics(medical, table)
    sets = [collected.test_pairs(medical, task, shown) for task in medical.tasks]
    chosen = medical.significance
    tests = comparisons({pairs.name: pairs.metrics for pairs in sets}, chosen)
    prefixes = {pairs.name: f"significance{pairs.suffix}" for pairs in sets}
    items = gallery.fit(_items(sets))
    total = sum(len(pairs.names) for pairs in sets)
    return _tables(medical, table, sets) | {
        "significance": tests,
        "heatmaps": heatmaps(tests, chosen.family, chosen.proposed, prefixes),
        "fusion_figures": [
            picture for pairs in sets for picture in fusion.all_pictures(pairs, medical.ranking)
        ],
        "gallery": {"layers": gallery.layers(sets), "items": items},
        "gallery_note": gallery.note(
            len(items), total, "the mean range of the methods' luminance, in gray levels"
        ),
        "gallery_groups": list(medical.tasks) if len(sets) > 1 else [],
    }


def _frame(medical: MedicalParams, table: str) -> dict[str, Any]:
    """The page's words around the numbers."""
    return {
        "title": "Fusion of medical images",
        "dataset": "medical",
        "facts": f"Tasks {', '.join(medical.tasks)} · methods {', '.join(medical.methods)} · "
        f"convention {medical.convention}",
        "made_by": f"python -m fusion.medical.report {table}",
        "folder": (OUT / table).as_posix(),
    }


def _links(medical: MedicalParams, run: tracking.Run) -> dict[str, Any]:
    """To the runs of this file's tasks and methods."""
    places = (*medical.tasks, tasks.SHARED)
    known = {f"{place}-{method}" for place in places for method in medical.methods}
    return links_of(run, lambda name: name.partition("@")[2] in known, STAGES)


@stage
def main(params: Params, table: str) -> None:
    """Write one table of medical/params.yaml with its figures and page."""
    medical = load_medical()
    _metrics(medical, table)
    with tracking.run(params, "report_medical", part=table, experiment="medical") as run:
        content = _content(medical, table)
        tables = [made for _, made in content["fusion_tables"]] + [content["cost"]]
        pictures = content["fusion_figures"] + [
            picture for group in content["heatmaps"] for picture in group.pictures
        ]
        for path in files.write(OUT / table, tables, pictures, content["significance"]):
            run.artifact(path, folder=path.parent.name)
        page = content | _frame(medical, table) | {"tracking": _links(medical, run)}
        write_text(OUT / table / "index.html", render(page))
        run.artifact(OUT / table / "index.html")
    print(to_markdown(tables[0]))
    print(f"{OUT / table / 'index.html'}: open it in a browser")


if __name__ == "__main__":
    main()
