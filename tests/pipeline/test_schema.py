"""The published schemas: up to date, and of one mind with the params' own validation."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from pipeline import schema
from pipeline.params import load
from pipeline.stage.errors import UserError

ROOT = Path(__file__).resolve().parents[2]
PRESETS = sorted(path.name for path in (ROOT / "presets").glob("*.yaml"))
PARAMS = schema.of_params()


@pytest.mark.parametrize("name", schema.SCHEMAS)
def test_the_committed_files_are_what_the_command_writes(name: str) -> None:
    """If this fails: `python -m pipeline.schema`."""
    assert json.loads((ROOT / schema.FOLDER / name).read_text()) == schema.SCHEMAS[name]()


@pytest.mark.parametrize("name", schema.SCHEMAS)
def test_they_are_schemas(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema.SCHEMAS[name]())


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_valid_by_the_schema(name: str) -> None:
    jsonschema.validate(yaml.safe_load((ROOT / "presets" / name).read_text()), PARAMS)


@pytest.mark.parametrize(
    "change",
    [
        {"x": 1},
        {"data": {"dataset": "kaist"}},
        {"segmentation": {"epochs": 0}},
        {"segmentation": {"networks": {"unet": {"epoch": 1}}}},
        {"segmentation": {"networks": {"Unet": {}}}},
        {"segmentation": {"primary": {"input": "ir"}}},
        {"fusion": {"methods": {"a": {"training": {"epoch": 1}}}}},
        {"runtime": {"worker": 1}},
    ],
)
def test_both_refuse_the_same(tmp_path: Path, change: dict) -> None:
    content = {"fusion": {"methods": {"ir": None}}} | change
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(content))
    with pytest.raises(UserError):
        load(tmp_path / "params.yaml")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(content, PARAMS)


def test_keys_are_described_by_the_docstrings() -> None:
    properties = PARAMS["$defs"]["SegmentationParams"]["properties"]
    assert properties["encoder"]["description"].startswith("name of a segmentation-models-pytorch")
    assert properties["seeds"]["description"] == (
        "one training a seed; results are mean ± std over them."
    )
    missing = [
        f"{name}.{key}"
        for name, definition in PARAMS["$defs"].items()
        for key, one in definition.get("properties", {}).items()
        if "description" not in one and "$ref" not in one
    ]
    assert [one for one in missing if not one.startswith("DemoParams")] == []
