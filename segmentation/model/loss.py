"""The loss of the segmentation: weighted cross entropy, with Dice on request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pipeline.images.pixels import IGNORED
from pipeline.params import NetworkParams

LightestClass, HeaviestClass = 0.1, 10.0

Terms = Callable[[Tensor, Tensor], dict[str, Tensor]]
"""`terms(logits, labels)`: (N,C,H,W) float and (N,H,W) int64 to scalar terms by name."""


def median_frequency(pixels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Median frequency balancing (Eigen and Fergus, ICCV 2015).

    Weight of class c: median of all frequencies / frequency of c, where the frequency is the
    share of c among the pixels of those images that have c. Clipped to [0.1, 10], since a class
    of a few pixels would else drown the rest.

    Args:
        pixels: (images, classes) pixel counts.

    Returns:
        (classes,) weights; 1 for a class that no image has.
    """
    present = pixels > 0
    totals = (pixels.sum(axis=1, keepdims=True) * present).sum(axis=0)
    seen = totals > 0
    frequency = pixels.sum(axis=0)[seen] / totals[seen]
    weights = np.ones(pixels.shape[1])
    weights[seen] = np.clip(np.median(frequency) / frequency, LightestClass, HeaviestClass)
    return weights


def make_terms(
    params: NetworkParams, pixels: NDArray[np.int64], device: torch.device | str = "cpu"
) -> Terms:
    """The loss that `params` ask for.

    Args:
        params: loss, class weights and label smoothing are read.
        pixels: (images, classes) pixel counts of train.
        device: where the logits will be.

    Returns:
        A function to the terms `cross_entropy` and, on request, `dice` (the mean over the
        batch's classes of 1 − Dice coefficient, of softmax probabilities). Pixels that are
        `IGNORED` are out of both; a batch of nothing else costs nothing.
    """
    weights = None
    if params.class_weights == "median_frequency":
        weights = torch.from_numpy(median_frequency(pixels)).float().to(device)
    cross_entropy = nn.CrossEntropyLoss(
        weights, ignore_index=IGNORED, label_smoothing=params.label_smoothing
    )
    losses: dict[str, Any] = {"cross_entropy": cross_entropy}
    if params.loss == "cross_entropy+dice":
        from segmentation_models_pytorch.losses import DiceLoss

        losses["dice"] = DiceLoss(mode="multiclass", from_logits=True, ignore_index=IGNORED)

    def terms(logits: Tensor, labels: Tensor) -> dict[str, Tensor]:
        nothing, zero = (labels == IGNORED).all(), logits.new_zeros(())
        return {
            name: torch.where(nothing, zero, loss(logits, labels))  # a mean over no pixel is NaN
            for name, loss in losses.items()
        }

    return terms
