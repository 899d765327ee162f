"""Stage `train_segmentation`: train DeepLabV3 on one input, once a seed.

`python -m segmentation.train INPUT`, where INPUT is `ir`, `vis` or a fusion method. Everything
but the images is the same for all inputs: initial weights, order, augmentation, schedule.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

import pipeline
import segmentation
from pipeline import tracking
from pipeline.data import pairs
from pipeline.images.whole import write_json
from pipeline.params import Params, flatten
from pipeline.provenance.fingerprint import fingerprint
from pipeline.results import left_out, paths
from pipeline.stage.command import stage
from pipeline.stage.errors import UserError
from pipeline.training import checkpoint
from pipeline.training.devices import make_fabric
from pipeline.training.job import Job
from pipeline.training.loop import fit
from segmentation.data.augment import Augment
from segmentation.data.samples import Batch, EpochBatches, TrainImages
from segmentation.data.statistics import Statistics
from segmentation.model.loss import make_terms
from segmentation.model.networks import config_of, create
from segmentation.model.optimizer import make_optimizer, make_schedule


def read_train_images(params: Params, input_name: str) -> TrainImages:
    """The train images of the input. Raises UserError if there are too few for batch norm."""
    directory = params.data.directory
    names = pairs.names(pairs.read_manifest(directory), "train")
    if len(names) < 2:
        raise UserError(f"{directory}: {len(names)} train images; training takes at least 2")
    return TrainImages(params, input_name, names)


def make_job(params: Params, input_name: str, seed: int) -> Job:
    """Titles, folders and fingerprint of one training."""
    out = paths.segmenter(input_name, seed)
    code = [Path(package.__path__[0]) for package in (segmentation, pipeline)]
    data = [paths.fused(input_name, "train"), params.data.directory / "train" / "label"]
    return Job(
        title=f"segment {input_name}, seed {seed}",
        directory=out,
        checkpoint=paths.checkpoint(out),
        fingerprint=fingerprint(params.segmentation, seed, params.data.class_names, *data, *code),
        epochs=params.segmentation.epochs,
        seed=seed,
        prefix=f"seed-{seed}/",
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


@stage
def main(params: Params, input_name: str) -> None:
    """Train DeepLabV3 on one input: ir, vis or a fusion method of params.yaml."""
    logged = flatten(params.segmentation)
    with tracking.run(params, "train_segmentation", input_name, logged) as run:
        manifest = pairs.read_manifest(params.data.directory)
        reason = left_out.find(manifest, paths.fused(input_name, "train").parent)
        if reason is not None:
            print(f"{input_name}: not segmented: {reason}")
            left_out.write(paths.segmenters(input_name), reason)
            return
        if params.segmentation.threads is not None:
            torch.set_num_threads(params.segmentation.threads)
        images = read_train_images(params, input_name)
        statistics = images.statistics()
        for seed in params.segmentation.seeds:
            job = make_job(params, input_name, seed)
            train(params, images, statistics, job, run)
            classes = params.data.class_names
            config = config_of(params.segmentation, classes, input_name, seed, statistics)
            write_json(job.directory / paths.CONFIG, config)
            for name in (paths.WEIGHTS, paths.CONFIG, paths.HISTORY):
                run.artifact(job.directory / name, f"seed-{seed}")
        checkpoint.forget(paths.segmenters(input_name))


if __name__ == "__main__":
    main()
