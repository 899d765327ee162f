"""The stage `report`: everything the other stages measured, as tables, figures and one page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline import tracking
from pipeline.images.whole import write_bytes, write_json, write_text
from pipeline.params import Params, flatten
from pipeline.report import collected
from pipeline.report.collected import Results
from pipeline.report.figures import gathered
from pipeline.report.figures.fusion import differing, ranks
from pipeline.report.figures.picture import Picture
from pipeline.report.figures.significance import comparisons, heatmaps
from pipeline.report.page import gallery
from pipeline.report.page.links import links
from pipeline.report.page.render import render
from pipeline.report.page.verdict import verdict
from pipeline.report.statistics import disagreement
from pipeline.report.tables import formats, published, segmentation
from pipeline.report.tables.cost import cost_table
from pipeline.report.tables.fusion import all_sets
from pipeline.report.tables.summary import summary
from pipeline.report.tables.table import Table
from pipeline.report.tables.terminal import show
from pipeline.results.paths import REPORTS, SUMMARY
from pipeline.stage.command import stage


def _content(found: Results) -> dict[str, Any]:
    """Everything on the page, by the template's names."""
    differences = disagreement.measure(found)
    headline = segmentation.headline(found) if found.segmented else None
    tests = comparisons(found)
    return {
        "headline": headline,
        "verdict": verdict(headline, found.has_labels),
        "day_night": segmentation.day_night(found) if found.segmented else None,
        "segmentation_figures": (gathered.of_segmentation(headline) if headline else [])
        + gathered.of_examples(found, differences),
        "gallery": {"layers": gallery.layers(found), "items": gallery.items(found, differences)},
        "fusion_tables": all_sets(found),
        "heatmaps": heatmaps(found, tests),
        "fusion_figures": gathered.of_fusion(found) + ranks(found) + differing(found),
        "significance": tests,
        "cost": cost_table(found),
        "confusions": gathered.of_confusion(found),
        "curves": gathered.of_training(found),
    }


def _with_published(content: dict[str, Any], dataset: str) -> dict[str, Any]:
    """For the page, where a reader can show them: the files hold measured numbers only."""
    single = {
        key: published.beside(content[key], number, dataset)
        for key, number in (("headline", 6), ("cost", 7))
        if content[key]
    }
    fusion = [
        (title, published.beside(table, 5, table.name.partition("_")[2] or dataset))
        for title, table in content["fusion_tables"]
    ]
    return content | single | {"fusion_tables": fusion}


def _tables(content: dict[str, Any]) -> list[Table]:
    tables = [content[key] for key in ("headline", "day_night", "cost") if content[key]]
    if content["headline"]:
        tables.append(segmentation.brief(content["headline"]))
    return tables + [table for _, table in content["fusion_tables"]]


def _pictures(content: dict[str, Any]) -> list[Picture]:
    keys = ("segmentation_figures", "heatmaps", "fusion_figures", "confusions", "curves")
    return [picture for key in keys for picture in content[key]]


def _write(content: dict[str, Any]) -> list[Path]:
    """Write tables and figures; returns the files worth keeping in MLflow."""
    for table in _tables(content):
        formats.write(table, REPORTS / "tables")
    for picture in _pictures(content):
        write_bytes(REPORTS / "figures" / f"{picture.name}.png", picture.themes["light"])
    if not content["significance"].empty:
        csv = content["significance"].to_csv(index=False)
        write_text(REPORTS / "tables/significance.csv", csv)
    fusion = content["fusion_tables"][0][1] if content["fusion_tables"] else None
    write_json(SUMMARY, summary(content["headline"], fusion))
    return sorted((REPORTS / "tables").glob("*")) + sorted((REPORTS / "figures").glob("*"))


@stage
def main(params: Params) -> None:
    """Write tables, figures and the page to `reports/` and print the headline table."""
    found = collected.load(params)
    with tracking.run(params, "report", logged=flatten(params.fusion.evaluation)) as run:
        content = _content(found)
        for path in _write(content):
            run.artifact(path, folder=path.parent.name)
        html = render(
            found,
            _with_published(content, params.data.dataset) | {"tracking": links(params, run)},
        )
        write_text(REPORTS / "index.html", html)
        run.artifact(REPORTS / "index.html")
    if content["headline"]:
        show(content["headline"])
    print(f"{content['verdict']}\n{REPORTS / 'index.html'}: open it in a browser")


if __name__ == "__main__":
    main()
