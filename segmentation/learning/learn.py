"""One training of one network on given images, whichever protocol they come from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from pipeline import tracking
from pipeline.images.whole import write_json
from pipeline.params import NetworkParams, Params, RuntimeParams, flatten
from pipeline.provenance.dependencies import stage_fingerprint
from pipeline.provenance.protocol import version
from pipeline.results import paths
from pipeline.stage import rank
from pipeline.training import checkpoint
from pipeline.training.devices import make_fabric, use_threads
from pipeline.training.job import Job
from pipeline.training.loop import fit
from pipeline.training.order import check_shares
from segmentation.data.augment import Augment
from segmentation.data.batches import Batch, Epochs
from segmentation.data.samples import TrainImages
from segmentation.data.statistics import Statistics
from segmentation.model.loss import make_terms
from segmentation.model.networks import config_of, create
from segmentation.model.optimizer import make_optimizer, make_schedule


@dataclass(frozen=True)
class Training:
    """What is trained, and where it goes.

    Attributes:
        stage: of the pipeline.
        protocol: `paths.RETRAINED` or `ONE_FOR_ALL`.
        network: an entry of `segmentation.networks`.
        input_name: the images' name.
        seed: of everything that is drawn.
        out: folder of weights, config and history.
        item: what `dvc.yaml` fills in for this stage.
    """

    stage: str
    protocol: str
    network: str
    input_name: str
    seed: int
    out: Path
    item: dict[str, str]


def _job(params: Params, chosen: NetworkParams, training: Training) -> Job:
    """Title, folder and fingerprint."""
    return Job(
        title=f"{training.network} on {training.input_name}, seed {training.seed}",
        directory=training.out,
        fingerprint=stage_fingerprint(params, training.stage, **training.item),
        epochs=chosen.epochs,
        seed=training.seed,
        save_seconds=params.runtime.checkpoint_seconds,
    )


def _train(
    chosen: NetworkParams,
    images: TrainImages,
    statistics: Statistics,
    job: Job,
    run: tracking.Run,
    runtime: RuntimeParams,
) -> None:
    """Train with the job's seed; weights and history go to the job's folder."""

    def check(processes: int) -> None:
        key = "segmentation.batch_size"
        check_shares(len(images), chosen.batch_size, processes, key, least=2, last=False)

    fabric = make_fabric(chosen.precision, runtime, check)
    model = create(chosen, images.classes, job.seed, statistics)
    # Convolutions on CPU and GPU are faster where a pixel's channels lie together.
    model = model.to(memory_format=torch.channels_last)
    terms = make_terms(chosen, images.class_pixels(), fabric.device)
    augment, share = Augment(chosen, job.seed), (fabric.global_rank, fabric.world_size)
    batches = Epochs(images, augment, job.seed, *share)

    def step(model: nn.Module, batch: Batch) -> dict[str, Tensor]:
        image, label = (tensor.to(fabric.device, non_blocking=True) for tensor in batch)
        return terms(model(image.float() / 255), label)

    optimizer = make_optimizer(model, chosen)
    scheduler = make_schedule(optimizer, chosen, chosen.epochs * len(batches.epoch(0)))
    fit(fabric, job, model, optimizer, scheduler, batches.epoch, step, run)


def learn(params: Params, training: Training, images: TrainImages, run: tracking.Run) -> None:
    """Train the network on the images; write and log weights, config and history."""
    chosen = params.segmentation.of(training.network)
    use_threads(chosen.threads)
    run.tag("protocol", version(params, training.network, training.protocol)["version"])
    job, statistics = _job(params, chosen, training), images.statistics()
    _train(chosen, images, statistics, job, run, params.runtime)
    if not rank.first():
        return
    config = config_of(
        chosen, params.data.class_names, training.input_name, training.seed, statistics
    )
    write_json(training.out / paths.CONFIG, config)
    for name in (paths.WEIGHTS, paths.CONFIG, paths.HISTORY):
        run.artifact(training.out / name)
    checkpoint.forget(training.out, job.fingerprint)


def logged_params(params: Params, network: str, seed: int) -> dict[str, Any]:
    """The protocol as MLflow gets it: of all seeds together only the one at work."""
    return flatten(params.segmentation.of(network)) | {"seeds": seed}
