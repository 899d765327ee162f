"""Fused images judged on all cores; the sources' own terms are computed once a pair."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from typing import TYPE_CHECKING

from fusion.apply.jobs import Job
from fusion.metrics import Convention, Sources
from pipeline.images.pixels import read_gray, read_rgb
from pipeline.stage import process
from pipeline.stage.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

    Frames = dict[str, pd.DataFrame]

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
