"""Recipes for others' methods: their form, and that each line hands over and brings back images.

A stand-in takes the place of the authors' script. It looks for pairs and weights where that script
does and leaves its images where that script would, so a line that misses a place fails.
"""

import os
import sys
import textwrap
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import yaml
from recipes import load, recipes

import fusion
from pipeline.images.pixels import read_rgb, write_png
from pipeline.params import Params
from pipeline.provenance.inputs import link_all

ALL = {recipe.name: recipe for recipe in load()}
NAMES = ["00004N", "00055D"]
RNG = np.random.default_rng(0)


class Script(NamedTuple):
    """An authors' script: its name, where it reads and writes, seen from where it is started.

    `{--flag}` is what the script is given, `{root}` what its configuration says; `listed` is a
    file of names.
    """

    file: str
    ir: str
    vi: str
    out: str
    weights: str = ""
    listed: str = ""


SCRIPTS = {
    "seafusion": Script(
        "test.py", "MSRS/Infrared/val/MSRS", "MSRS/Visible/val/MSRS", "fusion_results/NAME.png",
        "fusionmodel_final.pth",
    ),
    "psfusion": Script(
        "test_Fusion.py", "{--dataroot}/{--dataname}/test/ir", "{--dataroot}/{--dataname}/test/vi",
        "{--result_dir}/{--dataname}/NAME.png", "{--resume}",
    ),
    "cddfuse": Script(
        "test_IVF.py", "test_img/TNO/ir", "test_img/TNO/vi", "test_result/TNO/NAME.png",
        "models/CDDFuse_IVF.pth",
    ),
    "emma": Script(
        "test.py", r"test_img\ir", r"test_img\vi", "test_result/NAME.png", r"model\EMMA.pth"
    ),
    "swinfusion": Script(
        "test_swinfusion.py", "{--root_path}/{--dataset}/{--A_dir}",
        "{--root_path}/{--dataset}/{--B_dir}", "results/SwinFusion_{--dataset}/NAME.png",
        "{--model_path}/10000_E.pth",
    ),
    "tardal": Script(
        "infer.py", "{root}/ir", "{root}/vi", "{--save_dir}/NAME.png", listed="{root}/meta/pred.txt"
    ),
    "ddfm": Script(
        "sample.py", "input/ir", "input/vi", "{--save_dir}/recon/NAME.png",
        "models/256x256_diffusion_uncond.pt",
    ),
    "u2fusion": Script(
        "test_main.py", "test_imgs/vis-ir/TNO/ir", "test_imgs/vis-ir/TNO/vis",
        "results/vis-ir/TNO/NAME.png", "model/model.ckpt.index",
    ),
    "lrrnet": Script(
        "testing_fusion_lrr.py", "images/40_pairs_tno_vot_new/ir",
        "images/40_pairs_tno_vot_new/vis",
        "outputs/40_pairs_tno_vot_new/fused/result_lrrnet_NAME.png",
        "model/final_lrr_net_lam2_1.5_wir_3.0_lam3_gram_2000_epoch_4_block_4.model",
    ),
    "mrfs": Script(
        "eval_vision.py", "{--dataset_path}/infrared", "{--dataset_path}/visible",
        "{--save_path}/NAME.png", "checkpoints/log_MFNet_mit_b4/weights/epoch-MRFS.pth",
        "{--dataset_path}/test.txt",
    ),
}  # fmt: skip

STAND_IN = """
    import os, sys
    from pathlib import Path
    from PIL import Image
    given = dict(zip(sys.argv[1::2], sys.argv[2::2]))
    if "--cfg" in given:
        import yaml
        given |= yaml.safe_load(Path(given["--cfg"]).read_text())["dataset"]
        assert given["name"] == "TNO"
    ir, vi, out, weights, listed = (place.format(**given) for place in {places!r})
    assert not weights or Path(weights).is_file(), weights
    names = Path(listed).read_text().split() if listed else os.listdir(ir)
    for name in {{Path(name).stem for name in names}}:
        gray = Image.open(Path(ir, name + ".png")).convert("L")
        colour = Image.open(Path(vi, name + ".png")).convert("RGB")
        fused = Path(out.replace("NAME", name))
        fused.parent.mkdir(parents=True, exist_ok=True)
        Image.merge("RGB", (gray, *colour.split()[1:])).save(fused)
"""
"""Red of the fused image is IR, green and blue are VIS's: nobody's images are exchanged."""


@pytest.mark.parametrize("name", ALL)
def test_the_entry_is_one_of_params(name):
    spec = ALL[name].spec
    entry = spec.model_dump(exclude_defaults=True)
    params = Params.model_validate({"fusion": {"methods": {"ir": {}, "vis": {}, name: entry}}})
    assert params.fusion.methods[name].type in ("command", "precomputed")
    assert spec.weights is None and not spec.training


def test_every_command_has_its_stand_in_and_names_are_of_one_recipe_each():
    commands = {name for name, recipe in ALL.items() if recipe.spec.type == "command"}
    assert commands - set(SCRIPTS) == {"datfuse"}  # has a test of its own
    assert len(ALL) == len(load()) >= 10


