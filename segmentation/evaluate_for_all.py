"""Stage `evaluate_for_all`: IoU of one input's test images by the network that judges all inputs.

`python -m segmentation.evaluate_for_all NETWORK INPUT`. Test images are all that it takes.
"""

from __future__ import annotations

from pipeline.params import Params
from pipeline.params.segmentation import ONE_FOR_ALL
from pipeline.results import left_out, paths
from pipeline.stage.command import stage
from segmentation.learning.judge import Judged, judge

STAGE = "evaluate_for_all"


@stage
def main(params: Params, network: str, input_name: str) -> None:
    """Evaluate one input (ir, vis or a fusion method) by the network of both cameras."""
    models = [paths.segmenter_for_all(network, seed) for seed in params.segmentation.seeds]
    judged = Judged(STAGE, network, input_name, models, ONE_FOR_ALL)
    test = paths.fused(input_name, "test")
    judge(params, judged, left_out.read(models[0]) or left_out.read(test))


if __name__ == "__main__":
    main()
