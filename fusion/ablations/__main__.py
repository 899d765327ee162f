"""Run an ablation table of LKC-FUNet's paper through train, fuse and evaluate.

`python -m fusion.ablations --table 2 --only a,h`. Each row is a method of `params.yaml` while
`dvc repro` runs its stages, so rows that are done are not trained again.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import torch

from fusion import registry
from fusion.ablations.figure import draw_figure_3
from fusion.ablations.params_file import added
from fusion.ablations.results import comparison
from fusion.ablations.rows import entries, name_of, rows
from fusion.fuse import load_method
from pipeline import tracking
from pipeline.errors import UserError
from pipeline.params import MethodSpec, Params, flatten, load
from pipeline.report import formats
from pipeline.stage import stage

PARAMS = Path("params.yaml")
OUT = Path("metrics/ablations")


def check(variants: dict[str, Any]) -> None:
    """Build every row without memory, so that one that cannot be built costs no training."""
    for name, entry in variants.items():
        try:
            with torch.device("meta"):
                registry.create(entry["type"], **MethodSpec.model_validate(entry).own)
        except UserError as error:
            raise UserError(f"{name}: {error}") from None


def reproduce(names: list[str]) -> None:
    """Bring the fusion metrics of these methods up to date."""
    targets = [f"evaluate_fusion@{name}" for name in names]
    done = subprocess.run([sys.executable, "-m", "dvc", "repro", *targets], check=False)
    if done.returncode:
        raise UserError(f"dvc repro stopped with code {done.returncode}; see its lines above")


@stage
def main(params: Params, table: str = "2", only: str | None = None) -> None:
    """Train, fuse and evaluate the rows of table 2 or 3 of LKC-FUNet's paper."""
    chosen = rows(table, only)
    variants = entries(params, table, chosen)
    check(variants)
    with added(PARAMS, variants):
        reproduce(list(variants))
        compared = {
            kind: load_method(load(PARAMS), name_of(table, letter))
            for kind, letter in (("BN", "g"), ("IN", "h"))
            if table == "2" and {"g", "h"} <= chosen.keys()
        }
    with tracking.run(params, "ablations", f"table_{table}", flatten(variants)) as run:
        result = comparison(table, chosen)
        formats.write(result, OUT)
        files = [OUT / f"{result.name}{suffix}" for suffix in (".csv", ".md", ".tex")]
        if compared:
            files.append(draw_figure_3(compared, params.data.directory, OUT / "figure_3.png"))
        for file in files:
            run.artifact(file)
    print(formats.to_markdown(result))


if __name__ == "__main__":
    main()
