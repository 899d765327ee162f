"""MMIF-AMIN: invertibility, size, behaviour of the fresh network, variants."""

import pytest
import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from fusion.cost import measure as cost
from fusion.methods.base import registry
from fusion.methods.base.color import luminance, rgb_to_ycbcr
from fusion.methods.base.learned import Learned
from fusion.methods.mmif_amin.invertible import (
    DenseNet,
    InvertibleDenseBlock,
    InvertibleDenseNetwork,
)
from fusion.methods.mmif_amin.loss import adaptive_loss
from fusion.methods.mmif_amin.mcfem import CBAM, MCFEM, MultiScaleConvolution, TransformerUnit
from fusion.methods.mmif_amin.network import MmifAmin
from pipeline.stage.errors import UserError


def stir(module: nn.Module) -> nn.Module:
    """PyTorch's default weights everywhere, also where a fresh network has zeros."""
    torch.manual_seed(5)
    for part in module.modules():
        if isinstance(part, nn.Conv2d):
            part.reset_parameters()
    return module


def pair(height: int = 48, width: int = 56) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    ir = torch.rand(2, 1, height, width, generator=generator)
    return ir, torch.rand(2, 3, height, width, generator=generator)


@pytest.mark.parametrize(("channels", "growth"), [(2, 3), (1, 2)])
def test_each_convolution_of_a_dense_network_sees_all_earlier_outputs(
    channels: int, growth: int
) -> None:
    network = stir(DenseNet(channels, growth)).double()
    x = torch.rand(2, channels, 9, 12, generator=torch.Generator().manual_seed(2)).double()
    seen = x
    *inner, last = network.convolutions
    for convolution in inner:
        seen = torch.cat((seen, network.activation(convolution(seen))), dim=1)
    assert torch.allclose(network(x), last(seen), rtol=1e-12, atol=1e-14)


def test_inverse_gives_the_image_back() -> None:
    network = stir(InvertibleDenseNetwork(blocks=6, channels=2, growth=3))
    image = pair()[0]
    features = network(image)
    assert (features - image).abs().max() > 0.1  # it does something
    assert torch.allclose(network.inverse(features), image, atol=1e-5)


