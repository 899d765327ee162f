"""Stage `report_medical`: all methods on all tasks in one table, as LKC-FUNet's Table 4.

`python -m fusion.medical.report`.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from fusion.medical import places
from pipeline.errors import UserError
from pipeline.params import Params
from pipeline.report.formats import to_markdown, write
from pipeline.report.table import Cell, Column, Row, Table
from pipeline.stage import stage

OUT = Path("reports_medical")
DECIMALS = {"SD": 2, "AG": 2, "SF": 2, "SCD": 3, "VIFF": 3, "SSIM": 3}
"""The metrics of Table 4 and their digits; the files in metrics/medical have more metrics."""


def make_table(measured: dict[str, dict[str, pd.DataFrame]], convention: str) -> Table:
    """Rows methods, columns the metrics of each task side by side, means over the test images.

    Args:
        measured: metrics per test image, by task and then method.
        convention: which definition of the metrics.
    """
    columns = [
        Column(f"{task}_{metric}", f"{task.upper()} {metric}", decimals=DECIMALS[metric])
        for task in measured
        for metric in DECIMALS
    ]
    methods = dict.fromkeys(method for of_task in measured.values() for method in of_task)
    rows = [
        Row(
            method,
            {
                f"{task}_{metric}": Cell(float(frames[method][metric].mean()))
                for task, frames in measured.items()
                if method in frames
                for metric in DECIMALS
            },
        )
        for method in methods
    ]
    counts = ", ".join(
        f"{len(next(iter(frames.values())))} of {task.upper()}" for task, frames in measured.items()
    )
    caption = (
        f"Fusion of medical images: means over the test pairs ({counts}), convention "
        f"`{convention}`. Higher is better; best in bold, second underlined."
    )
    return Table("medical", caption, "Method", columns, rows)


@stage
def main(params: Params) -> None:
    """Write the table of medical fusion as CSV, Markdown and LaTeX."""
    if not params.medical.tasks:
        raise UserError(f"medical.tasks: none; allowed are {', '.join(places.FOLDERS)}")
    measured: dict[str, dict[str, pd.DataFrame]] = {
        task: {
            method: pd.read_csv(places.metrics(task, method), dtype={"name": str})
            for method in params.medical.methods
        }
        for task in params.medical.tasks
    }
    table = make_table(measured, params.fusion.evaluation.convention)
    write(table, OUT)
    print(to_markdown(table))


if __name__ == "__main__":
    main()
