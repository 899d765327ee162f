"""One training step of LKC-FUNet with its loss on 32 crops of 64×64."""

import copy

import torch
from torch import nn

from benchmarks.measure import arguments, compare, interleaved, relative_error, save
from benchmarks.networks import pair
from fusion.learning.losses import fusion_losses

SETTLE = 30
"""Seconds that each version gets before a timed step: one of the released one, some of ours."""


class Step:
    """Forward, backward and Adam on one fixed batch."""

    def __init__(self, network: nn.Module, vis: torch.Tensor, ir: torch.Tensor) -> None:
        self.network, self.vis, self.ir = network.train(), vis, ir
        self.optimizer = torch.optim.Adam(network.parameters(), lr=1e-4)

    def __call__(self) -> None:
        """One step."""
        self.optimizer.zero_grad(set_to_none=True)
        backward(self.network, self.vis, self.ir)
        self.optimizer.step()


def backward(network: nn.Module, vis: torch.Tensor, ir: torch.Tensor) -> None:
    """Add the gradient of the training loss to the parameters'."""
    sum(fusion_losses(network(vis, ir), vis, ir).values()).backward()


def gradient(network: nn.Module, vis: torch.Tensor, ir: torch.Tensor) -> torch.Tensor:
    """All gradients of one batch in one vector.

    Without dropout, whose draws follow the memory layout, and of a smooth loss: at the kinks of
    the training loss (maximum, absolute value) rounding alone can turn a pixel's gradient around.
    """
    network.eval()(vis, ir).square().mean().backward()
    return torch.cat([p.grad.flatten() for p in network.parameters() if p.grad is not None])


def main() -> None:
    given = arguments(__doc__, runs=1)
    crops, size = (2, 32) if given.tiny else (32, 64)
    released, ours = pair(given.tiny)
    vis, ir = torch.rand(2, crops, 1, size, size)
    truth = gradient(copy.deepcopy(released).double(), vis[:1].double(), ir[:1].double())
    error, of_direct = (
        relative_error(gradient(copy.deepcopy(network), vis[:1], ir[:1]), truth)
        for network in (ours, released)
    )
    steps = Step(released, vis, ir), Step(ours, vis, ir)
    times = interleaved(given.runs, *steps, settle=0 if given.tiny else SETTLE)
    note = (
        "seconds a step; the errors are of the gradient of a mean square, 1 crop, against float64"
    )
    row = compare(f"{crops} crops of {size}×{size}", *times, error)
    row["relative_error_of_direct"] = of_direct
    save("training", [row], note, given.runs, given.tiny)


if __name__ == "__main__":
    main()
