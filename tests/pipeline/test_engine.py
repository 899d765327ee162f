"""The engine: what a killed run resumes to, what it writes, how it fails."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from pipeline.stage.errors import UserError
from pipeline.tracking import Run
from pipeline.training.devices import make_fabric
from pipeline.training.job import Job
from pipeline.training.loop import fit
from pipeline.training.order import epoch_batches
from pipeline.training.seeds import seed_everything

EPOCHS = 5
DATA = torch.linspace(-1, 1, 24).reshape(12, 2)


class KilledError(Exception):
    pass


def job(folder: Path, **changes: object) -> Job:
    fixed = {"title": "toy", "fingerprint": "a", "epochs": EPOCHS, "seed": 3, "save_seconds": 0.0}
    return Job(directory=folder, checkpoint=folder / "last.pt", **(fixed | changes))


def train(job: Job, die_at: int = -1, loss: Callable[[Tensor], Tensor] | None = None) -> nn.Module:
    """Fit y = x·w with dropout and a schedule; `die_at` is the step that raises."""
    seed_everything(job.seed)
    model = nn.Sequential(nn.Linear(2, 16), nn.Dropout(0.5), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=EPOCHS * 3)
    steps = 0

    def step(net: nn.Module, rows: list[int]) -> dict[str, Tensor]:
        nonlocal steps
        steps += 1
        if steps == die_at:
            raise KilledError
        x = DATA[rows]
        error = net(x) - x.sum(1, keepdim=True)
        return {"l2": (loss or torch.square)(error).mean(), "l1": 0.1 * error.abs().mean()}

    def batches(epoch: int) -> list[list[int]]:
        return epoch_batches(len(DATA), 4, job.seed, epoch)

    fit(make_fabric(), job, model, optimizer, scheduler, batches, step, Run(None, ""))
    return model


@pytest.mark.parametrize("die_at", [1, 4, 8, 15])
def test_a_killed_run_resumes_to_the_same_bits(tmp_path: Path, die_at: int) -> None:
    whole = train(job(tmp_path / "whole")).state_dict()
    with pytest.raises(KilledError):
        train(job(tmp_path / "killed"), die_at)
    resumed = train(job(tmp_path / "killed")).state_dict()
    assert all(torch.equal(whole[key], resumed[key]) for key in whole)
    files = [tmp_path / run / "history.csv" for run in ("whole", "killed")]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_resuming_skips_the_finished_epochs(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(KilledError):
        train(job(tmp_path), die_at=8)
    train(job(tmp_path))
    assert "going on after epoch 2 of 5" in capsys.readouterr().out


def test_a_checkpoint_of_other_params_is_ignored(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    with pytest.raises(KilledError):
        train(job(tmp_path), die_at=8)
    train(job(tmp_path, fingerprint="b"))
    assert "going on" not in capsys.readouterr().out


def test_a_finished_training_is_not_repeated(tmp_path: Path) -> None:
    """A stage with several trainings that is killed in a later one finds the earlier ones done."""
    train(job(tmp_path))
    weights = (tmp_path / "model.safetensors").read_bytes()
    (tmp_path / "model.safetensors").unlink()
    train(job(tmp_path), die_at=1)
    assert (tmp_path / "model.safetensors").read_bytes() == weights


def test_final_files_hold_the_models_weights(tmp_path: Path) -> None:
    model = train(job(tmp_path))
    saved = load_file(tmp_path / "model.safetensors")
    assert all(torch.equal(saved[key], value) for key, value in model.state_dict().items())
    history = pd.read_csv(tmp_path / "history.csv")
    assert history["epoch"].tolist() == [1, 2, 3, 4, 5]
    assert history["loss"].to_numpy() == pytest.approx((history["l1"] + history["l2"]).to_numpy())


def test_best_keeps_the_epoch_of_lowest_loss(tmp_path: Path) -> None:
    """With a negated loss training gets worse after every epoch, so the first is the best."""

    def grows(error: Tensor) -> Tensor:
        return -torch.square(error) + 100

    best = train(job(tmp_path / "best", keep="best"), loss=grows).state_dict()
    history = pd.read_csv(tmp_path / "best" / "history.csv")
    epochs = int(history["loss"].idxmin()) + 1
    last = train(job(tmp_path / "last", epochs=epochs), loss=grows).state_dict()
    assert all(torch.equal(best[key], last[key]) for key in best)


def test_a_loss_that_is_not_finite_names_the_epoch(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"not finite in epoch 1 .*lower the learning rate"):
        train(job(tmp_path), loss=lambda error: error * float("nan"))
    assert not (tmp_path / "model.safetensors").exists()


def test_order_covers_every_image_once_and_ranks_share_a_batch() -> None:
    whole = epoch_batches(10, 4, seed=1, epoch=2)
    assert sorted(index for step in whole for index in step) == list(range(10))
    assert [len(step) for step in whole] == [4, 4, 2]
    ranks = [epoch_batches(10, 4, 1, 2, rank, world_size=2) for rank in (0, 1)]
    for step, first, second in zip(whole, *ranks, strict=True):
        assert sorted(first + second) == sorted(step)
    assert epoch_batches(10, 4, seed=1, epoch=3) != whole
