"""Weights in the box: what their cards say is what is loaded, and it fuses without training."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from safetensors.torch import load_file

import fusion
from fusion import fuse
from fusion.apply import pretrained
from fusion.apply.load import trained_method
from fusion.methods.base import create
from fusion.methods.base.color import luminance
from fusion.metrics import evaluate
from pipeline.images.pixels import read_gray, read_rgb, write_png
from pipeline.params import MethodSpec
from pipeline.stage.errors import UserError

NAMES = pretrained.names()


def test_the_small_network_is_in_the_box():
    assert "lkc_funet_lite" in NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_card_describes_the_weights(name: str):
    card = pretrained.card(name)
    weights = (pretrained.METHODS / name / pretrained.WEIGHTS).read_bytes()
    assert card["sha256"] == hashlib.sha256(weights).hexdigest()
    assert card["trained_on"].startswith("all 1083 train pairs")
    assert card["commit"] and "dirty" not in card["commit"]
    assert "research" in card["licence"]
    for score in card["scores"].values():
        assert score["low"] <= score["mean"] <= score["high"]
    assert card["training"].keys() >= {"epochs", "learning_rate", "seed"}


@pytest.mark.parametrize("name", NAMES)
def test_the_weights_are_those_of_the_network_and_show_both_sources(name: str):
    method = fusion.load_pretrained(name)
    assert not method.training
    weights = load_file(pretrained.METHODS / name / pretrained.WEIGHTS)
    own = method.state_dict()
    assert {key: value.shape for key, value in weights.items()} == {
        key: value.shape for key, value in own.items()
    }
    assert all(torch.isfinite(value).all() for value in weights.values())
    dark = torch.full((1, 3, 47, 61), 0.2)  # an odd size, a stripe in VIS, a square in IR
    vis, ir = dark.clone(), dark[:, :1].clone()
    vis[..., 30:36, :] = 0.7
    ir[..., 8:20, 20:36] = 0.8
    with torch.inference_mode():
        fused = luminance(method(ir, vis))[0, 0]
    ground = fused[40:, 45:].mean()
    assert fused[31:35, 5:].mean() > ground + 0.1
    assert fused[10:18, 22:34].mean() > ground + 0.1


@pytest.mark.parametrize("name", NAMES)
def test_it_scores_on_real_pairs_what_its_card_says(name: str, shared_data: Path):
    """On every fifth of 50 test pairs: the card's interval, widened for their small number."""
    card, root = pretrained.card(name), shared_data / "msrs-subset/test"
    method = fusion.load_pretrained(name)
    found = []
    for file in sorted((root / "ir").glob("*.png"))[::5]:
        ir, vis = read_gray(file), read_rgb(root / "vi" / file.name)
        tensors = torch.from_numpy(ir)[None, None] / 255, torch.from_numpy(vis).permute(2, 0, 1)
        with torch.inference_mode():
            fused = method(tensors[0], tensors[1][None] / 255)
        pixels = (fused[0] * 255).round().byte().permute(1, 2, 0).numpy()
        found.append(evaluate(pixels, ir, vis, card["convention"]))
    for metric in ("SSIM", "VIFF", "SCD"):
        mean = np.mean([one[metric] for one in found])
        assert mean == pytest.approx(card["scores"][metric]["mean"], rel=0.15)


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("lkc_funet", "; `python -m pipeline.preset msrs-paper` and `dvc repro` train lkc_funet"),
        ("laplacian", "; laplacian learns nothing, `fusion.create('laplacian')` has it"),
        ("command", ""),
        ("lkc_funet_light", ""),
    ],
)
def test_other_names_are_told_what_there_is(name: str, way: str):
    there = ", ".join(fusion.pretrained_names())
    with pytest.raises(UserError) as refused:
        fusion.load_pretrained(name)
    assert str(refused.value) == f"pretrained {name!r}: no such weights; there are {there}{way}"


