"""A training step asks for no number of a tensor, for a GPU would have to finish first.

On a CPU nothing waits, but PyTorch's dispatcher sees the same questions.
"""

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from fusion.methods.base import Learned, create
from pipeline.params import SegmentationParams
from segmentation.data.statistics import Statistics
from segmentation.model.loss import make_terms
from segmentation.model.networks import create as create_segmenter

ASKED = {
    "aten::_local_scalar_dense", "aten::item", "aten::is_nonzero", "aten::equal", "aten::nonzero",
    "aten::masked_select", "aten::unique_dim", "aten::_unique2", "aten::_linalg_check_errors",
    "aten::bincount", "aten::repeat_interleave.Tensor",
}  # fmt: skip
"""What needs the values of a tensor on the CPU: as numbers, or as the size of another tensor."""

FUSION = {
    "lkc_funet": {"width": 8, "init_width": 8, "kernels": [5, 3], "groups": 4},
    "lkc_funet_lite": {},
    "mmif_amin": {"blocks": 1, "units": 1},
}
DECODERS = {
    "deeplabv3": "tu-test_resnet", "deeplabv3plus": "tu-test_resnet", "fpn": "tu-test_resnet",
    "unet": "tu-test_resnet", "segformer": "mit_b0", "upernet": "tu-test_resnet",
}  # fmt: skip


class Questions(TorchDispatchMode):
    """Counts them."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: Counter[str] = Counter()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        name = func._schema.name
        if name in ASKED or f"{name}.{func._overloadname}" in ASKED:
            self.asked[name] += 1
        return func(*args, **(kwargs or {}))


def asked(step: Callable[[], dict[str, torch.Tensor]]) -> Counter[str]:
    """The questions of a step's forward and backward pass."""
    with Questions() as questions:
        torch.stack([term.float() for term in step().values()]).sum().backward()
    return questions.asked


def test_a_question_is_noticed() -> None:
    weight = torch.ones(2, 2, requires_grad=True)
    assert asked(lambda: {"a": weight.sum() * weight.detach().sum().item()})
    assert asked(lambda: {"a": torch.linalg.cholesky(weight + torch.eye(2)).sum()})


def test_every_learned_method_is_here() -> None:
    from fusion.methods.base import names

    own = set(names()) - {"precomputed", "command"}
    learned = {name for name in own if isinstance(create(name, **FUSION.get(name, {})), Learned)}
    assert learned == set(FUSION)


@pytest.mark.parametrize("name", FUSION)
def test_fusion(name: str) -> None:
    method = create(name, **FUSION[name]).train()
    ir, vis = torch.rand(2, 1, 32, 32), torch.rand(2, 3, 32, 32)
    assert not asked(lambda: method.losses(ir, vis))


def _one_hot(labels: torch.Tensor, classes: int) -> torch.Tensor:
    """PyTorch's looks at the largest and the least label, but only on a CPU."""
    zeros = labels.new_zeros(*labels.shape, classes)
    return zeros.scatter(-1, labels[..., None], 1)


@pytest.mark.parametrize("decoder", DECODERS)
def test_segmentation(decoder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.nn.functional, "one_hot", _one_hot)
    params = SegmentationParams(
        decoder=decoder, encoder=DECODERS[decoder], decoder_channels=16, size=(64, 64),
        loss="cross_entropy+dice", class_weights="median_frequency",
    )  # fmt: skip
    network = create_segmenter(params, 3, 0, Statistics((0.5,) * 3, (0.2,) * 3)).train()
    terms = make_terms(params, np.full((2, 3), 10))
    image, labels = torch.rand(2, 3, 64, 64), torch.randint(3, (2, 64, 64))
    assert not asked(lambda: terms(network(image), labels))
