"""What every registered fusion method must do, whatever its idea."""

from typing import Any

import pytest
import torch
from torch import Tensor

from fusion.methods.base import registry
from fusion.methods.base.color import luminance, rgb_to_ycbcr
from fusion.methods.base.learned import Learned
from fusion.methods.base.luminance import luminance_method
from fusion.methods.external.adopt import External
from pipeline.stage.errors import UserError

# Smaller than by default, so that the test stays quick.
PARAMS: dict[str, dict[str, Any]] = {
    "lkc_funet": {"width": 16, "init_width": 8, "groups": 4, "kernels": (7, 5)},
    "mmif_amin": {"blocks": 1, "units": 1},
}
EXTERNAL = {"precomputed": {"path": "."}, "command": {"run": "fuse {ir} {vi} {out}"}}
FUNCTIONS = [name for name in registry.names() if name not in EXTERNAL]
CLASSICAL = ["average", "maximum", "laplacian", "dwt", "guided_filter", "adf"]


def make(name: str) -> registry.Method:
    torch.manual_seed(0)
    method = registry.create(name, **PARAMS.get(name, {}))
    return method.eval() if isinstance(method, Learned) else method


def pairs(count: int, height: int, width: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(height * width)
    ir = torch.rand(count, 1, height, width, generator=generator)
    return ir, torch.rand(count, 3, height, width, generator=generator)


@pytest.fixture(params=FUNCTIONS)
def method(request: pytest.FixtureRequest) -> registry.Method:
    return make(request.param)


@pytest.mark.parametrize("size", [(32, 40), (33, 47), (48, 17)])
@torch.inference_mode()
def test_shape_type_and_range(method, size):
    ir, vis = pairs(2, *size)
    fused = method(ir, vis)
    assert fused.shape == vis.shape
    assert fused.dtype == torch.float32
    assert fused.isfinite().all()
    assert fused.min() >= 0 and fused.max() <= 1


@torch.inference_mode()
def test_batch_is_its_images(method):
    ir, vis = pairs(3, 33, 40)
    alone = [method(ir[i : i + 1], vis[i : i + 1]) for i in range(3)]
    torch.testing.assert_close(method(ir, vis), torch.cat(alone), rtol=0, atol=1e-5)


@torch.inference_mode()
def test_same_input_same_output(method):
    ir, vis = pairs(1, 32, 32)
    before = ir.clone(), vis.clone()
    first = method(ir, vis)
    assert torch.equal(first, method(ir, vis))
    assert torch.equal(ir, before[0]) and torch.equal(vis, before[1])


@pytest.mark.parametrize("name", CLASSICAL)
def test_two_equal_images_fuse_to_themselves(name):
    ir, _ = pairs(2, 45, 38)
    vis = ir.expand(-1, 3, -1, -1)
    torch.testing.assert_close(make(name)(ir, vis), vis, rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", CLASSICAL)
def test_keeps_the_chroma_of_vis(name):
    ir, vis = pairs(1, 40, 40)
    # Mid-range and little saturated: nothing is clipped on the way back to RGB.
    ir, vis = 0.45 + 0.1 * ir, 0.45 + 0.1 * vis
    fused = make(name)(ir, vis)
    torch.testing.assert_close(rgb_to_ycbcr(fused)[1], rgb_to_ycbcr(vis)[1], rtol=0, atol=1e-6)
    assert not torch.allclose(luminance(fused), luminance(vis), atol=1e-3)


@pytest.mark.parametrize("name", CLASSICAL)
@pytest.mark.parametrize("size", [(1, 1), (1, 9), (2, 3), (5, 4)])
def test_images_smaller_than_any_window(name, size):
    ir, vis = pairs(1, *size)
    fused = make(name)(ir, vis)
    assert fused.shape == vis.shape
    assert fused.isfinite().all()


@pytest.mark.parametrize("name", CLASSICAL)
def test_two_flat_images_fuse_between_them(name):
    fused = make(name)(torch.full((1, 1, 40, 40), 0.2), torch.full((1, 3, 40, 40), 0.6))
    assert fused.std() < 1e-6
    assert 0.2 <= fused.mean() <= 0.6 + 1e-6


def test_average_and_maximum_by_hand():
    ir = torch.tensor([0.2, 0.9]).reshape(1, 1, 1, 2)
    vis = torch.tensor([0.6, 0.4]).reshape(1, 1, 1, 2).expand(1, 3, 1, 2)
    for method, expected in [
        (registry.create("average", ir_weight=0.25), [0.5, 0.525]),
        (registry.create("maximum"), [0.6, 0.9]),
    ]:
        fused = method(ir, vis)
        truth = torch.tensor(expected).expand(3, 2)
        torch.testing.assert_close(fused[0, :, 0], truth, rtol=0, atol=1e-6)


def test_overshooting_luminance_is_clipped_before_it_gets_its_colour():
    """R − Y is kept and negative here: with Y clipped to one, red stays below one."""
    vis = torch.tensor([0.2, 0.4, 0.3]).reshape(1, 3, 1, 1)
    fused = luminance_method(lambda _, y: y + 1)(vis[:, :1], vis)
    expected = 1 + 0.2 - (0.299 * 0.2 + 0.587 * 0.4 + 0.114 * 0.3)
    assert fused[0, 0].item() == pytest.approx(expected, abs=1e-6)


def test_baselines_are_their_source():
    ir, vis = pairs(2, 6, 5)
    assert torch.equal(make("ir")(ir, vis), torch.cat([ir, ir, ir], dim=1))
    assert torch.equal(make("vis")(ir, vis), vis)


@pytest.mark.parametrize("name", EXTERNAL)
def test_external_methods_refuse_single_pairs(name):
    method = registry.create(name, **EXTERNAL[name])
    assert isinstance(method, External)
    with pytest.raises(UserError, match=f"{name}: fuses folders"):
        method(*pairs(1, 4, 4))


@pytest.mark.parametrize(
    ("name", "params", "said"),
    [
        ("average", {"ir_weight": 1.5}, "ir_weight.*less than or equal to 1.*1.5"),
        ("laplacian", {"levels": 0}, "levels.*greater than or equal to 1"),
        ("laplacian", {"level": 3}, "level:.*its parameters: levels"),
        ("dwt", {"wavelet": "mexh"}, "wavelet.*not a discrete wavelet.*'mexh'"),
        ("guided_filter", {"base_eps": 0}, "base_eps.*greater than 0"),
        ("adf", {"step": 0.3}, "step.*less than or equal to 0.25"),
        ("maximum", {"levels": 2}, "levels.*its parameters: none"),
        ("precomputed", {"path": "no/such/folder"}, "no/such/folder: no such folder"),
        ("precomputed", {}, "path.*[Mm]issing"),
        ("command", {"run": "fuse {ir} {out}"}, r"run.*without \{vi\}"),
        ("command", {"run": "fuse '{ir} {vi} {out}"}, "run.*No closing quotation"),
        ("command", {"run": "{ir} {vi} {out}", "timeout": 0}, "timeout.*greater than 0"),
        ("command", {"run": "{ir} {vi} {out}", "cwd": "no/folder"}, "no/folder: no such folder"),
        ("command", {"run": "{ir} {vi} {out}", "watch": "no/file"}, "no/file: no such file or"),
    ],
)
def test_wrong_parameters_are_named(name, params, said):
    with pytest.raises(UserError, match=said):
        registry.create(name, **params)


def test_imports_of_earlier_versions_are_told_where_they_are_now(tmp_path, monkeypatch):
    (tmp_path / "old_style.py").write_text("from fusion.registry import register\n")
    import fusion.methods

    monkeypatch.setattr(fusion.methods, "__path__", [*fusion.methods.__path__, str(tmp_path)])
    with pytest.raises(UserError, match=r"imports fusion\.registry, which is now fusion\.methods"):
        registry.create("old_style")
