"""Train one fusion method, if it learns at all: what IR/VIS and medical fusion share."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torch import Tensor, nn, optim
from torch.nn.modules.batchnorm import _BatchNorm

from fusion.learning.crops import CropBatch, CropBatches, check_crop, read_pairs
from fusion.methods.base import Learned, Method, create
from pipeline import tracking
from pipeline.data import pairs
from pipeline.images.whole import write_json
from pipeline.params import FusionTraining, MethodSpec, RuntimeParams
from pipeline.results import paths
from pipeline.stage import rank
from pipeline.training import checkpoint
from pipeline.training.devices import use_threads
from pipeline.training.order import check_shares
from pipeline.training.seeds import seed_everything


def make_optimizer(
    model: nn.Module, training: FusionTraining, steps: int
) -> tuple[optim.Optimizer, optim.lr_scheduler.LRScheduler | None]:
    """Adam, and the schedule over `steps` steps, None if constant."""
    adam = optim.Adam(model.parameters(), lr=training.learning_rate)
    if training.schedule == "constant":
        return adam, None
    return adam, optim.lr_scheduler.CosineAnnealingLR(adam, T_max=steps)


def train(
    method: Learned,
    name: str,
    training: FusionTraining,
    directories: Sequence[Path],
    mark: str,
    run: tracking.Run,
    out: Path,
    runtime: RuntimeParams,
) -> None:
    """Train `method` on all train pairs of `directories` and write its files to `out`."""
    from pipeline.training.devices import make_fabric
    from pipeline.training.job import Job
    from pipeline.training.loop import fit

    names = [pairs.names(directory, "train") for directory in directories]
    train_pairs = [
        pair
        for directory, own in zip(directories, names, strict=True)
        for pair in read_pairs(directory, own)
    ]
    check_crop(train_pairs, [name for own in names for name in own], training.crop)
    count = len(train_pairs) * training.crops_per_image
    least = 2 if any(isinstance(part, _BatchNorm) for part in method.modules()) else 1

    def check(processes: int) -> None:
        key = "fusion.training.batch_size"
        check_shares(count, training.batch_size, processes, key, least)

    fabric = make_fabric(training.precision, runtime, check)
    job = Job(
        title=f"train {name}",
        directory=out,
        fingerprint=mark,
        epochs=training.epochs,
        seed=training.seed,
        clip_norm=training.clip_norm,
        save_seconds=runtime.checkpoint_seconds,
    )

    def batches(epoch: int) -> CropBatches:
        return CropBatches(train_pairs, training, epoch, fabric.global_rank, fabric.world_size)

    def step(model: nn.Module, batch: CropBatch) -> dict[str, Tensor]:
        ir, vis = (tensor.to(fabric.device, non_blocking=True) for tensor in batch)
        # Fabric sets the precision of `forward`; of other methods only where it wraps the module.
        with fabric.autocast():
            return model.losses(ir, vis)  # type: ignore[operator]

    optimizer, scheduler = make_optimizer(method, training, training.epochs * len(batches(0)))
    fit(fabric, job, method, optimizer, scheduler, batches, step, run)


def fresh(name: str, spec: MethodSpec, training: FusionTraining) -> tuple[Method, dict[str, Any]]:
    """The method `name` with weights from its seed, and what its `config.json` says.

    `training` is None there if the method has nothing to learn, or ready weights.
    """
    seed_everything(training.seed)
    method = create(spec.type or name, **spec.own)
    learns = isinstance(method, Learned) and spec.weights is None
    config = spec.model_dump(mode="json") | {"type": spec.type or name}
    config["training"] = training.model_dump(mode="json") if learns else None
    return method, config


def train_if_needed(
    method: Method,
    name: str,
    training: FusionTraining,
    directories: Sequence[Path],
    config: dict[str, Any],
    mark: str,
    run: tracking.Run,
    out: Path,
    runtime: RuntimeParams,
) -> None:
    """Train what `fresh` made if it learns; write `config.json` to `out` in any case.

    Args:
        method: from `fresh`.
        name: for progress and messages.
        training: how it trains.
        directories: of the prepared data sets whose train pairs it sees, together.
        config: from `fresh`.
        mark: fingerprint of everything that the training depends on.
        run: the stage's MLflow run.
        out: folder, in `artifacts/`.
        runtime: devices, and time between checkpoints.
    """
    if isinstance(method, Learned) and config["training"] is not None:
        use_threads(training.threads)
        train(method, name, training, directories, mark, run, out, runtime)
        run.artifact(out / paths.WEIGHTS)
    else:
        print(f"{name}: nothing to train")
    if not rank.first():
        return
    write_json(out / paths.CONFIG, config)
    checkpoint.forget(out, mark)
    run.artifact(out / paths.CONFIG)