def test_the_preset_that_trains_a_network_is_there():
    root = Path(fusion.__file__).parents[1]
    for name, preset in pretrained.PRESETS.items():
        content = yaml.safe_load((root / "presets" / f"{preset}.yaml").read_text())
        assert name in content["fusion"]["methods"]


def test_other_weights_than_the_card_s_are_refused(tmp_path: Path, monkeypatch):
    shutil.copytree(pretrained.METHODS / "lkc_funet_lite", tmp_path / "lkc_funet_lite")
    monkeypatch.setattr(pretrained, "METHODS", tmp_path)
    card = tmp_path / "lkc_funet_lite" / pretrained.CARD
    card.write_text(json.dumps(json.loads(card.read_text()) | {"sha256": "0" * 64}))
    with pytest.raises(UserError, match=r"SHA-256 .* its card says 000000000000"):
        fusion.load_pretrained("lkc_funet_lite")


def test_an_entry_may_ask_for_them():
    spec = MethodSpec.model_validate({"weights": "pretrained"})
    assert spec.weights == "pretrained"
    method = trained_method("lkc_funet_lite", spec, Path("nowhere"))
    expected = fusion.load_pretrained("lkc_funet_lite").state_dict()
    assert all(tensor.equal(expected[name]) for name, tensor in method.state_dict().items())
    with pytest.raises(UserError, match="or give it `weights: pretrained`"):
        trained_method("lkc_funet_lite", MethodSpec(), Path("nowhere"))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a pair, and params that name one method."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text(yaml.safe_dump({"fusion": {"methods": {"vis": {}}}}))
    slope = (np.add.outer(np.arange(30), np.arange(41)) * 3).astype(np.uint8)
    write_png("ir.png", slope)
    write_png("vi.png", np.stack((slope, slope // 2, 255 - slope), axis=2))
    return tmp_path


@pytest.mark.parametrize("name", ["lkc_funet_lite", "laplacian", "vis"])
def test_own_images_need_no_entry_in_params(project: Path, name: str):
    fuse.main([name, "--ir", "ir.png", "--vi", "vi.png", "--out", "out"])
    ir, vis = read_gray("ir.png"), read_rgb("vi.png")
    tensors = torch.from_numpy(ir)[None, None] / 255, torch.from_numpy(vis).permute(2, 0, 1) / 255
    method = fusion.load_pretrained(name) if name in NAMES else create(name)
    with torch.inference_mode():
        expected = method(tensors[0], tensors[1][None])[0].permute(1, 2, 0).numpy() * 255
    assert np.abs(read_rgb("out/vi.png") - expected).max() <= 0.51


def test_own_images_are_made_again_by_another_method(project: Path):
    """Only what a killed stage left is taken as made: here it may be another method's."""
    for name, source in (("ir", "ir.png"), ("vis", "vi.png")):
        fuse.main([name, "--ir", "ir.png", "--vi", "vi.png", "--out", "out"])
        assert np.array_equal(read_rgb("out/vi.png"), read_rgb(source))


@pytest.mark.parametrize(("kind", "tolerance"), [("bmp", 0), ("jpg", 3)])
def test_faster_formats_hold_the_same_image(project: Path, kind: str, tolerance: int):
    for one in ("png", kind):
        fuse.main(["average", "--ir", "ir.png", "--vi", "vi.png", "--out", one, "--format", one])
    difference = np.abs(read_rgb(f"{kind}/vi.{kind}").astype(int) - read_rgb("png/vi.png"))
    assert difference.mean() <= tolerance


def test_a_network_without_weights_says_how_to_get_them(project: Path, capsys):
    with pytest.raises(SystemExit) as stop:
        fuse.main(["lkc_funet", "--ir", "ir.png", "--vi", "vi.png"])
    assert stop.value.code == 2
    assert "no such weights; there are lkc_funet_lite" in capsys.readouterr().err