def test_forward_of_inverse_gives_the_features_back() -> None:
    block = stir(InvertibleDenseBlock(channels=2, growth=3))
    features = torch.randn(1, 4, 20, 20, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(block(block.inverse(features)), features, atol=1e-5)


def test_inverse_in_double_precision_is_exact_to_rounding() -> None:
    network = stir(InvertibleDenseNetwork(blocks=6, channels=2, growth=3)).double()
    image = pair()[0].double()
    assert torch.allclose(network.inverse(network(image)), image, atol=1e-10)


@pytest.mark.parametrize(("rho", "scale"), [(1e3, 7.389056), (-1e3, 0.135335), (0.0, 1.0)])
def test_coupling_follows_the_paper_with_a_scale_between_exp_of_minus_and_plus_clamp(
    rho: float, scale: float
) -> None:
    block = InvertibleDenseBlock(channels=1, growth=2)
    for net, bias in ((block.phi, 0.5), (block.rho, rho), (block.eta, 0.25)):
        net.convolutions[-1].bias.data.fill_(bias)  # weights are 0: the net is this constant
    x = torch.tensor([2.0, 3.0]).reshape(1, 2, 1, 1)
    y1, y2 = block(x).flatten().tolist()
    assert y1 == pytest.approx(2.0 + 0.5)
    assert y2 == pytest.approx(3.0 * scale + 0.25, rel=1e-5)


def macs(network: MmifAmin) -> int:
    """Multiply-adds of all convolutions on 256×256, and of the units on their 32×32 tokens."""
    convolutions = sum(
        part.weight.numel() * 256**2
        for part in network.modules()
        if isinstance(part, nn.Conv2d) and part not in network.joint.cbam.mlp
    ) + 2 * sum(part.weight.numel() for part in network.joint.cbam.mlp if hasattr(part, "weight"))
    tokens, width, hidden = 32 * 32, 24, 96
    unit = tokens * (4 * width**2 + 2 * width * hidden) + 2 * tokens**2 * width
    return convolutions + len(network.joint.units) * unit


def test_flops_are_two_a_multiply_add_counted_by_hand() -> None:
    """PyTorch's counter knows the plain attention."""
    network = MmifAmin().eval()
    ir, vis = torch.zeros(1, 1, 256, 256), torch.zeros(1, 3, 256, 256)
    with (
        torch.no_grad(),
        sdpa_kernel(SDPBackend.MATH),
        FlopCounterMode(display=False) as counter,
    ):
        network(ir, vis)
    assert counter.get_total_flops() == 2 * macs(network)


def test_cost_table_shows_the_documented_size() -> None:
    network = MmifAmin()
    assert cost.parameters(network) == 78_046
    assert cost.flops(network, (256, 256)) == pytest.approx(7.65e9, rel=0.01)


def test_fresh_network_without_joint_branch_is_the_average() -> None:
    ir, vis = pair()
    fused = MmifAmin(mcfem=False)(ir, vis)
    expected = registry.create("average")(ir, vis)
    assert torch.allclose(fused, expected, atol=1e-5)


@pytest.mark.parametrize("size", [(96, 80), (37, 41), (8, 9), (120, 64)])
def test_any_size(size: tuple[int, int]) -> None:
    ir, vis = pair(*size)
    fused = MmifAmin()(ir, vis)
    assert fused.shape == vis.shape
    assert fused.min() >= 0
    assert fused.max() <= 1


def test_colour_is_that_of_the_colour_source() -> None:
    """A muted source leaves room in gamut, so its chroma must be back to rounding."""
    ir, vis = pair()
    vis = 0.4 + 0.2 * vis
    _, cbcr = rgb_to_ycbcr(MmifAmin()(0.4 + 0.2 * ir, vis))
    assert torch.allclose(cbcr, rgb_to_ycbcr(vis)[1], atol=1e-5)


def test_gray_sources_stay_gray() -> None:
    ir, vis = pair()
    fused = MmifAmin()(ir, vis[:, :1].expand(-1, 3, -1, -1))
    assert torch.allclose(fused[:, :1].expand_as(fused), fused, atol=1e-5)


def test_cbam_with_zero_weights_quarters_the_input() -> None:
    """sigmoid(0) = ½, once for the channels and once for the places."""
    cbam = CBAM(2)
    for parameter in cbam.parameters():
        nn.init.zeros_(parameter)
    x = pair()[1][:, :2]
    assert torch.allclose(cbam(x), x / 4)


def test_transformer_unit_is_equation_7_on_the_means_of_patches() -> None:
    """X + MSAM(LN X) + MLP(LN(X + MSAM(LN X))), by PyTorch's attention, for constant patches."""
    unit = TransformerUnit(24, 96).eval()
    layer = unit.transformer
    tokens = torch.randn(4, 1, 24, generator=torch.Generator().manual_seed(3))
    x = tokens.permute(1, 2, 0).unflatten(2, (2, 2))
    image = x.repeat_interleave(8, 2).repeat_interleave(8, 3)
    normed = layer.norm1(tokens)
    attended = tokens + layer.self_attn(normed, normed, normed)[0]
    hidden = nn.functional.gelu(layer.linear1(layer.norm2(attended)))
    change = attended + layer.linear2(hidden) - tokens
    got = (unit(image) - image)[..., ::15, ::15]  # corners, where nothing is interpolated
    assert torch.allclose(got, change.permute(1, 2, 0).unflatten(2, (2, 2)), atol=1e-5)


def test_branches_stand_once_and_before_the_units() -> None:
    """Section 3: multi-scale branches, a convolution, three TMU in a row, a convolution."""
    order = []
    module = MmifAmin().joint
    assert module is not None
    watched = (CBAM, MultiScaleConvolution, TransformerUnit)
    for part in module.modules():
        if isinstance(part, watched) or part in (module.lead, module.trail):
            part.register_forward_hook(lambda m, *_: order.append(type(m).__name__))
    module(pair()[1][:, :2])
    assert order == ["CBAM", "MultiScaleConvolution", "Conv2d", *["TransformerUnit"] * 3, "Conv2d"]


def test_branches_see_the_same_input_each_under_its_kernel() -> None:
    part = stir(MultiScaleConvolution(2, 5, (1, 7)))
    x = pair()[1][:, :2]
    one, seven = part(x).split(5, dim=1)
    relu = nn.functional.leaky_relu
    assert torch.allclose(one, relu(part.branches[0](x), 0.2))
    weight, bias = part.branches[1].weight, part.branches[1].bias
    assert torch.allclose(seven, relu(nn.functional.conv2d(x, weight, bias, padding=3), 0.2))


def test_transformer_unit_is_global() -> None:
    """A change in one corner reaches the opposite one, far outside the kernels' reach."""
    unit = stir(TransformerUnit(24, 96))
    x = torch.randn(1, 24, 64, 64, generator=torch.Generator().manual_seed(2))
    changed = x.clone()
    changed[:, 0, :8, :8] += 1  # one channel: LN takes away what all have
    assert (unit(x) - unit(changed))[..., -8:, -8:].abs().max() > 1e-6


def test_joint_branch_sees_both_sources() -> None:
    module = stir(MCFEM(24, 8, 1, (3, 5, 7), 96, cbam=True))
    x = pair()[1][:, :2].requires_grad_()
    module(x).square().sum().backward()
    assert x.grad is not None
    assert (x.grad.abs().amax(dim=(0, 2, 3)) > 0).all()


@pytest.mark.parametrize("kernels", [(4,), (3, 6), ()])
def test_impossible_kernels(kernels: tuple[int, ...]) -> None:
    with pytest.raises(UserError, match="kernels"):
        MmifAmin(kernels=kernels)


def test_unknown_parameter_names_the_allowed_ones() -> None:
    with pytest.raises(UserError, match=r"blocks.*kernels.*alpha"):
        registry.create("mmif_amin", widht=3)


def test_training_lowers_the_loss_and_moves_every_weight() -> None:
    torch.manual_seed(0)
    network = registry.create("mmif_amin", blocks=1, units=1)
    assert isinstance(network, Learned)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    ir, vis = pair(32, 32)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    losses = []
    for _ in range(12):
        optimizer.zero_grad()
        loss = torch.stack(list(network.losses(ir, vis).values())).sum()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]
    still = [n for n, v in network.state_dict().items() if torch.equal(v, before[n])]
    assert still == []


def test_losses_compare_the_fused_luminance_with_both_sources() -> None:
    ir, vis = pair(32, 32)
    y = luminance(vis)
    expected = adaptive_loss(ir, y, (ir + y) / 2)  # what the fresh network gives
    measured = MmifAmin(mcfem=False).losses(ir, vis)
    for term in ("ssim", "rmi"):
        assert measured[term].item() == pytest.approx(expected[term].item(), rel=1e-4)
