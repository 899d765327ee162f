"""The released network: its keys, its size, its output on seeded weights, its weight files."""

import json
import pickle
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from fusion.methods.base import registry
from fusion.methods.lkc_funet import LKCFUNet, load_released
from pipeline.stage.errors import UserError

Shapes = dict[str, list[int]]


@pytest.fixture(scope="module")
def shapes(shared_golden: Path) -> Shapes:
    return json.loads((shared_golden / "lkc_funet_state_dict.json").read_text())


def read(path: Path) -> dict[str, np.ndarray]:
    """The images, the seed of the weights and the fused image of one forward."""
    with np.load(path) as file:
        return dict(file)


@pytest.fixture(scope="module")
def golden(shared_golden: Path) -> dict[str, np.ndarray]:
    return read(shared_golden / "lkc_funet_drawn.npz")


def draw(key: str, shape: list[int], seed: int) -> Tensor:
    """Weights of one key, as the golden file's maker drew them."""
    n = np.random.default_rng([seed, zlib.crc32(key.encode())]).standard_normal(shape)
    n = np.asarray(n, dtype=np.float32)
    if key.endswith("num_batches_tracked"):
        return torch.tensor(1)
    if len(shape) == 4:
        n = n / np.sqrt(np.prod(shape[1:]))
    elif key.endswith("running_var"):
        n = np.abs(n) + 0.5
    else:
        n = 0.1 * n + (1 if key.endswith("weight") else 0)
    return torch.from_numpy(n.astype(np.float32))


@pytest.fixture(scope="module")
def seeded(shapes: Shapes, golden: dict[str, np.ndarray]) -> dict[str, Tensor]:
    return {key: draw(key, shape, int(golden["seed"])) for key, shape in shapes.items()}


def images(golden: dict[str, np.ndarray]) -> tuple[Tensor, Tensor]:
    vis, ir = (torch.from_numpy(golden[kind])[None, None] / 255 for kind in ("vi", "ir"))
    return vis, ir


def flat(shapes: Shapes) -> dict[str, Tensor]:
    """A state dict of these shapes that takes no memory."""
    return {key: torch.zeros(()).expand(shape) for key, shape in shapes.items()}


@torch.inference_mode()
def check_forward(golden: dict[str, np.ndarray], weights: dict[str, Tensor]) -> None:
    network = load_released(weights)
    assert not network.training
    fused = network(*images(golden))[0, 0]
    np.testing.assert_allclose(fused, golden["fused"], rtol=0, atol=1e-4)


def test_reproduces_the_golden_forward(golden, seeded) -> None:
    check_forward(golden, seeded)


def test_reproduces_the_authors_forward(shared_forward, golden, seeded) -> None:
    theirs = read(shared_forward)
    assert theirs["seed"] == golden["seed"]
    check_forward(theirs, seeded)


@pytest.mark.slow
@torch.inference_mode()
def test_batch_norm_with_this_image_s_statistics_is_instance_norm(golden, seeded) -> None:
    vis, ir = images(golden)
    first = functional.conv2d(
        torch.cat((vis, ir), 1),
        seeded["model.init_conv.weight"],
        seeded["model.init_conv.bias"],
        padding=1,
    )
    statistics = {
        "model.IN_conv.0.running_mean": first.mean((0, 2, 3)),
        "model.IN_conv.0.running_var": first.var((0, 2, 3), unbiased=False),
        "model.IN_conv.0.num_batches_tracked": torch.tensor(1),
    }
    network = load_released(seeded | statistics)
    assert isinstance(network.IN_conv[0], torch.nn.BatchNorm2d)
    fused = network(torch.cat((vis, ir), 1))[0, 0]
    np.testing.assert_allclose(fused, golden["fused"], rtol=0, atol=1e-4)


def test_keys_shapes_and_parameter_count_are_the_released_ones(shapes) -> None:
    with torch.device("meta"):
        network = LKCFUNet()
    ours = {f"model.{key}": list(value.shape) for key, value in network.state_dict().items()}
    assert ours == shapes
    assert sum(p.numel() for p in network.parameters()) == 41_174_438


def test_names_every_missing_unexpected_and_misshapen_key(shapes) -> None:
    weights = flat(shapes)
    for key in ("model.ups.4.conv.bias", "model.mid.1.res_block.pw1.conv.weight"):
        del weights[key]
    weights["model.extra"] = torch.zeros(1)
    weights["model.init_conv.bias"] = torch.zeros(31)
    with pytest.raises(UserError) as caught:
        load_released(weights)
    _, missing, unexpected, misshapen = str(caught.value).split("; ")
    assert missing == ("missing keys: model.mid.1.res_block.pw1.conv.weight, model.ups.4.conv.bias")
    assert unexpected == "unexpected keys: model.extra"
    assert misshapen == "keys of another shape: model.init_conv.bias"


@pytest.mark.parametrize("wrapper", [None, "state_dict", "model", "params"])
def test_reads_a_file_with_the_usual_wrappings(shapes, tmp_path, wrapper) -> None:
    weights = {f"module.{key}": value for key, value in flat(shapes).items()}
    weights["module.model.final_conv.block.3.bias"] = torch.tensor([0.25])
    torch.save({wrapper: weights} if wrapper else weights, tmp_path / "best.pth")
    network = load_released(tmp_path / "best.pth")
    assert network.final_conv.block[3].bias.item() == 0.25
    assert network.init_conv.weight.count_nonzero() == 0


class _Evil:
    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self):
        return Path.touch, (self.trace,)


def test_never_runs_what_a_pickle_holds(tmp_path) -> None:
    torch.save({"model.init_conv.weight": _Evil(tmp_path / "ran")}, tmp_path / "evil.pth")
    (tmp_path / "raw.pth").write_bytes(pickle.dumps(_Evil(tmp_path / "ran")))
    for name in ("evil.pth", "raw.pth"):
        with pytest.raises(UserError, match=name):
            load_released(tmp_path / name)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("content", [b"", b"not weights", b"PK\x03\x04 half a zip"])
def test_refuses_what_is_not_a_weights_file(tmp_path, content) -> None:
    (tmp_path / "best.pth").write_bytes(content)
    with pytest.raises(UserError, match=r"best\.pth"):
        load_released(tmp_path / "best.pth")


def test_refuses_a_missing_file_and_an_empty_state_dict(tmp_path) -> None:
    with pytest.raises(UserError, match="no such weights file"):
        load_released(tmp_path / "none.pth")
    with pytest.raises(UserError, match="allowed is a state dict"):
        load_released({})


def test_the_method_fuses_with_the_released_file(shapes, tmp_path) -> None:
    weights = flat(shapes)
    weights["model.final_conv.block.3.bias"] = torch.tensor([0.5])
    torch.save(weights, tmp_path / "best_VIF.pth")
    method = registry.create("lkc_funet")
    method.load_weights(tmp_path / "best_VIF.pth")
    with torch.inference_mode():
        fused = method.eval()(torch.rand(1, 1, 8, 8), torch.full((1, 3, 8, 8), 0.3))
    # All weights but one bias are 0, so luminance is that bias; gray VIS has no chroma.
    torch.testing.assert_close(fused, torch.full((1, 3, 8, 8), 0.5))


def test_the_method_refuses_the_released_file_for_other_settings(shapes, tmp_path) -> None:
    torch.save(flat(shapes), tmp_path / "best_VIF.pth")
    method = registry.create("lkc_funet", width=64)
    with pytest.raises(UserError, match="default settings"):
        method.load_weights(tmp_path / "best_VIF.pth")
