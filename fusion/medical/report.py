"""Stage `report_medical`: all methods on all tasks in one table, as LKC-FUNet's Table 4.

`python -m fusion.medical.report TABLE`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from fusion.medical import tasks
from pipeline.params import Params, load_medical
from pipeline.report.statistics.ranking import LOWER_IS_BETTER
from pipeline.report.tables.formats import to_markdown, write
from pipeline.report.tables.table import Cell, Column, Row, Table
from pipeline.stage.command import stage
from pipeline.stage.errors import UserError

OUT = Path("reports_medical")
_SMALL = ("SCD", "VIFF", "SSIM", "Qabf", "NMI", "FMI", "AFM", "CC")


def make_table(
    name: str,
    metrics: Sequence[str],
    measured: dict[str, dict[str, pd.DataFrame]],
    convention: str,
) -> Table:
    """Rows methods, columns the metrics of each task side by side, means over the test images.

    Args:
        name: of the table's files.
        metrics: those of medical/params.yaml.
        measured: metrics per test image, by task and then method.
        convention: which definition of the metrics.
    """
    columns = [
        Column(
            f"{task}_{metric}",
            f"{task.upper()} {metric}",
            better="lower" if metric in LOWER_IS_BETTER else "higher",
            decimals=3 if metric in _SMALL else 2,
        )
        for task in measured
        for metric in metrics
    ]
    rows: dict[str, dict[str, Cell]] = {}
    for task, frames in measured.items():
        for method, frame in frames.items():
            means = {f"{task}_{metric}": Cell(float(frame[metric].mean())) for metric in metrics}
            rows.setdefault(method, {}).update(means)
    counts = ", ".join(
        f"{len(next(iter(frames.values())))} of {task.upper()}" for task, frames in measured.items()
    )
    caption = (
        f"Fusion of medical images: means over the test pairs ({counts}), convention "
        f"`{convention}`. Best in bold, second underlined."
    )
    return Table(name, caption, "Method", columns, [Row(*row) for row in rows.items()])


@stage
def main(params: Params, table: str) -> None:
    """Write one table of medical/params.yaml as CSV, Markdown and LaTeX."""
    medical = load_medical()
    shown = medical.tables.get(table, ())
    if not shown or not medical.tasks or set(shown) - set(medical.metrics):
        raise UserError(
            f"medical/params.yaml: tables.{table}: {list(shown)} of {len(medical.tasks)} tasks; "
            f"allowed are at least one task, and metrics of {', '.join(medical.metrics)}"
        )
    measured: dict[str, dict[str, pd.DataFrame]] = {
        task: {
            method: pd.read_csv(tasks.metrics(task, method), dtype={"name": str})
            for method in medical.methods
        }
        for task in medical.tasks
    }
    made = make_table(table, shown, measured, medical.convention)
    write(made, OUT / table)
    print(to_markdown(made))


if __name__ == "__main__":
    main()