def test_what_is_in_a_repository_has_its_hash_where_it_could_be_seen():
    """SeAFusion's repository was too large to bring here, so its file was not."""
    told = [file for recipe in ALL.values() for file in recipe.weights if "in the" in file.origin]
    assert [one.file for one in told if not (one.sha256 or one.git_blob)] == [
        "fusionmodel_final.pth"
    ]


def test_the_page_shows_each_entry_as_it_is_given():
    page = recipes()
    blocks = [part.split("```")[0] for part in page.split("```yaml\n")[1:]]
    shown = [yaml.safe_load(block) for block in blocks]
    assert shown == [yaml.safe_load(recipe.entry) for recipe in ALL.values()]
    for recipe in ALL.values():
        assert recipe.commit in page and f"](#{recipe.name})" in page


@pytest.fixture
def pairs(tmp_path, monkeypatch):
    """Two pairs in a folder with a space, as the working directory of a project."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    folder = Path(sys.executable).parent
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    split = tmp_path / "a set" / "test"
    for name in NAMES:
        write_png(split / f"ir/{name}.png", RNG.integers(0, 256, (8, 12), dtype=np.uint8))
        write_png(split / f"vi/{name}.png", RNG.integers(0, 256, (8, 12, 3), dtype=np.uint8))
    return split


def fuse(recipe, split):
    """What the stage `fuse` does with the entry; gives the folder of images."""
    entry = {"methods": {recipe.name: yaml.safe_load(recipe.entry)[recipe.name]}}
    link_all(Params.model_validate({"fusion": entry}))
    method = fusion.create(recipe.spec.type, **recipe.spec.own)
    out = Path("fused/test")
    assert method.fuse_split(split / "ir", split / "vi", NAMES, out, Path("fuse.log")) is None
    return out


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.slow if name == "lrrnet" else ()) for name in SCRIPTS],
)
def test_the_line_hands_over_the_pairs_and_brings_back_the_images(pairs, name):
    recipe, script = ALL[name], SCRIPTS[name]
    clone = Path(recipe.spec.own["cwd"])
    for file in ("configs/x", *(one.file.removeprefix("MFNet/") for one in recipe.weights)):
        (clone / file).parent.mkdir(parents=True, exist_ok=True)
        (clone / file).write_text("")
    for file in (script.file, "net_lista.py"):
        (clone / file).write_text(textwrap.dedent(STAND_IN.format(places=tuple(script[1:]))))
    config = clone / "config/official/infer/tardal-dt.yaml"
    config.parent.mkdir(parents=True)
    config.write_text("dataset  :\n  name  : M3FD # folder\n  root  : data/m3fd # path\n")
    if name == "lrrnet":
        with (clone / script.file).open("a") as file:
            file.write("import torch\ntorch.zeros(1).cuda()\n")
    before = sorted(clone.rglob("*"))
    out = fuse(recipe, pairs)
    for one in NAMES:
        expected = read_rgb(pairs / f"vi/{one}.png")
        expected[..., 0] = read_rgb(pairs / f"ir/{one}.png")[..., 0]
        assert (read_rgb(out / f"{one}.png") == expected).all()
    assert sorted(clone.rglob("*")) == before  # a clone stays as it is


@pytest.mark.slow
def test_datfuse_s_lines_call_a_network_on_ir_and_vis(pairs):
    import torch

    clone = Path("external/DATFuse")
    (clone / "Networks").mkdir(parents=True)
    (clone / "Networks/network.py").write_text(
        "import torch\n\n\nclass MODEL(torch.nn.Module):\n"
        "    def __init__(self, in_channel):\n        super().__init__()\n"
        "        self.weight = torch.nn.Parameter(torch.zeros(in_channel, 1, 1))\n\n"
        "    def forward(self, pair):\n        return (self.weight * pair).sum(1, keepdim=True)\n"
    )
    torch.save({"weight": torch.tensor([0.25, 0.75]).view(2, 1, 1)}, clone / "model_10.pth")
    for one in NAMES:  # gray VIS: the fused luminance comes back as it is
        write_png(pairs / f"vi/{one}.png", read_rgb(pairs / f"vi/{one}.png")[..., :1].repeat(3, 2))
    out = fuse(ALL["datfuse"], pairs)
    for one in NAMES:
        ir, vi = (read_rgb(pairs / kind / f"{one}.png").astype(float) for kind in ("ir", "vi"))
        assert np.abs(read_rgb(out / f"{one}.png") - (0.25 * ir + 0.75 * vi)).max() <= 1


@pytest.mark.parametrize("name", ["decfusion", "lkc_funet_authors"])
def test_a_folder_of_test_images_is_taken_from_the_clone(pairs, name):
    for one in NAMES:
        vi = read_rgb(pairs / f"vi/{one}.png")
        write_png(Path(ALL[name].spec.own["path"]) / f"{one}.png", vi)
    out = fuse(ALL[name], pairs)
    assert (read_rgb(out / f"{NAMES[0]}.png") == read_rgb(pairs / f"vi/{NAMES[0]}.png")).all()
