"""What a report is made of: every table and picture of the results, by the template's names."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from pipeline.report.collected import Results
from pipeline.report.figures import fusion, gathered
from pipeline.report.figures.examples import best_fused
from pipeline.report.figures.picture import Picture
from pipeline.report.figures.significance import Heatmaps, comparisons, heatmaps
from pipeline.report.page import classes, ir_persons, orders, segmented
from pipeline.report.page.predictions import predictions
from pipeline.report.page.verdict import primary_contrast, verdict
from pipeline.report.statistics import disagreement, judges
from pipeline.report.tables import published, segmentation
from pipeline.report.tables.cost import cost_table, table_7
from pipeline.report.tables.fusion import all_sets
from pipeline.report.tables.parts.day_night import day_night
from pipeline.report.tables.record import record
from pipeline.report.tables.side_by_side import table_5
from pipeline.report.tables.summary import summary
from pipeline.report.tables.table import Table

OF_JUDGES = ("by_class", "survival", "for_all", "ir_persons", "predictions")
"""Sections with tables and pictures of their own."""


def collect(found: Results) -> dict[str, Any]:
    """Everything on the page, by the template's names."""
    params = found.params
    differences = disagreement.measure(found)
    retrained, for_all = judges.retrained(found), judges.for_all(found)
    main = retrained[0] if found.segmented else None
    headline = segmentation.headline(found, main) if main else None
    cost = cost_table(found)
    judging = params.fusion.evaluation
    tests = comparisons(found.sets, judging.significance)
    content: dict[str, Any] = {
        "headline": headline,
        "verdict": verdict(headline, found.has_labels),
        "contrast": primary_contrast(params.segmentation.primary, main),
        "by_class": classes.section(found, main),
        "record": record(found, [*retrained, *for_all]),
        "survival": orders.survival(found, retrained),
        "for_all": orders.for_all(found, retrained, for_all),
        "ir_persons": ir_persons.section(found),
        "predictions": predictions(found, [*retrained[:1], *for_all[:1]]),
        "day_night": day_night(found, main) if main else None,
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
    first = content["fusion_tables"][0][1] if content["fusion_tables"] else None
    content["summary"] = summary(headline, first, content["for_all"].tables)
    return content


def _heatmaps(found: Results, tests: pd.DataFrame) -> list[Heatmaps]:
    """Figure 12 for each set, first of the proposed method or the one that segments best."""
    chosen = found.params.fusion.evaluation.significance
    prefixes: dict[str, str] = {found.params.data.dataset: "significance"}
    prefixes |= {name: f"significance_{name}" for name in found.pairs}
    return heatmaps(tests, chosen.family, chosen.proposed or best_fused(found), prefixes)


def with_published(content: dict[str, Any], dataset: str) -> dict[str, Any]:
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


def measured(content: dict[str, Any]) -> list[Table]:
    """Tables that hold measured numbers only."""
    tables = [content[key] for key in ("headline", "day_night", "cost") if content[key]]
    if content["headline"]:
        tables.append(segmentation.brief(content["headline"]))
    for section in OF_JUDGES:
        tables += content[section].tables
    return tables + [table for _, table in content["fusion_tables"]]


def papers(content: dict[str, Any], dataset: str) -> list[Table]:
    """Tables 5, 6 and 7 as the paper has them, where a printed row stands beside ours."""
    shown = with_published(content, dataset)
    tables = [content["table_5"], shown["headline"], shown["cost"] and table_7(content["cost"])]
    named = zip(("table_5", "table_6", "table_7"), tables, strict=True)
    return [replace(table, name=name) for name, table in named if table and table.has_published]


def pictures(content: dict[str, Any]) -> list[Picture]:
    """All pictures of the page but for its gallery."""
    keys = ("segmentation_figures", "fusion_figures", "pareto", "confusions", "curves")
    found = [picture for key in keys for picture in content[key]]
    found += [picture for section in OF_JUDGES for picture in content[section].pictures]
    return found + [picture for group in content["heatmaps"] for picture in group.pictures]
