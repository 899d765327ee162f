import math

import pytest
import segmentation_case as scene
import torch

from segmentation.data.statistics import Statistics
from segmentation.model.networks import create
from segmentation.model.optimizer import make_optimizer, make_schedule

STATISTICS = Statistics((0.5, 0.5, 0.5), (0.2, 0.2, 0.2))


def rates(**segmentation: object) -> list[tuple[float, float]]:
    """Learning rates of decoder and encoder before each of ten steps, and after the last."""
    params = scene.params(learning_rate=0.1, encoder_rate=0.25, **segmentation).segmentation
    optimizer = make_optimizer(create(params, 3, 0, STATISTICS), params)
    schedule = make_schedule(optimizer, params, steps=10)
    seen = []
    for _ in range(11):
        seen.append(tuple(group["lr"] for group in optimizer.param_groups))
        optimizer.step()
        if schedule is not None:
            schedule.step()
    return seen


@pytest.mark.parametrize(
    ("schedule", "factor"),
    [
        ("constant", lambda share: 1.0),
        ("poly", lambda share: (1 - share) ** 0.9),
        ("cosine", lambda share: (1 + math.cos(math.pi * share)) / 2),
    ],
)
def test_schedules_follow_their_formula(schedule: str, factor) -> None:
    for step, (decoder, encoder) in enumerate(rates(schedule=schedule)):
        assert decoder == pytest.approx(0.1 * factor(step / 10), abs=1e-9)
        assert encoder == pytest.approx(0.25 * 0.1 * factor(step / 10), abs=1e-9)


@pytest.mark.parametrize(("name", "kind"), [("sgd", torch.optim.SGD), ("adamw", torch.optim.AdamW)])
def test_every_weight_is_in_one_group(name: str, kind: type) -> None:
    params = scene.params(optimizer=name, weight_decay=0.02, momentum=0.8).segmentation
    model = create(params, 3, 0, STATISTICS)
    optimizer = make_optimizer(model, params)
    assert isinstance(optimizer, kind)
    held = [id(weight) for group in optimizer.param_groups for weight in group["params"]]
    assert sorted(held) == sorted(id(weight) for weight in model.parameters())
    encoder = {id(weight) for weight in model.network.encoder.parameters()}
    assert {id(weight) for weight in optimizer.param_groups[1]["params"]} == encoder
    for group in optimizer.param_groups:
        assert group["weight_decay"] == 0.02
        assert group.get("momentum", 0.8) == 0.8


def test_a_warm_up_rises_linearly_into_the_schedule() -> None:
    seen = rates(schedule="cosine", warmup_steps=4)
    plain = rates(schedule="cosine")
    for step, (warm, other) in enumerate(zip(seen, plain, strict=True)):
        factor = min(1, (step + 1) / 4)
        assert warm == pytest.approx([factor * rate for rate in other])


def test_frozen_epochs_leave_the_encoder_and_not_the_decoder() -> None:
    params = scene.params(epochs=5, frozen_epochs=2, optimizer="adamw").segmentation
    model = create(params, 3, 0, STATISTICS)
    optimizer = make_optimizer(model, params)
    schedule = make_schedule(optimizer, params, steps=10)

    def weights() -> tuple[torch.Tensor, torch.Tensor]:
        parts = (model.network.encoder, model.network.segmentation_head)
        return tuple(torch.cat([w.detach().flatten() for w in p.parameters()]) for p in parts)

    moved = []
    for _ in range(6):
        before = weights()
        optimizer.zero_grad()
        model(torch.rand(2, 3, 24, 32)).square().mean().backward()
        optimizer.step()
        schedule.step()
        moved.append([not b.equal(a) for b, a in zip(before, weights(), strict=True)])
    assert moved == [[False, True]] * 4 + [[True, True]] * 2
