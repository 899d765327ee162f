"""Stage `train_segmentation`: train one network on one input with one seed.

`python -m segmentation.train NETWORK INPUT SEED`, where NETWORK is an entry of
`segmentation.networks` and INPUT is `ir`, `vis` or a fusion method. Everything but the images is
the same for all inputs: initial weights, order, augmentation, schedule.
"""

from __future__ import annotations

from pipeline import tracking
from pipeline.params import Params
from pipeline.results import left_out, paths
from pipeline.stage.command import stage
from segmentation.data.samples import input_images, train_names
from segmentation.learning.learn import Training, learn, logged_params

STAGE = "train_segmentation"


def reason_to_leave_out(params: Params, input_name: str) -> str | None:
    """Why an input cannot be segmented: no labels, or no train images; None if it can."""
    labels = params.data.directory / "train" / "label"
    return left_out.read(labels) or left_out.read(paths.fused(input_name, "train"))


@stage
def main(params: Params, network: str, input_name: str, seed: int) -> None:
    """Train one network on one input (ir, vis or a fusion method of params.yaml) with one seed."""
    item = {"network": network, "input": input_name, "seed": str(seed)}
    out = paths.segmenter(network, input_name, seed)
    training = Training(STAGE, paths.RETRAINED, network, input_name, seed, out, item)
    logged, part = logged_params(params, network, seed), f"seed-{seed}"
    with tracking.run(params, STAGE, input_name, logged, part=part, network=network) as run:
        reason = reason_to_leave_out(params, input_name)
        if reason is not None:
            print(f"{input_name}: not segmented: {reason}")
            left_out.write(training.out, reason)
            return
        images = input_images(params, network, input_name, train_names(params))
        learn(params, training, images, run)


if __name__ == "__main__":
    main()
