"""Stage `train_segmentation`: train DeepLabV3 on one input with one seed.

`python -m segmentation.train INPUT SEED`, where INPUT is `ir`, `vis` or a fusion method. Everything
but the images is the same for all inputs: initial weights, order, augmentation, schedule.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from pipeline import tracking
from pipeline.data import pairs
from pipeline.images.whole import write_json
from pipeline.params import Params, flatten
from pipeline.provenance.dependencies import stage_fingerprint
from pipeline.results import left_out, paths
from pipeline.stage.command import stage
from pipeline.stage.errors import UserError
from pipeline.training import checkpoint
from pipeline.training.devices import make_fabric, use_threads
from pipeline.training.job import Job
from pipeline.training.loop import fit
from segmentation.data.augment import Augment
from segmentation.data.samples import Batch, EpochBatches, TrainImages
from segmentation.data.statistics import Statistics
from segmentation.model.loss import make_terms
from segmentation.model.networks import config_of, create
from segmentation.model.optimizer import make_optimizer, make_schedule


def reason_to_leave_out(params: Params, input_name: str) -> str | None:
    """Why an input cannot be segmented: no labels, or no train images; None if it can."""
    labels = params.data.directory / "train" / "label"
    return left_out.read(labels) or left_out.read(paths.fused(input_name, "train"))


def read_train_images(params: Params, input_name: str) -> TrainImages:
    """The train images of the input. Raises UserError if there are too few for batch norm."""
    directory = params.data.directory
    names = pairs.names(directory, "train")
    if len(names) < 2:
        raise UserError(f"{directory}: {len(names)} train images; training takes at least 2")
    return TrainImages(params, input_name, names)


def make_job(params: Params, input_name: str, seed: int) -> Job:
    """Title, folder and fingerprint of one training."""
    item = {"network": paths.NETWORK, "input": input_name, "seed": str(seed)}
    return Job(
        title=f"segment {input_name}, seed {seed}",
        directory=paths.segmenter(input_name, seed),
        fingerprint=stage_fingerprint(params, "train_segmentation", **item),
        epochs=params.segmentation.epochs,
        seed=seed,
        save_seconds=params.runtime.checkpoint_seconds,
    )


def train(
    params: Params, images: TrainImages, statistics: Statistics, job: Job, run: tracking.Run
) -> None:
    """Train one network with the job's seed; its files go to the job's folder."""
    chosen = params.segmentation
    fabric = make_fabric(chosen.precision)
    model = create(chosen, images.classes, job.seed, statistics)
    # Convolutions on CPU and GPU are faster where a pixel's channels lie together.
    model = model.to(memory_format=torch.channels_last)
    terms = make_terms(chosen, images.class_pixels(), fabric.device)
    augment = Augment(chosen, job.seed)

    def batches(epoch: int) -> EpochBatches:
        rank, world_size = fabric.global_rank, fabric.world_size
        return EpochBatches(images, augment, job.seed, epoch, rank, world_size)

    def step(model: nn.Module, batch: Batch) -> dict[str, Tensor]:
        image, label = (tensor.to(fabric.device) for tensor in batch)
        return terms(model(image.float() / 255), label)

    optimizer = make_optimizer(model, chosen)
    scheduler = make_schedule(optimizer, chosen, chosen.epochs * len(batches(0)))
    fit(fabric, job, model, optimizer, scheduler, batches, step, run)


def logged_params(params: Params, seed: int) -> dict[str, Any]:
    """The protocol as MLflow gets it: of all seeds together only the one at work."""
    return flatten(params.segmentation) | {"seeds": seed}


@stage
def main(params: Params, input_name: str, seed: int) -> None:
    """Train DeepLabV3 on one input (ir, vis or a fusion method of params.yaml) with one seed."""
    out, logged = paths.segmenter(input_name, seed), logged_params(params, seed)
    part = f"seed-{seed}"
    with tracking.run(params, "train_segmentation", input_name, logged, part=part) as run:
        reason = reason_to_leave_out(params, input_name)
        if reason is not None:
            print(f"{input_name}: not segmented: {reason}")
            left_out.write(out, reason)
            return
        use_threads(params.segmentation.threads)
        images, job = read_train_images(params, input_name), make_job(params, input_name, seed)
        statistics = images.statistics()
        train(params, images, statistics, job, run)
        classes = params.data.class_names
        config = config_of(params.segmentation, classes, input_name, seed, statistics)
        write_json(out / paths.CONFIG, config)
        _log(run, out)
        checkpoint.forget(out, job.fingerprint)


def _log(run: tracking.Run, out: Path) -> None:
    for name in (paths.WEIGHTS, paths.CONFIG, paths.HISTORY):
        run.artifact(out / name)


if __name__ == "__main__":
    main()
