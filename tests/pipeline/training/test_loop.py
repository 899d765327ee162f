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


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Checkpoints lie in the working directory, out of the way of results in `artifacts`."""
    monkeypatch.chdir(tmp_path)


def job(name: str = "toy", **changes: object) -> Job:
    fixed = {"title": "toy", "fingerprint": "a", "epochs": EPOCHS, "seed": 3, "save_seconds": 0.0}
    return Job(directory=Path("artifacts") / name, **(fixed | changes))


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


@pytest.mark.parametrize("die_at", range(1, 16))
def test_a_run_killed_at_any_step_resumes_to_the_same_bits(die_at: int) -> None:
    """Within an epoch too: dropout goes on drawing where it was."""
    whole = train(job("whole")).state_dict()
    with pytest.raises(KilledError):
        train(job("killed"), die_at)
    resumed = train(job("killed")).state_dict()
    assert all(torch.equal(whole[key], resumed[key]) for key in whole)
    files = [Path("artifacts") / run / "history.csv" for run in ("whole", "killed")]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_resuming_skips_the_finished_steps(capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(KilledError):
        train(job(), die_at=8)
    train(job())
    assert "going on after epoch 2 of 5, step 1" in capsys.readouterr().out


def test_killed_twice(capsys: pytest.CaptureFixture) -> None:
    whole = train(job("whole")).state_dict()
    for die_at in (5, 4):
        with pytest.raises(KilledError):
            train(job("killed"), die_at)
    resumed = train(job("killed")).state_dict()
    assert all(torch.equal(whole[key], resumed[key]) for key in whole)


def test_a_checkpoint_of_other_params_is_ignored(capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(KilledError):
        train(job(), die_at=8)
    train(job(fingerprint="b"))
    assert "going on" not in capsys.readouterr().out


def test_two_experiments_on_one_result_keep_their_own_state() -> None:
    """Side by side in DVC's queue they share the project's checkpoints."""
    whole = train(job("whole", seed=4)).state_dict()
    for seed, mark in ((4, "b"), (3, "a")):
        with pytest.raises(KilledError):
            train(job(seed=seed, fingerprint=mark), die_at=8)
    resumed = train(job(seed=4, fingerprint="b")).state_dict()
    assert all(torch.equal(whole[key], resumed[key]) for key in whole)


def test_a_finished_training_is_not_repeated() -> None:
    """A stage that is killed after its training finds it done."""
    weights = Path("artifacts/toy/model.safetensors")
    train(job())
    before = weights.read_bytes()
    weights.unlink()
    train(job(), die_at=1)
    assert weights.read_bytes() == before


def test_final_files_hold_the_models_weights() -> None:
    model = train(job())
    saved = load_file("artifacts/toy/model.safetensors")
    assert all(torch.equal(saved[key], value) for key, value in model.state_dict().items())
    history = pd.read_csv("artifacts/toy/history.csv")
    assert history["epoch"].tolist() == [1, 2, 3, 4, 5]
    assert history["loss"].to_numpy() == pytest.approx((history["l1"] + history["l2"]).to_numpy())


def test_a_loss_that_is_not_finite_names_the_epoch() -> None:
    with pytest.raises(UserError, match=r"not finite in epoch 1 .*lower the learning rate"):
        train(job(), loss=lambda error: error * float("nan"))
    assert not Path("artifacts/toy/model.safetensors").exists()


def test_order_covers_every_image_once_and_ranks_share_a_batch() -> None:
    whole = epoch_batches(10, 4, seed=1, epoch=2)
    assert sorted(index for step in whole for index in step) == list(range(10))
    assert [len(step) for step in whole] == [4, 4, 2]
    ranks = [epoch_batches(10, 4, 1, 2, rank, world_size=2) for rank in (0, 1)]
    for step, first, second in zip(whole, *ranks, strict=True):
        assert sorted(first + second) == sorted(step)
    assert epoch_batches(10, 4, seed=1, epoch=3) != whole
