"""Put a trained network in the box: its weights and their card, beside the method's code.

`python -m fusion.box METHOD`, after `dvc repro evaluate_fusion@METHOD`, for who maintains the
project; `fusion.load_pretrained` reads what this writes.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from fusion.apply.pretrained import CARD, METHODS, WEIGHTS
from pipeline.data import pairs
from pipeline.images.whole import write_bytes, write_json
from pipeline.params import Params
from pipeline.results import paths
from pipeline.stage.command import stage
from pipeline.stage.errors import UserError
from pipeline.tracking.context import commit

if TYPE_CHECKING:
    import pandas as pd

LICENCE = {
    "msrs": "MSRS (Tang et al., 2022) is for research; so are weights trained on it. "
    "The code is under the MIT licence."
}


def scores(table: pd.DataFrame, draws: int = 10_000) -> dict[str, dict[str, float]]:
    """Mean of each metric over the images, with the 95 % interval of a bootstrap over them."""
    from scipy.stats import bootstrap

    found = {}
    for name in table.columns.drop("name"):
        values = table[name].to_numpy(dtype=np.float64)
        drawn = bootstrap(
            (values,), np.mean, n_resamples=draws, method="percentile", batch=500,
            rng=np.random.default_rng(0),
        )  # fmt: skip
        low, high = drawn.confidence_interval
        found[name] = {
            "mean": round(float(values.mean()), 4),
            "low": round(float(low), 4),
            "high": round(float(high), 4),
        }
    return found


def describe(params: Params, method: str, weights: bytes) -> dict[str, Any]:
    """The card of a method's trained weights."""
    import pandas as pd

    spec, training = params.fusion.spec_of(method), params.fusion.training_of(method)
    dataset, directory = params.data.dataset, params.data.directory
    table = pd.read_csv(paths.fusion_metrics(method), dtype={"name": str})
    return {
        "method": spec.type or method,
        "params": spec.own,
        "sha256": hashlib.sha256(weights).hexdigest(),
        "trained_on": f"all {len(pairs.names(directory, 'train'))} train pairs of {dataset}",
        "training": training.model_dump(mode="json"),
        "commit": commit(),
        "judged_on": f"{len(table)} test pairs of {dataset}, which chose no setting",
        "convention": params.fusion.evaluation.convention,
        "scores": scores(table),
        "licence": LICENCE.get(dataset, "that of the data"),
    }


@stage
def main(params: Params, method: str) -> None:
    """Put the trained weights of one method of params.yaml, with their card, beside its code."""
    trained, measured = paths.fusion_model(method) / paths.WEIGHTS, paths.fusion_metrics(method)
    for path in (trained, measured):
        if not path.is_file():
            raise UserError(f"{path}: no such file; run `dvc repro evaluate_fusion@{method}` first")
    weights = trained.read_bytes()
    folder = METHODS / (params.fusion.spec_of(method).type or method)
    card = describe(params, method, weights)
    write_bytes(folder / WEIGHTS, weights)
    write_json(folder / CARD, card)
    print(f"{folder / WEIGHTS}: {len(weights):,} bytes")


if __name__ == "__main__":
    main()
