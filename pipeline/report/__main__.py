"""The stage `report`: everything the other stages measured, as tables, figures and one page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline import tracking
from pipeline.images.whole import write_json, write_text
from pipeline.params import Params
from pipeline.report import files, from_disk
from pipeline.report.collected import Results
from pipeline.report.figures import fusion, gathered
from pipeline.report.figures.examples import best_fused
from pipeline.report.figures.picture import Picture
from pipeline.report.figures.significance import Heatmaps, comparisons, heatmaps
from pipeline.report.page import classes, ir_persons, orders, segmented
from pipeline.report.page.links import links
from pipeline.report.page.predictions import predictions
from pipeline.report.page.render import render
from pipeline.report.page.verdict import primary_contrast, verdict
from pipeline.report.page.words import facts, gallery_note
from pipeline.report.statistics import disagreement, judges
from pipeline.report.tables import published, segmentation
from pipeline.report.tables.cost import cost_table, table_7
from pipeline.report.tables.fusion import all_sets
from pipeline.report.tables.record import record
from pipeline.report.tables.side_by_side import table_5
from pipeline.report.tables.summary import numbers, summary
from pipeline.report.tables.table import Table
from pipeline.report.tables.terminal import show
from pipeline.results.paths import REPORTS, RESULT, SUMMARY
from pipeline.stage.command import stage
from pipeline.tracking.execution import whole

OF_JUDGES = ("by_class", "survival", "for_all", "ir_persons", "predictions")
"""Sections with tables and pictures of their own."""


def _content(found: Results) -> dict[str, Any]:
    """Everything on the page, by the template's names."""
    params = found.params
    differences = disagreement.measure(found)
    retrained, for_all = judges.retrained(found), judges.for_all(found)
    main = retrained[0] if found.segmented else None
    headline = segmentation.headline(found, main) if main else None
    cost = cost_table(found)
    judging = params.fusion.evaluation
    tests = comparisons(found.sets, judging.significance)
    return {
        "headline": headline,
        "verdict": verdict(headline, found.has_labels),
        "contrast": primary_contrast(params.segmentation.primary, main),
        "by_class": classes.section(found, main),
        "record": record(found, [*retrained, *for_all]),
        "survival": orders.survival(found, retrained),
        "for_all": orders.for_all(found, retrained, for_all),
        "ir_persons": ir_persons.section(found),
        "predictions": predictions(found, [*retrained[:1], *for_all[:1]]),
        "day_night": segmentation.day_night(found) if found.segmented else None,
        "segmentation_figures": (gathered.of_segmentation(headline) if headline else [])
        + gathered.of_examples(found, differences),
        "gallery": {
            "layers": segmented.layers(found),
            "items": segmented.items(found, differences),
        },
        "fusion_tables": all_sets(found),
        "table_5": table_5(found.sets, judging.convention),
        "heatmaps": _heatmaps(found, tests),
        "fusion_figures": fusion.all_pictures(found.test_pairs, judging.ranking),
        "significance": tests,
        "cost": cost,
        "pareto": gathered.of_cost(cost, headline),
        "confusions": gathered.of_confusion(found),
        "curves": gathered.of_training(found),
    }


def _heatmaps(found: Results, tests: pd.DataFrame) -> list[Heatmaps]:
    """Figure 12 for each set, first of the proposed method or the one that segments best."""
    chosen = found.params.fusion.evaluation.significance
    prefixes: dict[str, str] = {found.params.data.dataset: "significance"}
    prefixes |= {name: f"significance_{name}" for name in found.pairs}
    return heatmaps(tests, chosen.family, chosen.proposed or best_fused(found), prefixes)


def _with_published(content: dict[str, Any], dataset: str) -> dict[str, Any]:
    """For the page, where a reader can show them."""
    single = {
        key: published.beside(content[key], layout, [dataset])
        for key, layout in (("headline", "6"), ("cost", "7"))
        if content[key]
    }
    fusion_tables = [
        (title, published.beside(table, "5", [table.name.partition("_")[2] or dataset]))
        for title, table in content["fusion_tables"]
    ]
    if content["table_5"]:
        fusion_tables.append(("MSRS, M3FD and TNO side by side", content["table_5"]))
    return content | single | {"fusion_tables": fusion_tables}


