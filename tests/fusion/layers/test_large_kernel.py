"""Large kernels against PyTorch's own convolution in float64."""

import copy
import io

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from fusion.layers import depthwise
from fusion.layers import frequency as large_kernel_frequency
from fusion.layers.frequency_conv import FrequencyConv2d
from fusion.layers.large_kernel import LargeKernelConv2d

SHAPES = [
    # batch, in, out, height, width, kernel
    (1, 3, 5, 40, 61, 15),
    (2, 8, 4, 96, 70, 11),
    (3, 4, 4, 16, 16, 15),
    (1, 2, 3, 5, 7, 15),
    (1, 5, 2, 33, 1, 9),
    (2, 6, 6, 23, 45, 3),
    (1, 1, 1, 1, 1, 1),
    (1, 32, 32, 64, 64, 31),
]


def make(channels: int, out: int, kernel: int, **options: object) -> LargeKernelConv2d:
    torch.manual_seed(0)
    return LargeKernelConv2d(channels, out, kernel, **options)  # type: ignore[arg-type]


def reference(layer: nn.Conv2d, x: Tensor) -> Tensor:
    weight, bias = layer.weight.double(), layer.bias
    bias = None if bias is None else bias.double()
    return F.conv2d(x.double(), weight, bias, padding=layer.padding, groups=layer.groups)


def relative_error(found: Tensor, truth: Tensor) -> float:
    return ((found.double() - truth).norm() / truth.norm()).item()


@pytest.mark.parametrize(("batch", "channels", "out", "height", "width", "kernel"), SHAPES)
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_output_and_gradients_are_the_convolutions(
    batch: int, channels: int, out: int, height: int, width: int, kernel: int, layout: object
) -> None:
    layer = make(channels, out, kernel, conv="frequency")
    x = torch.randn(batch, channels, height, width).to(memory_format=layout).requires_grad_()
    y = layer(x)
    grad = torch.randn_like(y)
    found = [y, *torch.autograd.grad(y, [x, layer.weight, layer.bias], grad)]
    truth = reference(layer, x)
    truths = [truth, *torch.autograd.grad(truth, [x, layer.weight, layer.bias], grad.double())]
    for value, expected in zip(found, truths, strict=True):
        assert value.shape == expected.shape
        assert value.dtype == torch.float32
        assert relative_error(value, expected) <= 1e-5


@pytest.mark.parametrize("kernel", [11, 15])
def test_network_sized_layer_is_accurate(kernel: int) -> None:
    layer = make(128, 128, kernel, conv="frequency", bias=False)
    x = torch.randn(1, 128, 48, 48)
    with torch.no_grad():
        assert relative_error(layer(x), reference(layer, x)) <= 1e-6


def test_bands_of_tiles_and_groups_of_frequencies_change_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    layer = make(3, 2, 15, conv="frequency")
    x = torch.randn(2, 3, 300, 150)
    monkeypatch.setattr(large_kernel_frequency, "BAND", 1)
    monkeypatch.setattr(large_kernel_frequency, "WORKSPACE", 1)
    y = layer(x)
    grad = torch.randn_like(y)
    truth = reference(layer, x)
    found = torch.autograd.grad(y, layer.weight, grad)[0]
    expected = torch.autograd.grad(truth, layer.weight, grad.double())[0]
    assert relative_error(y, truth) <= 1e-6
    assert relative_error(found, expected) <= 1e-6


@pytest.mark.parametrize("size", [(20, 33), (90, 20)])
@pytest.mark.parametrize("learns", ["both", "weight", "input"])
def test_gradients_of_one_tile_are_found_together(
    size: tuple[int, int], learns: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large_kernel_frequency, "WORKSPACE", 1)  # a frequency along w a group
    layer = LargeKernelConv2d(3, 2, (11, 15), conv="frequency")
    layer.weight.requires_grad_(learns != "input")
    x = torch.randn(4, 3, *size, requires_grad=learns != "weight")
    y, truth = layer(x), reference(layer, x)
    assert y.grad_fn.together is (learns == "both" and size[0] < 64)
    wanted = [tensor for tensor in (x, layer.weight) if tensor.requires_grad]
    grad = torch.randn_like(y)
    found = torch.autograd.grad(y, wanted, grad)
    expected = torch.autograd.grad(truth, wanted, grad.double())
    for value, true in zip(found, expected, strict=True):
        assert relative_error(value, true) <= 1e-6


