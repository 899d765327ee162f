"""Stage `evaluate_fusion`: how good one method's fused test images are, and what they cost.

`python -m fusion.evaluate METHOD` writes, for METHOD, `metrics/fusion/METHOD.csv` (one row an
image), `METHOD.json` (means) and `metrics/cost/METHOD.json`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from fusion import cost
from fusion.external import External
from fusion.fuse import ROOT as FUSED
from fusion.fuse import load_method
from fusion.metrics import Convention, evaluate
from fusion.train import spec_of
from pipeline import pairs, tracking
from pipeline.distributions import distributions
from pipeline.errors import UserError
from pipeline.files import write_json, write_text
from pipeline.images import read_gray, read_rgb
from pipeline.params import Params, flatten
from pipeline.stage import stage

if TYPE_CHECKING:
    import pandas as pd

METRICS = Path("metrics/fusion")
COST = Path("metrics/cost")

Triple = tuple[Path, Path, Path]
"""Files of one pair: ir, vi, fused."""


def evaluate_files(files: Sequence[Triple], convention: Convention, title: str) -> pd.DataFrame:
    """Metrics of each fused file under a convention.

    Returns:
        One row a pair: `name` (of the fused file, without extension), then the metrics.

    Raises:
        UserError: a fused image that is missing, or a pair whose sizes differ or are too small;
            the message names the file.
    """
    import pandas as pd

    for *_, fused in files:
        if not fused.is_file():
            raise UserError(f"{fused}: no such fused image; run the fuse stage of this method")
    rows = []
    for ir, vi, fused in tqdm(files, desc=title, unit="pair", dynamic_ncols=True):
        images = read_rgb(fused), read_gray(ir), read_rgb(vi)
        try:
            values = evaluate(*images, convention)
        except UserError as error:
            raise UserError(f"{fused}: {error}") from None
        rows.append({"name": fused.stem} | values)
    return pd.DataFrame(rows)


def test_files(params: Params, method: str) -> list[Triple]:
    """Files of all test pairs with the method's fused images, in the manifest's order."""
    directory = params.data.directory
    names = pairs.names(pairs.read_manifest(directory), "test")
    return [
        (
            pairs.image_path(directory, "test", "ir", name),
            pairs.image_path(directory, "test", "vi", name),
            FUSED / method / "test" / f"{name}.png",
        )
        for name in names
    ]


def means(table: pd.DataFrame) -> dict[str, float]:
    """Mean of each metric over images."""
    return {str(name): float(value) for name, value in table.drop(columns="name").mean().items()}


def measure_cost(params: Params, method: str) -> dict[str, Any]:
    """Content of `metrics/cost/METHOD.json`: `cost.measure`, or why nothing was measured."""
    if not params.fusion.evaluation.cost:
        return {"not_measured": "fusion.evaluation.cost is false"}
    ready = load_method(params, method)
    if isinstance(ready, External):
        return {"not_measured": "the images come from outside"}
    return cost.measure(ready)


@stage
def main(params: Params, method: str) -> None:
    """Judge one method of params.yaml by its fused test images, and measure its cost."""
    spec_of(params, method)
    evaluation = params.fusion.evaluation
    with tracking.run(params, "evaluate_fusion", method, flatten(evaluation)) as run:
        files = test_files(params, method)
        table = evaluate_files(files, evaluation.convention, f"evaluate {method}")
        averages = means(table)
        write_text(METRICS / f"{method}.csv", table.to_csv(index=False, float_format="%.9g"))
        write_json(METRICS / f"{method}.json", averages)
        run.metrics(averages)
        run.artifact(METRICS / f"{method}.csv")
        run.figure(distributions({method: table}), "distributions.png")

        costs = measure_cost(params, method)
        write_json(COST / f"{method}.json", costs)
        numbers = {k: v for k, v in flatten(costs).items() if isinstance(v, int | float)}
        run.metrics({f"cost.{key}": value for key, value in numbers.items()})
        run.artifact(COST / f"{method}.json")


if __name__ == "__main__":
    main()
