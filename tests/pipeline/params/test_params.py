"""Params: every bad value ends in one line that names the key."""

import shutil
from pathlib import Path

import pytest
import yaml

from pipeline.params import flatten, load
from pipeline.stage.errors import UserError

ROOT = Path(__file__).resolve().parents[3]


def written(folder: Path, **sections: object) -> Path:
    path = folder / "params.yaml"
    path.write_text(yaml.safe_dump({"fusion": {"methods": {"ir": {}}}} | sections, sort_keys=False))
    return path


FILES = [ROOT / "params.yaml", *sorted(ROOT.glob("presets/*"))]
every_preset = pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)


@every_preset
def test_every_preset_is_valid(file: Path) -> None:
    load(file)


@every_preset
def test_dvc_finds_what_its_stages_need_in_every_preset(file: Path, tmp_path: Path) -> None:
    from dvc.repo import Repo

    shutil.copy(file, tmp_path / "params.yaml")
    shutil.copy(ROOT / "dvc.yaml", tmp_path)
    with Repo.init(str(tmp_path), no_scm=True) as repo:
        assert repo.index.stages


def test_params_are_the_demo_preset() -> None:
    """`params.yaml` as it is in git is the default preset."""
    assert load(ROOT / "params.yaml") == load(ROOT / "presets" / "demo.yaml")


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ({"x": 1}, "x: unknown key; allowed are preset, data, fusion"),
        ({"data": {"rot": "a"}}, "data.rot: unknown key; allowed are dataset, root"),
        ({"data": {"dataset": "kaist"}}, "data.dataset: .*'demo'.*, found 'kaist'"),
        ({"data": {"dataset": "folder"}}, "needs data.root"),
        ({"data": {"classes": ["sky", "name", "sky"]}}, "classes: name, sky; a class name stands"),
        (
            {"data": {"label_map": {300: "car"}}},
            "data.label_map.300.*values from 0 to 255, and col",
        ),
        ({"data": {"label_map": {"red": "car"}}}, "data.label_map.red.*colours as"),
        ({"data": {"label_map": {1: "lorry"}}}, "label_map: no class 'lorry'; there are unlabeled"),
        ({"data": {"label_map": {1: "car", "#ff0000": "car"}}}, "label_map: values and colours"),
        (
            {"data": {"label_map": {"#ff0000": "car"}, "ignore": 3}},
            "ignore: a value, but label_map",
        ),
        ({"data": {"label_map": {3: "car"}, "ignore": 3}}, "ignore: 3 is in label_map too"),
        ({"data": {"palette": {"lorry": "#ff0000"}}}, "palette: no class 'lorry'"),
        ({"data": {"palette": {"car": "red"}}}, "data.palette.car: .*pattern.*found 'red'"),
        ({"data": {"folders": {"ir": "Infrared"}}}, "folders: those of demo have their names"),
        (
            {"data": {"dataset": "folder", "root": "a", "folders": {"ir": "../up"}}},
            "data.folders.ir",
        ),
        ({"segmentation": {"epochs": 0}}, "segmentation.epochs: .*greater than 0, found 0"),
        ({"segmentation": {"epochs": "many"}}, "segmentation.epochs: .*integer.*found 'many'"),
        ({"segmentation": {"augmentation": {"flop": 1}}}, "allowed are flip, scale"),
        (
            {
                "fusion": {
                    "methods": {"ir": {}, "average": {}},
                    "evaluation": {"significance": {"proposed": "ir"}},
                }
            },
            "fusion: .*significance.proposed: 'ir'; allowed are null, average",
        ),
        (
            {"fusion": {"methods": {"average": {}}, "evaluation": {"pairs": {"demo": "x"}}}},
            "fusion.evaluation.pairs: 'demo' is data.dataset; allowed is any other name",
        ),
        ({"segmentation": {"workers": 2}}, "segmentation.workers: is now runtime.workers; move"),
        ({"segmentation": {"cache_mib": 2}}, "segmentation.cache_mib: is now runtime.cache_mib"),
        ({"segmentation": {"threads": None}}, "segmentation.threads: .*integer"),
        ({"segmentation": {"networks": {}}}, "segmentation.networks: .*at least 1 item"),
        (
            {"segmentation": {"networks": {"unet": {"epoch": 1}}}},
            "segmentation.networks.unet.epoch: unknown key; allowed are decoder, encoder",
        ),
        (
            {"segmentation": {"networks": {"mine": {"decoder": "hrnet"}}}},
            "segmentation.networks.mine.decoder: .*'deeplabv3'.*found 'hrnet'",
        ),
        ({"segmentation": {"networks": {"one_for_all": {}}}}, "name of a folder"),
        ({"segmentation": {"one_for_all": ["unet"]}}, "no network 'unet'; allowed are deeplabv3"),
        ({"segmentation": {"epochs": 3, "frozen_epochs": 3}}, "frozen_epochs: 3 of 3 epochs"),
        (
            {
                "fusion": {"methods": {"b-c": {}, "c": {}}},
                "segmentation": {"networks": {"a": {}, "a-b": {}}},
            },
            "'a' with 'b-c' and 'a-b' with 'c' would be one stage, a-b-c",
        ),
        ({"runtime": {"worker": 2}}, "runtime.worker: unknown key; allowed are workers"),
        (
            {
                "fusion": {
                    "methods": {"a": {}, "a-b": {}},
                    "evaluation": {"pairs": {"b-c": "x", "c": "y"}},
                }
            },
            "'a' with 'b-c' and 'a-b' with 'c' would be one stage, a-b-c",
        ),
        (
            {"fusion": {"methods": {"a": {}}, "evaluation": {"metrics": ["SD", "Qxy"]}}},
            "fusion.evaluation.metrics.1: .*'Qcb'.*, found 'Qxy'",
        ),
        ({"fusion": {"methods": {}}}, "fusion.methods: .*at least 1 item"),
        ({"fusion": {"methods": {"../up": {}}}}, "fusion.methods.*pattern.*found '../up'"),
        ({"fusion": {"methods": {"Upper": {}}}}, "fusion.methods.*pattern"),
        (
            {"fusion": {"methods": {"a": {"training": {"epoch": 1}}}}},
            "fusion.methods.a.training.epoch: unknown key; allowed are epochs, batch_size",
        ),
    ],
)
def test_bad_values_name_the_key(tmp_path: Path, sections: dict, message: str) -> None:
    with pytest.raises(UserError, match=message) as caught:
        load(written(tmp_path, **sections))
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_broken_yaml_are_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"params\.yaml: no such file"):
        load(tmp_path / "params.yaml")
    (tmp_path / "params.yaml").write_text("a: [1")
    with pytest.raises(UserError, match=r"params\.yaml: not YAML: .*line 1"):
        load(tmp_path / "params.yaml")


