"""The parts of LKC-FUNet against PyTorch's layers and hand-worked cases; its settings."""

import copy
from dataclasses import replace
from math import exp
from typing import get_args

import pytest
import torch
from torch import nn
from torch.nn import functional
from torchvision.ops import StochasticDepth

from fusion.methods.base import registry
from fusion.methods.lkc_funet import Architecture, LKCFUNet, group_norm
from fusion.methods.lkc_funet.blocks import DropPath
from fusion.methods.lkc_funet.mpafm import MPAFM
from fusion.methods.lkc_funet.norms import BatchChannelNorm, NormKind, make_norm
from pipeline.stage.errors import UserError

TINY = Architecture(width=16, init_width=8, kernels=(5, 3), groups=4)


@pytest.fixture
def x() -> torch.Tensor:
    return torch.randn(3, 8, 5, 6, generator=torch.Generator().manual_seed(0)) * 2 + 1


def test_instance_norm_is_torch_s(x) -> None:
    ours, torchs = make_norm("instance", 8, 4), nn.InstanceNorm2d(8, affine=True)
    weights = {"weight": torch.rand(8), "bias": torch.rand(8)}
    ours.load_state_dict(weights)
    torchs.load_state_dict(weights)
    torch.testing.assert_close(ours(x), torchs(x))


def test_layer_norm_takes_channels_and_positions_together(x) -> None:
    torch.testing.assert_close(make_norm("layer", 8, 4)(x), functional.layer_norm(x, x.shape[1:]))


def test_group_norm_has_the_groups_asked_for(x) -> None:
    torch.testing.assert_close(make_norm("group", 8, 2)(x), functional.group_norm(x, 2))


def test_none_and_batch(x) -> None:
    assert make_norm("none", 8, 4)(x) is x
    torch.testing.assert_close(
        make_norm("batch", 8, 4)(x), functional.batch_norm(x, None, None, training=True)
    )


def test_bcn_mixes_batch_and_layer_norm_in_each_channel(x) -> None:
    bcn = BatchChannelNorm(8)
    batch = functional.batch_norm(x, None, None, training=True)
    torch.testing.assert_close(bcn(x), batch)
    with torch.no_grad():
        bcn.mix.copy_(torch.linspace(0, 1, 8).view(8, 1, 1))
        bcn.weight.fill_(2.0)
        bcn.bias.fill_(0.5)
    layer = functional.layer_norm(x, x.shape[1:])
    mixed = bcn(x)
    torch.testing.assert_close(mixed[:, 0], 2 * layer[:, 0] + 0.5)
    torch.testing.assert_close(mixed[:, 7], 2 * batch[:, 7] + 0.5)
    torch.testing.assert_close(mixed[:, 3], 2 * (3 / 7 * batch + 4 / 7 * layer)[:, 3] + 0.5)


def test_drop_path_is_torchvision_s(x) -> None:
    for training in (True, False):
        torch.manual_seed(5)
        ours = DropPath(0.4).train(training)(x)
        torch.manual_seed(5)
        torch.testing.assert_close(ours, StochasticDepth(0.4, "row").train(training)(x))


def sigmoid(value: float) -> float:
    return 1 / (1 + exp(-value))


@pytest.mark.parametrize("recalibrate", ["decoder", "encoder"])
def test_mpafm_by_hand(recalibrate) -> None:
    """Equal shares (no selection), 1×1 convolutions that copy, features constant in space."""
    module = MPAFM(replace(TINY, recalibrate=recalibrate)).eval()
    with torch.no_grad():
        for parameter in module.selection.parameters():
            parameter.zero_()
        module.proj.weight.copy_(torch.eye(16)[..., None, None])
        module.conv_block[0].weight.copy_(torch.eye(16).repeat(2, 1)[..., None, None])
        for bias in (module.proj.bias, module.conv_block[0].bias):
            bias.zero_()
    decoder, skip = torch.full((1, 16, 2, 3), 2.0), torch.full((1, 16, 2, 3), -1.0)
    main = 2.0 if recalibrate == "decoder" else -1.0
    gate = 3.0 * sigmoid(-1.5) + -1.5 * sigmoid(3.0)
    expected = main * sigmoid(gate / (1 + 1e-5) ** 0.5)
    torch.testing.assert_close(module(decoder, skip), torch.full((1, 32, 2, 3), expected))


def test_mpafm_attends_channels_of_the_recalibrated_and_positions_of_the_other() -> None:
    """The two maps are softmax of channel attention of one path plus spatial of the other."""
    torch.manual_seed(0)
    attention = MPAFM(TINY).eval().multi
    main, other = torch.randn(2, 1, 16, 4, 4)
    shuffled = main.flatten(2)[:, :, torch.randperm(16)].view_as(main)
    torch.testing.assert_close(attention(shuffled, other), attention(main, other))
    reordered = other[:, torch.randperm(16)]
    torch.testing.assert_close(attention(main, reordered), attention(main, other))
    assert not torch.allclose(attention(main, other.flip(3)), attention(main, other))


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (7, 9), (12, 5), (16, 24)])
def test_any_size_is_padded_with_its_edge_and_cropped(size) -> None:
    torch.manual_seed(0)
    network = LKCFUNet(replace(TINY, kernels=(5, 3, 3))).eval()
    height, width = size
    pair = torch.rand(1, 2, height, width)
    padded = functional.pad(pair, (0, -width % 4, 0, -height % 4), mode="replicate")
    with torch.inference_mode():
        fused = network(pair)
        assert fused.shape == (1, 1, height, width)
        torch.testing.assert_close(fused, network(padded)[:, :, :height, :width])
        torch.testing.assert_close(fused, network(pair[:, :1], pair[:, 1:]))


