"""Optimiser and learning rate of the segmentation."""

from __future__ import annotations

from torch import nn, optim

from pipeline.params import SegmentationParams
from segmentation.model.networks import Segmenter

POLY_POWER = 0.9
"""Exponent of the `poly` schedule, as in the DeepLab papers."""


def make_optimizer(model: Segmenter, params: SegmentationParams) -> optim.Optimizer:
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


def make_schedule(
    optimizer: optim.Optimizer, params: SegmentationParams, steps: int
) -> optim.lr_scheduler.LRScheduler | None:
    """Factor on the learning rate at step t of `steps`, or None if constant.

    poly: (1 − t / steps)^0.9; cosine: (1 + cos(π t / steps)) / 2.
    """
    if params.schedule == "poly":
        return optim.lr_scheduler.PolynomialLR(optimizer, total_iters=steps, power=POLY_POWER)
    if params.schedule == "cosine":
        return optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps)
    return None
