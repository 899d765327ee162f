"""The command `ivif-metrics`: fusion metrics of images of one's own, without the pipeline.

`ivif-metrics IR VIS FUSED...`: files, or folders with the same names. Fused images are judged on
all cores; the sources' own terms are computed once for all that were made of them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

from typer import Argument, Option

from fusion.metrics import ALL, NAMES, Convention, Sources, check_names
from pipeline.images.listing import images
from pipeline.images.pixels import read_gray, read_rgb
from pipeline.images.whole import json_text, write_text
from pipeline.params.fusion import Judging
from pipeline.stage import process
from pipeline.stage.command import command
from pipeline.stage.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

    Frames = dict[str, pd.DataFrame]


class Format(StrEnum):
    """Of what is printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


class Meaning(StrEnum):
    """Of the metrics, see `fusion.metrics.evaluate`."""

    EVALUATOR = "evaluator"
    PAPER = "paper"


class Job(NamedTuple):
    """One pair, and all that was fused of it.

    Attributes:
        name: of the pair.
        ir: file.
        vis: file.
        fused: files, in the order of the command line.
    """

    name: str
    ir: Path
    vis: Path
    fused: tuple[Path, ...]


def jobs_of(ir: Path, vis: Path, fused: Sequence[Path]) -> list[Job]:
    """Pair up files, or the files of folders by their names.

    Raises:
        UserError: a path that is not there, files and folders mixed, fused images without a pair,
            or folders of fused images that do not hold the same names.
    """
    places = (ir, vis, *fused)
    for place in places:
        if not place.exists():
            raise UserError(f"{place}: no such file or folder")
    if all(place.is_file() for place in places):
        return [Job(ir.stem, ir, vis, tuple(fused))]
    if not all(place.is_dir() for place in places):
        kinds = ", ".join(f"{p} is a {'folder' if p.is_dir() else 'file'}" for p in places)
        raise UserError(f"{kinds}; give files only, or folders only")
    sources, made = [images(ir), images(vis)], [images(folder) for folder in fused]
    names = list(made[0])
    for folder, found in zip(fused, made, strict=True):
        _same_names(fused[0], names, folder, list(found))
    for folder, found in zip((ir, vis), sources, strict=True):
        missing = [name for name in names if name not in found]
        if missing:
            raise UserError(f"{folder}: no image {missing[0]}, which {fused[0]} has")
    return [
        Job(name, sources[0][name], sources[1][name], tuple(found[name] for found in made))
        for name in names
    ]


def _same_names(first: Path, expected: list[str], folder: Path, names: list[str]) -> None:
    if not names:
        raise UserError(f"{folder}: no images")
    alone = sorted(set(expected) ^ set(names))
    if alone:
        raise UserError(
            f"{first} and {folder}: {len(expected)} and {len(names)} images, {alone[0]} in one of "
            "them only; all must hold the same names"
        )


def labels_of(fused: Sequence[Path]) -> list[str]:
    """A name for each column: of the file or folder, else of its folder, else the whole path."""
    own = [place.stem if place.is_file() else place.resolve().name for place in fused]
    folders = [place.resolve().parent.name for place in fused]
    for names in (own, folders):
        if len(set(names)) == len(names):
            return names
    return [str(place) for place in fused]


Judged = list[dict[str, float]]
"""Metrics of each fused image of one pair."""


def judge(job: Job, convention: Convention, metrics: Sequence[str]) -> Judged:
    """Metrics of each fused image of one pair. Raises UserError that names the file."""
    sources = Sources(read_gray(job.ir), read_rgb(job.vis))
    found = []
    for path in job.fused:
        try:
            found.append(sources.evaluate(read_rgb(path), convention, metrics))
        except UserError as error:
            raise UserError(f"{path}: {error}") from None
    return found


@contextmanager
def mapping(processes: int) -> Iterator[Callable[..., Iterator[Judged]]]:
    """`map`, on so many processes; what has not begun is dropped if the block fails."""
    if processes == 1:
        yield map
        return
    pool = ProcessPoolExecutor(processes, get_context("forkserver"), process.set_up)
    try:
        yield pool.map
    finally:
        pool.shutdown(cancel_futures=True)


def judge_all(
    jobs: Sequence[Job], labels: Sequence[str], convention: Convention, metrics: Sequence[str],
    processes: int,
) -> Frames:  # fmt: skip
    """Metrics of all jobs: for each label a row a pair, `name` first, in the order of the jobs."""
    import pandas as pd
    from tqdm import tqdm

    one = partial(judge, convention=convention, metrics=metrics)
    with mapping(min(processes, len(jobs))) as over:
        bar = tqdm(over(one, jobs), "judge", len(jobs), unit="pair", dynamic_ncols=True)
        found = list(bar)
    return {
        label: pd.DataFrame(
            [{"name": job.name} | values[i] for job, values in zip(jobs, found, strict=True)]
        )
        for i, label in enumerate(labels)
    }


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