def test_samples_of_a_batch_do_not_touch_each_other() -> None:
    torch.manual_seed(0)
    network = LKCFUNet(TINY).eval()
    pair = torch.rand(3, 2, 12, 10)
    with torch.inference_mode():
        alone = torch.cat([network(one[None]) for one in pair])
        torch.testing.assert_close(network(pair), alone, rtol=1e-4, atol=1e-5)


def test_refuses_what_is_not_two_channels() -> None:
    with pytest.raises(ValueError, match=r"\(N,2,H,W\)"):
        LKCFUNet(TINY)(torch.rand(1, 3, 8, 8))


VARIANTS = {
    **{f"norm {n}": {"norm": n} for n in ("batch", "none", "layer", "bcn", "instance", "group")},
    **{f"init {n}": {"init_norm": n} for n in ("batch", "none", "layer", "bcn", "group")},
    "no lkc": {"lkc": False},
    "no mpafm": {"mpafm": False},
    "encoder": {"recalibrate": "encoder"},
    "one level": {"kernels": (7,)},
    "four levels": {"kernels": (7, 5, 3, 3)},
    "deeper": {"depth": 2},
    "direct": {"conv": "direct"},
    "frequency": {"conv": "frequency"},
}


@pytest.mark.parametrize("change", VARIANTS.values(), ids=VARIANTS)
def test_every_variant_trains(change) -> None:
    torch.manual_seed(0)
    settings = {"width": 16, "init_width": 8, "kernels": (5, 3), "groups": 4} | change
    method = registry.create("lkc_funet", **settings, drop_path=0)
    ir, vis = torch.rand(2, 1, 16, 16), torch.rand(2, 3, 16, 16)
    sum(method.losses(ir, vis).values()).backward()
    without = [name for name, p in method.named_parameters() if p.grad is None]
    assert without == []
    with torch.inference_mode():
        fused = method.eval()(ir, vis)
    assert fused.shape == vis.shape
    assert 0 <= fused.min() <= fused.max() <= 1


def test_lkc_off_leaves_no_kernel_above_3() -> None:
    with torch.device("meta"):
        network = LKCFUNet(Architecture(lkc=False))
    sizes = {m.kernel_size for m in network.modules() if isinstance(m, nn.Conv2d)}
    assert sizes == {(1, 1), (3, 3)}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"kernels": (4,)}, "kernels: found"),
        ({"width": 48}, "groups: 32 does not divide 48"),
        ({"init_width": 30}, "groups: 32 does not divide 158"),
        ({"init_norm": "group", "init_groups": 5}, "init_groups: 5 does not divide init_width 32"),
        ({"lkdc_groups": 5}, "lkdc_groups: 5 does not divide 128"),
        ({"width": 0}, "parameter width"),
        ({"norm": "weight"}, "parameter norm"),
    ],
)
def test_impossible_settings_name_the_key(settings, message) -> None:
    with pytest.raises(UserError, match=message):
        registry.create("lkc_funet", **settings)


def test_the_method_keeps_the_chroma_of_vis_and_follows_the_network() -> None:
    torch.manual_seed(0)
    method = registry.create("lkc_funet", width=16, init_width=8, kernels=(3,), groups=4).eval()
    ir, vis = torch.rand(1, 1, 6, 6), 0.4 + 0.2 * torch.rand(1, 3, 6, 6)
    y = 0.299 * vis[:, :1] + 0.587 * vis[:, 1:2] + 0.114 * vis[:, 2:]
    with torch.inference_mode():
        fused, expected = method(ir, vis), method.network(y, ir).clamp(0, 1)
    ours = 0.299 * fused[:, :1] + 0.587 * fused[:, 1:2] + 0.114 * fused[:, 2:]
    inside = ((fused > 0) & (fused < 1)).all(dim=1, keepdim=True)
    assert inside.any()
    torch.testing.assert_close(ours[inside], expected[inside])
    differences = (fused - ours) - (vis - y)
    assert differences[inside.expand_as(fused)].abs().max() < 1e-5


@pytest.mark.parametrize("groups", [1, 4, 32])
@pytest.mark.parametrize("offset", [0.0, 30.0])
@pytest.mark.parametrize("strip", [1, 100_000, group_norm.STRIP])
def test_group_norm_is_accurate_with_channels_innermost(
    groups: int, offset: float, strip: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_norm, "STRIP", strip)
    torch.manual_seed(0)
    norm = make_norm("group", 32, groups)
    torch.nn.init.normal_(norm.weight)
    torch.nn.init.normal_(norm.bias)
    x = (torch.randn(2, 32, 96, 160) + offset).contiguous(memory_format=torch.channels_last)
    with torch.no_grad():
        found = norm(x)
        truth = functional.group_norm(x.double(), groups, norm.weight.double(), norm.bias.double())
    assert found.is_contiguous(memory_format=torch.channels_last)
    assert (found - truth).abs().max() < 3e-6 * (1 + offset)


@pytest.mark.parametrize("mpafm", [True, False])
@pytest.mark.parametrize("norm", get_args(NormKind))
def test_inference_overwrites_nothing_that_is_still_needed(norm: NormKind, mpafm: bool) -> None:
    """Against the same network in float64 with gradients, where no map takes another's place."""
    torch.manual_seed(0)
    network = LKCFUNet(replace(TINY, norm=norm, init_norm=norm, mpafm=mpafm)).eval()
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    pair = torch.rand(2, 2, 20, 14)
    before = pair.clone()
    with torch.inference_mode():
        found = network(pair)
    assert torch.equal(pair, before)
    truth = copy.deepcopy(network).double()(pair.double()).detach()
    assert (found - truth).abs().max() < 1e-4 * truth.abs().max()
