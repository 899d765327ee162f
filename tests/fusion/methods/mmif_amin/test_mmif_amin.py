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
from fusion.methods.mmif_amin.invertible import InvertibleDenseBlock, InvertibleDenseNetwork
from fusion.methods.mmif_amin.loss import adaptive_loss
from fusion.methods.mmif_amin.mcfem import CBAM, MCFEM, TransformerMultiScaleUnit
from fusion.methods.mmif_amin.network import MmifAmin
from pipeline.stage.errors import UserError

PAPER_PARAMETERS = 76.47e3
PAPER_FLOPS = 7.37e9


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


def test_parameters_are_the_papers() -> None:
    count = sum(parameter.numel() for parameter in MmifAmin().parameters())
    assert count == pytest.approx(PAPER_PARAMETERS, rel=0.05)


@pytest.mark.parametrize("backend", [SDPBackend.MATH, SDPBackend.FLASH_ATTENTION])
def test_flops_are_the_papers(backend: SDPBackend) -> None:
    """The counter knows the plain attention, and not the CPU's fused one; both are near."""
    network = MmifAmin().eval()
    ir, vis = torch.zeros(1, 1, 256, 256), torch.zeros(1, 3, 256, 256)
    with torch.no_grad(), sdpa_kernel(backend), FlopCounterMode(display=False) as counter:
        network(ir, vis)
    assert counter.get_total_flops() == pytest.approx(PAPER_FLOPS, rel=0.05)


def test_cost_table_shows_the_papers_size() -> None:
    network = MmifAmin()
    assert cost.parameters(network) == pytest.approx(PAPER_PARAMETERS, rel=0.05)
    assert cost.flops(network) == pytest.approx(PAPER_FLOPS, rel=0.05)


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


def test_transformer_unit_is_global() -> None:
    """A change in one corner reaches the opposite one, far outside the kernels' reach."""
    unit = stir(TransformerMultiScaleUnit(24, (3, 5, 7), 96))
    x = torch.randn(1, 24, 64, 64, generator=torch.Generator().manual_seed(2))
    changed = x.clone()
    changed[..., :8, :8] += 1
    assert (unit(x) - unit(changed))[..., -8:, -8:].abs().max() > 1e-6


def test_joint_branch_sees_both_sources() -> None:
    module = stir(MCFEM(24, 8, 1, (3, 5, 7), 96, cbam=True))
    x = pair()[1][:, :2].requires_grad_()
    module(x).square().sum().backward()
    assert x.grad is not None
    assert (x.grad.abs().amax(dim=(0, 2, 3)) > 0).all()


@pytest.mark.parametrize("kernels", [(4,), (3, 5, 7, 9, 11), ()])
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
