"""Stage `evaluate_segmentation`: IoU of the networks trained on one input, on its test images.

`python -m segmentation.evaluate NETWORK INPUT`.
"""

from __future__ import annotations

from pipeline import tracking
from pipeline.params import Params, flatten
from pipeline.results import left_out, paths
from pipeline.stage.command import stage
from segmentation.learning.judge import Judged, evaluate, leave_out

STAGE = "evaluate_segmentation"


@stage
def main(params: Params, network: str, input_name: str) -> None:
    """Evaluate a network on one input (ir, vis or a fusion method) that it was trained on."""
    chosen, seeds = params.segmentation.of(network), params.segmentation.seeds
    models = [paths.segmenter(network, input_name, seed) for seed in seeds]
    judged = Judged(STAGE, network, input_name, models, paths.RETRAINED)
    logged = flatten(chosen) | {"seeds": list(seeds)}
    with tracking.run(params, STAGE, input_name, logged, network=network) as run:
        reason = left_out.read(models[0])
        if reason is None:
            evaluate(params, judged, run)
        else:
            leave_out(judged, reason)


if __name__ == "__main__":
    main()
