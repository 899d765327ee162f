"""Optimiser and learning rate of the segmentation."""

from __future__ import annotations

import math

from torch import nn, optim

from pipeline.params import NetworkParams
from segmentation.model.networks import Segmenter

POLY_POWER = 0.9
"""Exponent of the `poly` schedule, as in the DeepLab papers."""


def make_optimizer(model: Segmenter, params: NetworkParams) -> optim.Optimizer:
    """SGD with momentum or AdamW; the encoder at `encoder_rate` times the learning rate."""
    encoder: nn.Module = model.network.encoder  # type: ignore[assignment]
    inside = {id(weight) for weight in encoder.parameters()}
    others = [weight for weight in model.parameters() if id(weight) not in inside]
    groups = [
        {"params": others, "lr": params.learning_rate},
        {"params": list(encoder.parameters()), "lr": params.learning_rate * params.encoder_rate},
    ]
    if params.optimizer == "adamw":
        return optim.AdamW(groups, weight_decay=params.weight_decay)
    return optim.SGD(groups, momentum=params.momentum, weight_decay=params.weight_decay)


def _factor(params: NetworkParams, step: int, steps: int) -> float:
    """Factor on the learning rate at a step, see `make_schedule`."""
    share = min(step / steps, 1.0)
    factors = {
        "constant": 1.0,
        "poly": (1 - share) ** POLY_POWER,
        "cosine": (1 + math.cos(math.pi * share)) / 2,
    }
    warm = min(1.0, (step + 1) / params.warmup_steps) if params.warmup_steps else 1.0
    return warm * factors[params.schedule]


def make_schedule(
    optimizer: optim.Optimizer, params: NetworkParams, steps: int
) -> optim.lr_scheduler.LRScheduler:
    """Factor on the learning rate at step t of `steps`.

    poly: (1 − t / steps)^0.9; cosine: (1 + cos(π t / steps)) / 2; over the first `warmup_steps`
    times (t + 1) / warmup_steps. The encoder's is 0 in the frozen epochs, and with it its weight
    decay: its weights stay, while batch norm goes on counting.

    Args:
        optimizer: from `make_optimizer`.
        params: schedule, warm-up, epochs and frozen ones are read.
        steps: of all epochs.
    """
    frozen = steps * params.frozen_epochs // params.epochs
    return optim.lr_scheduler.LambdaLR(
        optimizer,
        [
            lambda step: _factor(params, step, steps),
            lambda step: 0.0 if step < frozen else _factor(params, step, steps),
        ],
    )