def _known_as(params: Params) -> str:
    """The data set's name in papers; a user's folder has that of its preset, as `fmb`."""
    return params.preset if params.data.dataset == "folder" else params.data.dataset


def _frame(found: Results, content: dict[str, Any]) -> dict[str, Any]:
    """The page's words around the numbers."""
    times = found.test["day_night"]
    return {
        "title": "Infrared–visible fusion, judged by segmentation",
        "dataset": found.params.data.dataset,
        "facts": facts(found),
        "left_out": found.left_out,
        "gallery_note": gallery_note(found, len(content["gallery"]["items"])),
        "gallery_groups": [time for time in ("day", "night") if times.isin(["day", "night"]).any()],
        "legend": segmented.legend(found),
        "made_by": "python -m pipeline.report",
        "folder": REPORTS.as_posix(),
    }


def _measured(content: dict[str, Any]) -> list[Table]:
    """Tables that hold measured numbers only."""
    tables = [content[key] for key in ("headline", "day_night", "cost") if content[key]]
    if content["headline"]:
        tables.append(segmentation.brief(content["headline"]))
    for section in OF_JUDGES:
        tables += content[section].tables
    return tables + [table for _, table in content["fusion_tables"]]


def _papers(content: dict[str, Any], dataset: str) -> list[Table]:
    """Tables 5, 6 and 7 as the paper has them, where a printed row stands beside ours."""
    shown = _with_published(content, dataset)
    tables = [content["table_5"], shown["headline"], shown["cost"] and table_7(content["cost"])]
    named = zip(("table_5", "table_6", "table_7"), tables, strict=True)
    return [replace(table, name=name) for name, table in named if table and table.has_published]


def _pictures(content: dict[str, Any]) -> list[Picture]:
    keys = ("segmentation_figures", "fusion_figures", "pareto", "confusions", "curves")
    found = [picture for key in keys for picture in content[key]]
    found += [picture for section in OF_JUDGES for picture in content[section].pictures]
    return found + [picture for group in content["heatmaps"] for picture in group.pictures]


def _summary(content: dict[str, Any]) -> dict[str, Any]:
    first = content["fusion_tables"][0][1] if content["fusion_tables"] else None
    return summary(content["headline"], first, content["for_all"].tables)


def _write(content: dict[str, Any], dataset: str) -> list[Path]:
    """Write tables, figures, summary and result; returns the files worth keeping in MLflow."""
    write_json(SUMMARY, content["summary"])
    tables = _measured(content) + _papers(content, dataset)
    written = files.write(REPORTS, tables, _pictures(content), content["significance"])
    if content["headline"]:
        write_text(RESULT, content["record"].model_dump_json(indent=2) + "\n")
        written.append(RESULT)
    return written


@stage
def main(params: Params) -> None:
    """Write tables, figures and the page to `reports/` and print the headline table."""
    found = from_disk.load(params)
    with tracking.run(params, "report", logged=whole(params)) as run:
        content = _content(found)
        content["summary"] = _summary(content)
        for path in _write(content, _known_as(params)):
            run.artifact(path, folder=path.parent.name)
        told = [part for part in (content["verdict"], content["contrast"]) if part]
        run.conclude("\n\n".join(told), numbers(content["summary"]))
        page = _with_published(content, _known_as(params)) | _frame(found, content)
        write_text(REPORTS / "index.html", render(page | {"tracking": links(params, run)}))
        run.artifact(REPORTS / "index.html")
    if content["headline"]:
        show(content["headline"])
    print(*told, sep="\n")
    print(f"{REPORTS / 'index.html'}: open it in a browser")


if __name__ == "__main__":
    main()
