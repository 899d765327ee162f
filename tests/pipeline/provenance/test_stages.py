"""Every key of `params.yaml` counts for the stages that it decides, or is named here."""

from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic import BaseModel

from pipeline.params import Params
from pipeline.provenance import stages

BASE: dict[str, Any] = {
    "data": {"dataset": "folder", "root": "a"},
    "fusion": {"methods": {"net": {"type": "average"}, "other": {"type": "maximum"}}},
    "segmentation": {"networks": {"mine": {}}},
}
SILENT = {
    "runtime.workers", "runtime.cache_mib", "runtime.checkpoint_seconds", "runtime.progress",
    "runtime.register_models", "runtime.travel_seconds",
    "data.root", "data.demo", "data.times", "fusion.evaluation.pairs",
    "segmentation.one_for_all",
}  # fmt: skip
"""How stages run, what counts by the images behind it, what another data set is drawn by, and what
makes stages of its own."""

SHOWN = {
    "preset", "data.palette", "fusion.evaluation.ranking", "fusion.evaluation.significance.family",
    "fusion.evaluation.significance.proposed", "segmentation.primary",
}  # fmt: skip
"""What only the report shows or counts by."""

OTHER: dict[str, Any] = {
    "preset": "other",
    "data.dataset": "msrs",
    "data.classes": ["sky", "road"],
    "data.folders.ir": "Infrared",
    "data.folders.vi": "Visible",
    "data.folders.label": "Label",
    "data.hold_out": 2,
    "data.ignore": 255,
    "data.label_map": {1: "car"},
    "data.palette": {"car": "#ffffff"},
    "data.url": "https://example.org/msrs",
    "fusion.methods": {"net": {"type": "average", "ir_weight": 0.3}, "other": {"type": "maximum"}},
    "segmentation.encoder": "resnet18",
    "segmentation.networks": {"mine": {"epochs": 7}},
    "segmentation.size": [32, 64],
    "segmentation.seeds": [0, 1],
    "segmentation.primary": {"input": "net", "against": "other", "smallest": 1.0},
    "segmentation.augmentation.scale": [0.5, 1.0],
    "fusion.evaluation.metrics": ["SD"],
    "fusion.evaluation.significance.proposed": "net",
    "fusion.training.clip_norm": 2.0,
    "segmentation.encoder_weights": "imagenet",
    "runtime.devices": "auto",
    "runtime.deterministic": False,
}
"""Another value, where `other` cannot make one from the type."""


def keys(section: BaseModel, prefix: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Key, value and type of everything in a section."""
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        if isinstance(value, BaseModel) and prefix + name not in SILENT:
            yield from keys(value, f"{prefix}{name}.")
        elif prefix + name not in SILENT:
            yield prefix + name, value, field.annotation


def other(key: str, value: Any, kind: Any) -> Any:
    """A value that the key may have instead."""
    if key in OTHER:
        return OTHER[key]
    if isinstance(value, bool):
        return not value
    if get_origin(kind) is Literal:
        return next(one for one in get_args(kind) if one != value)
    assert isinstance(value, int | float), f"{key}: name another value for it in OTHER"
    return value + 1 if isinstance(value, int) else value / 2 or 0.25


def made_of(key: str = "", value: Any = None) -> dict[str, Any]:
    """What all stages are made of, with one key changed; code is left out."""
    content = Params.model_validate(BASE).model_dump(mode="json")
    *sections, last = key.split(".")
    place = content
    for section in sections:
        place = place[section]
    if key:
        place[last] = value
    return stages.of_all(Params.model_validate(content))


EVERY = {key: other(key, value, kind) for key, value, kind in keys(Params.model_validate(BASE))}


@pytest.fixture(autouse=True)
def _no_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages, "hashes", lambda module: {})
    monkeypatch.setattr(stages, "method_hashes", lambda name: {})


@pytest.mark.parametrize("key", EVERY)
def test_a_key_counts(key: str):
    before, after = made_of(), made_of(key, EVERY[key])
    changed = {path for path in before if before[path] != after[path]}
    assert changed - {"report.json"} or (key in SHOWN and changed == {"report.json"})


def test_what_changes_no_result_does_not_count():
    assert made_of("runtime", {"workers": 3, "progress": False}) == made_of()


def test_a_default_written_out_is_the_default():
    """`None` aside, the whole schema written out is what nothing written is."""
    assert made_of() == stages.of_all(Params.model_validate(BASE))


def test_a_methods_own_training_counts_for_its_training_alone():
    methods = {"net": {"type": "average", "training": {"epochs": 5}}, "other": {"type": "maximum"}}
    before, after = made_of(), made_of("fusion.methods", methods)
    changed = {path for path in before if before[path] != after[path]}
    assert changed == {"training/net.json", "report.json"}
