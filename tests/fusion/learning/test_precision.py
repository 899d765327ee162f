"""`precision: bf16-mixed` reaches the network on one device, and not the terms of the loss."""

import numpy as np
import pytest
import torch
from torch import nn

from fusion.learning import learn
from fusion.methods.base import create
from pipeline.images.pixels import write_png
from pipeline.params import FusionTraining, RuntimeParams
from pipeline.results import paths

METHODS = {
    "lkc_funet": {"width": 8, "init_width": 8, "kernels": [5, 3], "groups": 4},
    "mmif_amin": {"blocks": 1, "units": 1},
}


class Quiet:
    """A run that nobody looks at."""

    def metrics(self, values, step=None):
        pass

    def tag(self, key, value):
        pass


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    for name in ("a", "b"):
        write_png(f"data/train/ir/{name}.png", rng.integers(0, 256, (32, 32), dtype=np.uint8))
        write_png(f"data/train/vi/{name}.png", rng.integers(0, 256, (32, 32, 3), dtype=np.uint8))
    (tmp_path / "data/train/names.csv").write_text("name\na\nb\n")
    return tmp_path / "data"


@pytest.mark.parametrize("precision", ["32-true", "tf32", "bf16-mixed"])
@pytest.mark.parametrize("name", METHODS)
def test_convolutions_take_the_precision_and_terms_stay_float32(data, monkeypatch, name, precision):
    method = create(name, **METHODS[name])
    seen, terms = set(), []
    for module in method.modules():
        if isinstance(module, nn.Conv2d):
            module.register_forward_hook(lambda _m, _i, out: seen.add(out.dtype))
    losses = type(method).losses

    def remembered(self, ir, vis):
        terms.append(losses(self, ir, vis))
        return terms[-1]

    monkeypatch.setattr(type(method), "losses", remembered)
    training = FusionTraining(epochs=1, batch_size=2, crop=32, precision=precision)
    out = paths.fusion_model(name)
    learn.train(method, name, training, [data], "mark", Quiet(), out, RuntimeParams())
    assert seen == {torch.bfloat16 if precision == "bf16-mixed" else torch.float32}
    assert {value.dtype for term in terms for value in term.values()} == {torch.float32}
    assert {weight.dtype for weight in method.parameters()} == {torch.float32}
    assert all(torch.isfinite(weight).all() for weight in method.parameters())
