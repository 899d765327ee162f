"""Stage `measure_cost`: parameters, arithmetic, time and memory of one method.

`python -m fusion.measure_cost METHOD` writes `metrics/cost/METHOD.json`. No two runs give the same
milliseconds, so nothing but the report depends on it.
"""

from __future__ import annotations

from typing import Any

from fusion.apply.load import load_method
from fusion.cost.measure import measure_any
from pipeline import tracking
from pipeline.images.whole import write_json
from pipeline.params import Params, flatten
from pipeline.results import paths
from pipeline.stage.command import stage
from pipeline.training.devices import use_threads


def cost_of(params: Params, method: str) -> dict[str, Any]:
    """Content of the file: `fusion.cost.measure.measure`, or why nothing was measured."""
    if not params.fusion.evaluation.cost:
        return {"not_measured": "fusion.evaluation.cost is false"}
    return measure_any(load_method(params, method))


@stage
def main(params: Params, method: str) -> None:
    """Measure what one method of params.yaml costs."""
    use_threads(params.fusion.training.threads)
    logged = {"cost": params.fusion.evaluation.cost, "threads": params.fusion.training.threads}
    with tracking.run(params, "measure_cost", method, logged) as run:
        found = cost_of(params, method)
        write_json(paths.cost(method), found)
        numbers = {k: v for k, v in flatten(found).items() if isinstance(v, int | float)}
        run.metrics({f"cost.{key}": value for key, value in numbers.items()})
        run.artifact(paths.cost(method))


if __name__ == "__main__":
    main()
