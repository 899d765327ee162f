"""What the medical stages left on disk, as the report takes it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pandas as pd

from fusion.medical import tasks
from pipeline.data import pairs
from pipeline.params import MedicalParams
from pipeline.report.collected import SOURCES
from pipeline.report.pair_set import PairSet


def test_pairs(medical: MedicalParams, task: str, metrics: Sequence[str]) -> PairSet:
    """The test pairs of a task, what each method made of them, and the metrics that are shown."""
    folder = tasks.data(task) / "test"
    columns = ["name", *metrics]
    measured = {
        method: pd.read_csv(tasks.metrics(task, method), dtype={"name": str})
        for method in medical.methods
    }
    _, partner = tasks.FOLDERS[task]
    return PairSet(
        name=task,
        names=pairs.names(tasks.data(task), "test"),
        sources={partner.upper(): folder / "vi", "MRI": folder / "ir"},
        fused={m: tasks.fused(task, m) for m in medical.methods if m not in SOURCES},
        metrics={method: frame[columns] for method, frame in measured.items()},
        suffix=f"_{task}",
    )


def costs(medical: MedicalParams) -> dict[str, dict[str, Any]]:
    """What each method costs, as far as it was measured."""
    files = {method: tasks.cost(method) for method in medical.methods}
    return {
        method: json.loads(file.read_text("utf-8"))
        for method, file in files.items()
        if file.is_file()
    }