def test_a_method_changes_only_its_own_training(tmp_path: Path) -> None:
    methods = {"a": {"training": {"epochs": 3}, "levels": 4}, "b": None}
    fusion = {"methods": methods, "training": {"epochs": 7, "crop": 32}}
    params = load(written(tmp_path, fusion=fusion)).fusion
    assert (params.training_of("a").epochs, params.training_of("a").crop) == (3, 32)
    assert params.training_of("b").epochs == 7
    assert params.methods["a"].own == {"levels": 4}


def test_a_network_changes_only_its_own_protocol(tmp_path: Path) -> None:
    segmentation = {
        "epochs": 9, "augmentation": {"flip": 0.1, "blur": 0.3},
        "networks": {"unet": {}, "b2": {"decoder": "segformer", "augmentation": {"blur": 0.2}}},
    }  # fmt: skip
    params = load(written(tmp_path, segmentation=segmentation)).segmentation
    unet, b2 = params.of("unet"), params.of("b2")
    assert params.main_network == "unet"
    assert (unet.decoder, unet.epochs, unet.augmentation.blur) == ("unet", 9, 0.3)
    assert (b2.decoder, b2.epochs) == ("segformer", 9)
    assert (b2.augmentation.blur, b2.augmentation.flip) == (0.2, 0.1)
    with pytest.raises(UserError, match="no network 'fpn'; there are unet, b2"):
        params.of("fpn")


def test_without_networks_there_is_deeplabv3_as_the_section_says(tmp_path: Path) -> None:
    params = load(written(tmp_path, segmentation={"encoder": "resnet18"})).segmentation
    assert params.main_network == params.of("deeplabv3").decoder == "deeplabv3"
    assert params.of("deeplabv3").encoder == "resnet18"


def test_flatten_joins_keys_with_dots() -> None:
    assert flatten({"a": {"b": 1, "c": {"d": [2]}}, "e": {}}) == {"a.b": 1, "a.c.d": [2], "e": {}}
    assert flatten({"map": {"#ff0000": "car"}}) == {"map.ff0000": "car"}, "MLflow takes no # there"