def test_large_offset_does_not_spoil_small_details() -> None:
    layer = make(4, 4, 15, conv="frequency")
    x = 100 + torch.randn(1, 4, 64, 64)
    assert relative_error(layer(x), reference(layer, x)) <= 1e-5


def test_delta_kernel_shifts_the_image() -> None:
    layer = make(1, 1, 15, conv="frequency", bias=False)
    with torch.no_grad():
        layer.weight.zero_()
        layer.weight[0, 0, 7 + 3, 7 - 5] = 1
    x = torch.randn(1, 1, 60, 60)
    shifted = torch.zeros_like(x)
    shifted[:, :, :-3, 5:] = x[:, :, 3:, :-5]
    assert torch.allclose(layer(x), shifted, atol=1e-5)


@pytest.mark.parametrize("conv", ["auto", "direct", "frequency"])
def test_state_dict_is_conv2ds(conv: str) -> None:
    plain = nn.Conv2d(3, 4, 15, padding=7)
    layer = make(3, 4, 15, conv=conv)
    assert list(layer.state_dict()) == list(plain.state_dict())
    layer.load_state_dict(plain.state_dict())
    x = torch.randn(2, 3, 32, 32)
    assert torch.allclose(layer(x), plain(x), atol=1e-5)


@pytest.mark.parametrize(
    ("height", "width", "kernel", "own"),
    [(50, 41, 15, True), (16, 64, (11, 13), True), (5, 3, 21, True), (20, 20, 5, False)],
)
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_depthwise_is_conv2ds(height, width, kernel, own, layout) -> None:
    layer = make(6, 6, kernel, groups=6)
    x = torch.randn(2, 6, height, width).to(memory_format=layout).requires_grad_()
    y, truth = layer(x), reference(layer, x)
    assert (type(y.grad_fn).__name__ == "DepthwiseConv2dBackward") is own
    grad = torch.randn_like(y)
    found = [y, *torch.autograd.grad(y, [x, layer.weight, layer.bias], grad)]
    truths = [truth, *torch.autograd.grad(truth, [x, layer.weight, layer.bias], grad.double())]
    for value, expected in zip(found, truths, strict=True):
        assert value.shape == expected.shape
        assert relative_error(value, expected) <= 1e-5


def test_spectra_of_some_images_at_once_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    x, grad = torch.randn(2, 5, 3, 20, 30)
    whole = depthwise.kernel_gradient(x, grad, (11, 15))
    monkeypatch.setattr(depthwise, "BLOCK", 2 * 8 * 3 * 25 * 20)  # two images
    parts = depthwise.kernel_gradient(x, grad, (11, 15))
    assert torch.allclose(parts, whole, atol=1e-4) and not torch.equal(parts, whole)


def test_what_is_no_plain_depthwise_training_is_the_librarys() -> None:
    x = torch.randn(1, 4, 20, 20)
    two_each = make(4, 8, 15, groups=4)
    assert "Depthwise" not in type(two_each(x).grad_fn).__name__
    layer = make(4, 4, 15, groups=4)
    with torch.autocast("cpu", torch.bfloat16):
        assert layer(x).dtype == torch.bfloat16
    with torch.inference_mode():
        assert relative_error(layer(x), reference(layer, x)) <= 1e-5


def test_changed_weights_are_seen_in_eval_mode() -> None:
    layer = make(3, 3, 15, conv="frequency").eval()
    x = torch.randn(1, 3, 40, 40)
    with torch.no_grad():
        layer(x)
        layer.weight.mul_(2)
        assert relative_error(layer(x), reference(layer, x)) <= 1e-5
        layer.weight.data = torch.randn_like(layer.weight)
        assert relative_error(layer(x), reference(layer, x)) <= 1e-5
        layer.load_state_dict(make(3, 3, 15).state_dict())
        assert relative_error(layer(x), reference(layer, x)) <= 1e-5


