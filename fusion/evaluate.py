"""Stage `evaluate_fusion`: how good one method's fused test images are, and what they cost.

`python -m fusion.evaluate METHOD` writes, for METHOD, `metrics/fusion/METHOD.csv` (one row an
image), `METHOD.json` (means) and `metrics/cost/METHOD.json`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fusion.apply.load import load_method
from fusion.cost import measure
from fusion.methods.external.adopt import External
from fusion.metrics.files import evaluate_files, means, write_table
from pipeline import tracking
from pipeline.data import pairs
from pipeline.images.whole import write_json
from pipeline.params import Params, flatten
from pipeline.report.figures.distributions import distributions
from pipeline.results import paths
from pipeline.stage.command import stage

if TYPE_CHECKING:
    from fusion.apply.files import Triple


def test_files(params: Params, method: str) -> list[Triple]:
    """Files of all test pairs with the method's fused images, in the manifest's order."""
    directory = params.data.directory
    return [
        (
            pairs.image_path(directory, "test", "ir", name),
            pairs.image_path(directory, "test", "vi", name),
            paths.fused_image(method, "test", name),
        )
        for name in pairs.names(pairs.read_manifest(directory), "test")
    ]


def measure_cost(params: Params, method: str) -> dict[str, Any]:
    """Content of `metrics/cost/METHOD.json`: `measure.measure`, or why nothing was measured."""
    if not params.fusion.evaluation.cost:
        return {"not_measured": "fusion.evaluation.cost is false"}
    ready = load_method(params, method)
    if isinstance(ready, External):
        return {"not_measured": "the images come from outside"}
    return measure.measure(ready)


@stage
def main(params: Params, method: str) -> None:
    """Judge one method of params.yaml by its fused test images, and measure its cost."""
    params.fusion.spec_of(method)
    evaluation = params.fusion.evaluation
    with tracking.run(params, "evaluate_fusion", method, flatten(evaluation)) as run:
        table = evaluate_files(
            test_files(params, method), evaluation.convention, f"evaluate {method}"
        )
        averages = means(table)
        write_table(paths.fusion_metrics(method), table)
        write_json(paths.fusion_means(method), averages)
        run.metrics(averages)
        run.artifact(paths.fusion_metrics(method))
        run.figure(distributions({method: table}), "distributions.png")

        costs = measure_cost(params, method)
        write_json(paths.cost(method), costs)
        numbers = {k: v for k, v in flatten(costs).items() if isinstance(v, int | float)}
        run.metrics({f"cost.{key}": value for key, value in numbers.items()})
        run.artifact(paths.cost(method))


if __name__ == "__main__":
    main()
