"""Stage `train_fusion`: train one fusion method on the train pairs.

`python -m fusion.train METHOD`. A method with nothing to learn, or with ready weights, only gets
its `config.json`, so that every method goes through the same stages.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import Tensor, nn, optim

import fusion
import pipeline
from fusion import registry
from fusion.data import CropBatch, CropBatches, check_crop, read_pairs
from fusion.learned import Learned
from pipeline import checkpoint, pairs, tracking
from pipeline.checkpoint import fingerprint
from pipeline.errors import UserError
from pipeline.files import write_json
from pipeline.params import FusionTraining, MethodSpec, Params, flatten
from pipeline.seeding import seed_everything
from pipeline.stage import stage

ROOT = Path("artifacts/fusion")


def spec_of(params: Params, method: str) -> MethodSpec:
    """The method's entry in `params.yaml`. Raises UserError if there is none."""
    try:
        return params.fusion.methods[method]
    except KeyError:
        allowed = ", ".join(params.fusion.methods)
        raise UserError(f"fusion.methods: no method {method!r}; there are {allowed}") from None


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
    directory: Path,
    names: list[str],
    config: dict[str, Any],
    run: tracking.Run,
    out: Path,
) -> None:
    """Train `method` on the train pairs `names` below `directory` and write its files to `out`."""
    # Lightning takes seconds to import, and the stages that only fuse need none of it.
    from pipeline.engine import fit
    from pipeline.fabric import make_fabric
    from pipeline.training import Job

    train_pairs = read_pairs(directory, names)
    check_crop(train_pairs, names, training.crop)
    fabric = make_fabric(training.precision)
    images = [directory / "train" / kind for kind in ("ir", "vi")]
    code = [Path(package.__path__[0]) for package in (fusion, pipeline)]
    job = Job(
        title=f"train {name}",
        directory=out,
        checkpoint=checkpoint.place(out),
        fingerprint=fingerprint(config, *images, *code),
        epochs=training.epochs,
        seed=training.seed,
        clip_norm=training.clip_norm,
    )  # fmt: skip

    def batches(epoch: int) -> CropBatches:
        return CropBatches(train_pairs, training, epoch, fabric.global_rank, fabric.world_size)

    def step(model: nn.Module, batch: CropBatch) -> dict[str, Tensor]:
        ir, vis = (tensor.to(fabric.device) for tensor in batch)
        return model.losses(ir, vis)  # type: ignore[operator]

    optimizer, scheduler = make_optimizer(method, training, training.epochs * len(batches(0)))
    fit(fabric, job, method, optimizer, scheduler, batches, step, run)


def fresh(
    name: str, spec: MethodSpec, training: FusionTraining
) -> tuple[registry.Method, dict[str, Any]]:
    """The method `name` with weights from its seed, and what its `config.json` says.

    `training` is None there if the method has nothing to learn, or ready weights.
    """
    seed_everything(training.seed)
    method = registry.create(spec.type or name, **spec.own)
    learns = isinstance(method, Learned) and spec.weights is None
    config = spec.model_dump(mode="json") | {"type": spec.type or name}
    config["training"] = training.model_dump(mode="json") if learns else None
    return method, config


def train_if_needed(
    method: registry.Method,
    name: str,
    training: FusionTraining,
    directory: Path,
    config: dict[str, Any],
    run: tracking.Run,
    out: Path,
) -> None:
    """Train what `fresh` made if it learns; write `config.json` to `out` in any case."""
    if isinstance(method, Learned) and config["training"] is not None:
        names = pairs.names(pairs.read_manifest(directory), "train")
        train(method, name, training, directory, names, config, run, out)
        run.artifact(out / "model.safetensors")
    else:
        print(f"{name}: nothing to train")
    write_json(out / "config.json", config)
    checkpoint.forget(out)
    run.artifact(out / "config.json")


@stage
def main(params: Params, method: str) -> None:
    """Train one fusion method of params.yaml."""
    training = params.fusion.training_of(method)
    fuse, config = fresh(method, spec_of(params, method), training)
    with tracking.run(params, "train_fusion", method, flatten(config)) as run:
        train_if_needed(fuse, method, training, params.data.directory, config, run, ROOT / method)


if __name__ == "__main__":
    main()