def test_copies_and_saves_only_parameters() -> None:
    layer = make(8, 8, 15, conv="frequency").eval()
    with torch.no_grad():
        layer(torch.randn(1, 8, 40, 40))
    twin = copy.deepcopy(layer)
    assert torch.equal(twin.weight, layer.weight)
    buffer = io.BytesIO()
    torch.save(layer.state_dict(), buffer)
    assert buffer.tell() < 2 * layer.weight.numel() * 4


def test_autocast_gives_its_type_within_its_precision() -> None:
    layer = make(16, 16, 15, conv="frequency")
    x = torch.randn(1, 16, 40, 40, requires_grad=True)
    with torch.autocast("cpu", torch.bfloat16):
        y = layer(x)
    assert y.dtype == torch.bfloat16
    assert relative_error(y, reference(layer, x)) <= 4e-3
    y.float().sum().backward()
    assert x.grad is not None
    assert x.grad.dtype == torch.float32


def test_float64_stays_float64_under_auto() -> None:
    layer = make(3, 3, 15).double()
    x = torch.randn(1, 3, 40, 40, dtype=torch.float64)
    assert torch.equal(layer(x), reference(layer, x))


@pytest.mark.parametrize(
    ("channels", "kernel", "size", "expected"),
    [(32, 15, 96, True), (32, 11, 64, True), (32, 3, 96, False), (2, 3, 64, False)],
)
def test_auto_takes_the_frequency_domain_for_large_kernels_only(
    monkeypatch: pytest.MonkeyPatch, channels: int, kernel: int, size: int, expected: bool
) -> None:
    used = []
    apply = FrequencyConv2d.apply
    monkeypatch.setattr(FrequencyConv2d, "apply", lambda *a: used.append(True) or apply(*a))
    make(channels, channels, kernel)(torch.randn(2, channels, size, size))
    assert bool(used) is expected


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_cuda_agrees() -> None:
    layer = make(32, 32, 15, conv="frequency")
    x = torch.randn(2, 32, 64, 64)
    truth = reference(layer, x)
    assert relative_error(layer.cuda()(x.cuda()).cpu(), truth) <= 1e-5


def test_even_kernels_and_grouped_frequency_are_refused() -> None:
    with pytest.raises(ValueError, match="odd, found 4"):
        LargeKernelConv2d(3, 3, 4)
    with pytest.raises(ValueError, match="groups=1, found 3"):
        LargeKernelConv2d(3, 3, 5, groups=3, conv="frequency")


@pytest.mark.parametrize("arguments", [(1, 4), (1, "same"), (1, (4, 4), 1)])
def test_conv2ds_own_arguments_are_taken(arguments: tuple) -> None:
    torch.manual_seed(0)
    ours = LargeKernelConv2d(3, 5, 9, *arguments, conv="frequency")
    theirs = nn.Conv2d(3, 5, 9, *arguments)
    theirs.load_state_dict(ours.state_dict())
    x = torch.rand(2, 3, 20, 17)
    assert relative_error(ours(x), theirs(x)) < 1e-5


def test_kernels_that_are_not_square() -> None:
    torch.manual_seed(0)
    ours = LargeKernelConv2d(3, 5, (9, 13), conv="frequency")
    theirs = nn.Conv2d(3, 5, (9, 13), padding=(4, 6))
    theirs.load_state_dict(ours.state_dict())
    x = torch.rand(1, 3, 30, 25)
    assert relative_error(ours(x), theirs(x)) < 1e-5


@pytest.mark.parametrize(
    "wrong", [{"stride": 2}, {"padding": 0}, {"dilation": 2}, {"padding_mode": "reflect"}]
)
def test_what_changes_the_size_is_refused(wrong: dict) -> None:
    with pytest.raises(ValueError, match="stride and dilation must be 1"):
        LargeKernelConv2d(3, 5, 9, **wrong)


@pytest.mark.parametrize(
    ("device", "autocast", "frequency"),
    [("cpu", None, True), ("cpu", torch.bfloat16, True), ("cpu", torch.float16, False),
     ("meta", None, False)],
)  # fmt: skip
def test_auto_is_direct_where_nothing_was_measured(device, autocast, frequency) -> None:
    layer = make(64, 64, 15).to(device)
    x = torch.empty(1, 64, 64, 64, device=device)
    with torch.autocast("cpu", autocast, enabled=autocast is not None):
        assert layer._in_frequency(x) is frequency
