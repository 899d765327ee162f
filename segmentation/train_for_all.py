"""Stage `train_for_all`: train one network on both cameras' images, to judge every input.

`python -m segmentation.train_for_all NETWORK SEED`. As many steps as a network trained on one input
takes, over the same scenes in the same order; each scene is seen as IR in one epoch and as VIS in
the next. The mean and standard deviation for normalisation are those of both cameras together.
"""

from __future__ import annotations

from pipeline import tracking
from pipeline.params import Params
from pipeline.params.segmentation import ONE_FOR_ALL
from pipeline.results import left_out, paths
from pipeline.stage.command import stage
from segmentation.data.samples import camera_images, train_names
from segmentation.learning.learn import Training, learn, logged_params

STAGE = "train_for_all"
BOTH = "ir-and-vis"


@stage
def main(params: Params, network: str, seed: int) -> None:
    """Train one network on the train images of both cameras with one seed."""
    item = {"network": network, "seed": str(seed)}
    out = paths.segmenter_for_all(network, seed)
    training = Training(STAGE, ONE_FOR_ALL, network, BOTH, seed, out, item)
    logged, part = logged_params(params, network, seed), f"seed-{seed}"
    with tracking.run(params, STAGE, "", logged, part=part, network=network) as run:
        reason = left_out.read(params.data.directory / "train" / "label")
        if reason is not None:
            print(f"{network}: nothing to train on: {reason}")
            left_out.write(training.out, reason)
            return
        images = camera_images(params, network, train_names(params))
        learn(params, training, images, run)


if __name__ == "__main__":
    main()
