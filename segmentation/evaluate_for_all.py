"""Stage `evaluate_for_all`: IoU of one input's test images by the network that judges all inputs.

`python -m segmentation.evaluate_for_all NETWORK INPUT`. Test images are all that it takes.
"""

from __future__ import annotations

from pipeline import tracking
from pipeline.params import Params, flatten
from pipeline.params.segmentation import ONE_FOR_ALL
from pipeline.results import left_out, paths
from pipeline.stage.command import stage
from segmentation.learning.judge import Judged, evaluate, leave_out

STAGE = "evaluate_for_all"


@stage
def main(params: Params, network: str, input_name: str) -> None:
    """Evaluate one input (ir, vis or a fusion method) by the network of both cameras."""
    chosen, seeds = params.segmentation.of(network), params.segmentation.seeds
    models = [paths.segmenter_for_all(network, seed) for seed in seeds]
    judged = Judged(STAGE, network, input_name, models, ONE_FOR_ALL)
    logged = flatten(chosen) | {"seeds": list(seeds)}
    with tracking.run(params, STAGE, input_name, logged, network=network) as run:
        test = paths.fused(input_name, "test")
        reason = left_out.read(models[0]) or left_out.read(test)
        if reason is None:
            evaluate(params, judged, run)
        else:
            leave_out(judged, reason)


if __name__ == "__main__":
    main()
