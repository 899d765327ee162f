"""Run an ablation table of a method's paper through train, fuse and evaluate.

`python -m fusion.ablations --method mmif_amin --table 4 --only ours,cbam_0`.
Each row is a method in the file of params while `dvc repro` runs its stages, so rows that are
done are not trained again. See `docs/ablations.md`.
"""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import torch

from fusion.ablations.claims import claims_table
from fusion.ablations.figure import figure_3
from fusion.ablations.pair_set import ALL, pair_set
from fusion.ablations.params_file import added
from fusion.ablations.results import comparison
from fusion.ablations.rows import entries, name_of, read
from fusion.methods.base import registry
from pipeline import tracking
from pipeline.params import MethodSpec, Params, flatten
from pipeline.params.medical import MedicalSpec
from pipeline.report.tables import formats
from pipeline.results import paths
from pipeline.stage.command import stage
from pipeline.stage.errors import UserError

OUT = paths.METRICS / "ablations"


def check(variants: dict[str, Any]) -> None:
    """Build every row without memory, so that one that cannot be built costs no training."""
    for name, entry in variants.items():
        try:
            with torch.device("meta"):
                registry.create(entry["type"], **MedicalSpec.model_validate(entry).own)
        except UserError as error:
            raise UserError(f"{name}: {error}") from None


def reproduce(targets: list[str]) -> None:
    """Bring stages up to date."""
    done = subprocess.run([sys.executable, "-m", "dvc", "repro", *targets], check=False)
    if done.returncode:
        raise UserError(f"dvc repro stopped with code {done.returncode}; see its lines above")


def read_seeds(text: str | None) -> list[int | None]:
    """`0,1,2` as numbers; without a text one training, with the seed of the params."""
    if text is None:
        return [None]
    asked = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() for part in asked) or len(set(asked)) < len(asked):
        raise UserError(f"--seeds {text}: allowed are different whole numbers, as 0,1,2")
    return [int(part) for part in asked]


@stage
def main(
    params: Params,
    method: str = "lkc_funet",
    table: str = "2",
    only: str | None = None,
    task: str | None = None,
    seeds: str | None = None,
) -> None:
    """Train, fuse and evaluate the rows of an ablation table of a method's paper.

    LKC-FUNet has tables 2 and 3, MMIF-AMIN 4 and 5. `task` is a medical task, `all` that run, or
    `infrared`, the pairs of params.yaml; if absent, the paper's own. With `seeds`, as 0,1,2, each
    row is trained once for each.
    """
    ablations, numbers = read(method), read_seeds(seeds)
    chosen = ablations.rows(table, only)
    pairs = pair_set(params, task or ablations.task)
    trained_on = ablations.trained_on if pairs.subject == ALL else None
    base = pairs.methods.get(method, MethodSpec())
    variants = entries(base, method, table, chosen, ablations, trained_on, numbers)
    check(variants)
    with added(pairs.file, variants, pairs.keys):
        reproduce([target for name in variants for target in pairs.targets(name)])
    metrics = {
        key: [pairs.metrics(name_of(method, table, key, seed)) for seed in numbers]
        for key in chosen
    }
    name, out = f"{method}_table_{table}", OUT / pairs.subject
    made = [
        comparison(ablations, method, table, chosen, metrics, name),
        claims_table(ablations, method, table, chosen, metrics, f"{name}_claims"),
    ]
    with tracking.run(params, "ablations", name, flatten(variants), pairs.experiment) as run:
        for result in filter(None, made):
            formats.write(result, out)
            for suffix in (".csv", ".md", ".tex"):
                run.artifact(out / f"{result.name}{suffix}")
            print(formats.to_markdown(result))
        for file in figure_3(pairs, variants, out / "lkc_funet_figure_3.png", numbers[0]):
            run.artifact(file)


if __name__ == "__main__":
    main()
