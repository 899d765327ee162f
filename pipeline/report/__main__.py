"""The stage `report`: everything the other stages measured, as tables, figures and one page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline import tracking
from pipeline.images.whole import write_json, write_text
from pipeline.params import Params
from pipeline.report import content as contents
from pipeline.report import files, from_disk
from pipeline.report.collected import Results
from pipeline.report.page import segmented
from pipeline.report.page.links import links
from pipeline.report.page.render import render
from pipeline.report.page.words import facts, gallery_note
from pipeline.report.tables.summary import numbers
from pipeline.report.tables.terminal import show
from pipeline.results.paths import REPORTS, RESULT, SUMMARY
from pipeline.stage.command import stage
from pipeline.tracking.execution import whole


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


def _write(content: dict[str, Any], dataset: str) -> list[Path]:
    """Write tables, figures, summary and result; returns the files worth keeping in MLflow."""
    write_json(SUMMARY, content["summary"])
    tables = contents.measured(content) + contents.papers(content, dataset)
    written = files.write(REPORTS, tables, contents.pictures(content), content["significance"])
    if content["headline"]:
        write_text(RESULT, content["record"].model_dump_json(indent=2) + "\n")
        written.append(RESULT)
    return written


@stage
def main(params: Params) -> None:
    """Write tables, figures and the page to `reports/` and print the headline table."""
    found = from_disk.load(params)
    with tracking.run(params, "report", logged=whole(params)) as run:
        content = contents.collect(found)
        for path in _write(content, _known_as(params)):
            run.artifact(path, folder=path.parent.name)
        told = [part for part in (content["verdict"], content["contrast"]) if part]
        run.conclude("\n\n".join(told), numbers(content["summary"]))
        page = contents.with_published(content, _known_as(params)) | _frame(found, content)
        write_text(REPORTS / "index.html", render(page | {"tracking": links(params, run)}))
        run.artifact(REPORTS / "index.html")
    if content["headline"]:
        show(content["headline"])
    print(*told, sep="\n")
    print(f"{REPORTS / 'index.html'}: open it in a browser")


if __name__ == "__main__":
    main()
