"""Stage `evaluate_segmentation`: IoU of the networks trained on one input, on its test images.

`python -m segmentation.evaluate NETWORK INPUT`.
"""

from __future__ import annotations

from pipeline.params import Params
from pipeline.results import left_out, paths
from pipeline.stage.command import stage
from segmentation.learning.judge import Judged, judge

STAGE = "evaluate_segmentation"


@stage
def main(params: Params, network: str, input_name: str) -> None:
    """Evaluate a network on one input (ir, vis or a fusion method) that it was trained on."""
    models = [paths.segmenter(network, input_name, seed) for seed in params.segmentation.seeds]
    judged = Judged(STAGE, network, input_name, models, paths.RETRAINED)
    judge(params, judged, left_out.read(models[0]))


if __name__ == "__main__":
    main()
