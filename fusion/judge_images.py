"""The command `ivif-metrics`: fusion metrics of images of one's own, without the pipeline.

`ivif-metrics IR VIS FUSED...`: files, or folders with the same names. Fused images are judged on
all cores; the sources' own terms are computed once for all that were made of them.
"""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from fusion.apply.all_cores import judge_all
from fusion.apply.jobs import jobs_of, labels_of
from fusion.metrics import ALL, NAMES, Convention, check_names
from pipeline.images.whole import json_text, write_text
from pipeline.params.fusion import Judging
from pipeline.stage import process
from pipeline.stage.command import command
from pipeline.stage.errors import UserError

if TYPE_CHECKING:
    from fusion.apply.all_cores import Frames


class Format(StrEnum):
    """Of what is printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


class Meaning(StrEnum):
    """Of the metrics, see `fusion.metrics.evaluate`."""

    EVALUATOR = "evaluator"
    PAPER = "paper"


def as_csv(frames: Frames) -> str:
    """One row a fused image: whose, which, and its metrics."""
    import pandas as pd

    parts = [frame.assign(fused=label) for label, frame in frames.items()]
    table = pd.concat(parts, ignore_index=True)
    table.insert(0, "fused", table.pop("fused"))
    return str(table.to_csv(index=False, float_format="%.9g"))


def as_json(frames: Frames, convention: Convention) -> str:
    """Means and the values of each image, by whose they are."""
    content = {
        label: {
            "mean": frame.drop(columns="name").mean().to_dict(),
            "images": frame.to_dict("records"),
        }
        for label, frame in frames.items()
    }
    return json_text({"convention": convention, "fused": content})


def show_table(frames: Frames, convention: Convention) -> None:
    """Print means as a table turned on its side, best in green, second underlined."""
    from pipeline.report.tables.fusion import fusion_table
    from pipeline.report.tables.terminal import show

    alone = len(next(iter(frames.values()))) == 1
    judging = Judging(convention=convention, ranking="all")
    show(fusion_table("metrics", "pair" if alone else "pairs", judging, frames))


def chosen(metrics: str) -> tuple[str, ...]:
    """Names of a list with commas; `default` and `all` stand for many. Raises UserError."""
    names = {"default": NAMES, "all": ALL}.get(metrics, tuple(metrics.split(",")))
    check_names(names)
    return names


@command
def main(
    ir: Annotated[Path, Argument(metavar="IR", help="infrared image, or folder of them")],
    vis: Annotated[Path, Argument(metavar="VIS", help="visible image, or folder of them")],
    fused: Annotated[
        list[Path], Argument(metavar="FUSED...", help="fused image or folder, one or more")
    ],
    convention: Annotated[Meaning, Option(help="which definition")] = Meaning.EVALUATOR,
    metrics: Annotated[str, Option(help="default, all, or names with commas")] = "default",
    format: Annotated[Format, Option(help="of the result")] = Format.TABLE,  # noqa: A002
    out: Annotated[Path | None, Option(help="file for CSV or JSON instead of the screen")] = None,
    jobs: Annotated[int | None, Option(min=1, help="processes; as many as cores else")] = None,
) -> None:
    """Judge fused images: one table of all fusion metrics, for one method or several."""
    process.set_up()
    names = chosen(metrics)
    meaning: Convention = "paper" if convention is Meaning.PAPER else "evaluator"
    if out is not None and format is Format.TABLE:
        raise UserError("--out: a table is for the screen; add --format csv or --format json")
    processes = jobs or len(os.sched_getaffinity(0))
    frames = judge_all(jobs_of(ir, vis, fused), labels_of(fused), meaning, names, processes)
    if format is Format.TABLE:
        show_table(frames, meaning)
        return
    text = as_csv(frames) if format is Format.CSV else as_json(frames, meaning)
    if out is None:
        print(text, end="")
    else:
        write_text(out, text)
        print(f"{out}: {len(next(iter(frames.values())))} pairs, {len(frames)} times fused")


if __name__ == "__main__":
    main()
