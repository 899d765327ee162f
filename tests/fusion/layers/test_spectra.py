"""Kept spectra: what they give, when they are dropped, how much they take, who must not use them.

The truth is PyTorch's own convolution with the weights as they are now.
"""

import copy
import gc
import pickle
from collections.abc import Callable, Iterator

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from fusion.layers import spectra
from fusion.layers.large_kernel import LargeKernelConv2d


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    spectra.forget()
    yield
    spectra.forget()


@pytest.fixture
def transforms(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, ...]]:
    """Shapes of all weights that were transformed for inference so far."""
    done = []
    transform = spectra.kernel_spectrum

    def counted(weight: Tensor, cut: object) -> list[Tensor]:
        done.append(tuple(weight.shape))
        return transform(weight, cut)

    monkeypatch.setattr(spectra, "kernel_spectrum", counted)
    return done


def make(channels: int = 3, kernel: int = 15) -> LargeKernelConv2d:
    torch.manual_seed(channels)
    return LargeKernelConv2d(channels, channels, kernel, conv="frequency").eval()


def check(layer: LargeKernelConv2d, x: Tensor) -> None:
    truth = F.conv2d(x, layer.weight, layer.bias, padding=layer.padding)
    torch.testing.assert_close(layer(x), truth, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_next_image_needs_no_transform_and_is_the_same_to_the_bit(mode, transforms) -> None:
    layer, x = make(), torch.randn(1, 3, 40, 50)
    with mode():
        first, again = layer(x), layer(x)
        check(layer, torch.randn(1, 3, 40, 50))
    assert torch.equal(first, again)
    assert len(transforms) == 1


def test_what_inference_mode_kept_serves_outside_of_it() -> None:
    layer, x = make(), torch.randn(1, 3, 40, 50)
    with torch.inference_mode():
        layer(x)
    with torch.no_grad():
        check(layer, x)
    layer(x.requires_grad_()).sum().backward()
    assert x.grad is not None


def test_another_size_or_type_is_transformed_anew(transforms) -> None:
    layer = make()
    with torch.no_grad():
        for size in ((40, 50), (90, 61), (40, 50)):
            check(layer, torch.randn(1, 3, *size))
    assert len(transforms) == 3


def step(layer: LargeKernelConv2d) -> None:
    optimizer = torch.optim.Adam(layer.parameters(), lr=0.1)
    with torch.enable_grad():
        layer(torch.randn(1, 3, 40, 50)).square().mean().backward()
    optimizer.step()


def edit_in_inference_mode(layer: LargeKernelConv2d) -> None:
    with torch.inference_mode():
        layer.weight.mul_(2)


def edit_one_number_through_numpy(layer: LargeKernelConv2d) -> None:
    layer.weight.detach().numpy()[1, 2, 3, 4] += 5


CHANGES: dict[str, Callable[[LargeKernelConv2d], object]] = {
    "optimizer": step,
    "load_state_dict": lambda layer: layer.load_state_dict(make(3, 15).double().state_dict()),
    "assigned state dict": lambda layer: layer.load_state_dict(
        {name: 2 * value for name, value in layer.state_dict().items()}, assign=True
    ),
    "in place": lambda layer: layer.weight.add_(1),
    "in inference mode": edit_in_inference_mode,
    "data in place": lambda layer: layer.weight.data.mul_(3),
    "new data": lambda layer: setattr(layer.weight, "data", torch.randn_like(layer.weight)),
    "numpy": edit_one_number_through_numpy,
    "there and back": lambda layer: layer.to("meta").to_empty(device="cpu").reset_parameters(),
    "bfloat16": lambda layer: layer.to(torch.bfloat16).to(torch.float32),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_changed_weights_are_transformed_anew(change, transforms) -> None:
    layer, x = make(), torch.randn(1, 3, 40, 50)
    with torch.no_grad():
        layer(x)
        layer.weight.mul_(1.5)  # so that loading the same seed's weights is a change, too
        check(layer, x)
        before = len(transforms)
        change(layer)
        check(layer, x)
    assert len(transforms) == before + 1


@pytest.mark.parametrize("training", [True, False])
def test_training_and_gradients_keep_nothing(training: bool, transforms) -> None:
    layer = make().train(training)
    layer(torch.randn(1, 3, 40, 50, requires_grad=True)).sum().backward()
    if training:
        with torch.no_grad():
            layer(torch.randn(1, 3, 40, 50))
    assert transforms == []
    assert spectra.kept_bytes() == 0


def test_limit_holds_and_the_tallest_kernels_stay(monkeypatch, transforms) -> None:
    x = torch.randn(1, 3, 40, 40)
    small, first, second, tall = make(3, 5), make(3, 11), make(3, 11), make(3, 15)
    with torch.no_grad():
        first(x)
        monkeypatch.setattr(spectra, "LIMIT", int(1.5 * spectra.kept_bytes()))
        for layer in (first, second, small, first):
            layer(x)
            assert spectra.kept_bytes() <= spectra.LIMIT
        assert transforms.count((3, 3, 11, 11)) == 2  # the first stays among equals
        tall(x)
        monkeypatch.setattr(spectra, "LIMIT", spectra.kept_bytes())
        transforms.clear()
        for layer in (tall, second, small, tall):
            check(layer, x)
            assert spectra.kept_bytes() <= spectra.LIMIT
    assert (3, 3, 15, 15) not in transforms


def test_images_of_many_tiles_keep_nothing(monkeypatch) -> None:
    layer, x = make(), torch.randn(1, 3, 90, 100)
    monkeypatch.setattr(spectra, "BAND", 1)
    with torch.no_grad():
        check(layer, x)
        assert spectra.kept_bytes() == 0
        monkeypatch.setattr(spectra, "BAND", 64)
        check(layer, x)
        assert spectra.kept_bytes() > 0


def test_limit_of_nothing_keeps_nothing(monkeypatch, transforms) -> None:
    monkeypatch.setattr(spectra, "LIMIT", 0)
    layer, x = make(), torch.randn(1, 3, 40, 50)
    with torch.no_grad():
        check(layer, x)
        check(layer, x)
    assert len(transforms) == 2
    assert spectra.kept_bytes() == 0


def test_goes_with_the_layer_and_into_no_copy() -> None:
    layer, x = make(8), torch.randn(1, 8, 40, 50)
    fresh = len(pickle.dumps(layer))
    names = list(layer.state_dict())
    with torch.no_grad():
        layer(x)
    kept = spectra.kept_bytes()
    assert kept > 5 * layer.weight.nbytes
    twin = copy.deepcopy(layer)
    assert spectra.kept_bytes() == kept
    assert len(pickle.dumps(layer)) == fresh
    assert list(layer.state_dict()) == names
    with torch.no_grad():
        check(twin, x)
    del layer, twin
    gc.collect()
    assert spectra.kept_bytes() == 0


def test_export_stays_a_plain_convolution() -> None:
    layer, x = make(), torch.randn(1, 3, 40, 50)
    with torch.no_grad():
        layer(x)
        exported = torch.export.export(layer, (x,))
        called = {str(node.target) for node in exported.graph.nodes if node.op == "call_function"}
        assert called == {"aten.conv2d.default"}
