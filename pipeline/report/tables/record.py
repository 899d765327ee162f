"""The run's result in the form of `pipeline.results.record`."""

from __future__ import annotations

from importlib.metadata import version

from pipeline.data.twins import counts
from pipeline.report.collected import SOURCES, Results
from pipeline.report.statistics.bootstrap import difference
from pipeline.report.statistics.judges import Judge
from pipeline.report.tables.segmentation import percent
from pipeline.results.record import Difference, Entry, Judgement, Record, Version

PACKAGES = ("torch", "segmentation-models-pytorch", "numpy")


def _difference(judge: Judge, name: str, source: str) -> Difference | None:
    if name == source or source not in judge.resampled:
        return None
    found = difference(judge.resampled[name], judge.resampled[source])
    points = {"value": found.difference, "low": found.low, "high": found.high}
    return Difference(**{key: 100 * value for key, value in points.items()})


def _entry(results: Results, judge: Judge, name: str) -> Entry:
    scores = judge.segmented[name].scores
    std = scores["std"]["miou"] if len(scores["per_seed"]) > 1 else None
    deltas = {f"delta_{source}": _difference(judge, name, source) for source in SOURCES}
    return Entry(
        input=name,
        method=results.params.fusion.methods[name].type or name,
        miou=percent(scores["mean"]["miou"]),
        std=percent(std),
        iou={one: percent(value) for one, value in scores["mean"]["iou"].items()},
        **deltas,
    )


def _judgement(results: Results, judge: Judge) -> Judgement:
    settings = results.params.segmentation.of(judge.network)
    return Judgement(
        protocol="one_for_all" if judge.protocol else "retrained",
        network=judge.network,
        version=Version(**judge.version),
        settings=settings.model_dump(mode="json"),
        seeds=results.params.segmentation.seeds,
        entries=tuple(_entry(results, judge, name) for name in judge.segmented),
    )


def record(results: Results, judges: list[Judge]) -> Record:
    """The result of a run: what every network said under either protocol."""
    params, found = results.params, counts(results.twins)
    return Record(
        preset=params.preset,
        dataset=params.data.dataset,
        classes=tuple(results.classes),
        test_images=found["test_pairs"],
        test_clusters=found["test_clusters"],
        primary=params.segmentation.primary,
        packages={name: version(name) for name in PACKAGES},
        judgements=tuple(_judgement(results, judge) for judge in judges),
    )
