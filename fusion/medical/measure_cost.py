"""Stage `measure_cost_medical`: what one method of medical/params.yaml costs, for Table 7.

`python -m fusion.medical.measure_cost METHOD`. A network costs the same whatever it was trained on,
so it is measured once, with weights as they start.
"""

from __future__ import annotations

from fusion.cost.measure import measure_any
from fusion.medical import tasks
from fusion.methods.base import create
from pipeline import tracking
from pipeline.images.whole import write_json
from pipeline.params import Params, load_medical
from pipeline.stage.command import stage
from pipeline.training.devices import use_threads

SIZE = (256, 256)
"""Height and width of the pair, as in the paper and as the atlas has them."""


@stage
def main(params: Params, method: str) -> None:
    """Measure what one method of medical/params.yaml costs."""
    medical = load_medical()
    spec, threads = medical.spec_of(method), medical.training.threads
    use_threads(threads)
    logged = {"threads": threads}
    with tracking.run(params, "measure_cost_medical", method, logged, "medical") as run:
        fresh = create(spec.type or method, **spec.own)
        write_json(tasks.cost(method), measure_any(fresh, [SIZE]))
        run.artifact(tasks.cost(method))


if __name__ == "__main__":
    main()
