"""What each stage is made of: its code by its meaning, and its params with their defaults.

The stage `code` writes this to `artifacts/code/`, and the other stages depend on those files. So
what is written into `params.yaml` counts by what it decides: a default that changes in the schema
reruns what it decides, and a default written out reruns nothing.
"""

from __future__ import annotations

from typing import Any

from pipeline.params import NetworkParams, Params
from pipeline.params.base import Section
from pipeline.params.runtime import COMPUTED
from pipeline.provenance.modules import hashes, method_hashes

MODULES = {
    "prepare": "pipeline.prepare",
    "train_fusion": "fusion.train",
    "fuse": "fusion.fuse",
    "evaluate_fusion": "fusion.evaluate",
    "measure_cost": "fusion.measure_cost",
    "fuse_pairs": "fusion.fuse_pairs",
    "evaluate_pairs": "fusion.evaluate_pairs",
    "train_segmentation": "segmentation.train",
    "evaluate_segmentation": "segmentation.evaluate",
    "train_for_all": "segmentation.train_for_all",
    "evaluate_for_all": "segmentation.evaluate_for_all",
    "report": "pipeline.report.__main__",
}
"""The module that each stage runs."""

MEDICAL = {
    "prepare_medical": "fusion.medical.prepare",
    "train_medical": "fusion.medical.train",
    "fuse_medical": "fusion.medical.fuse",
    "evaluate_medical": "fusion.medical.evaluate",
}
"""Those of medical fusion, see `fusion.medical.provenance`."""


_ELSEWHERE = {"root", "times", "palette"}
"""Of `data`, what counts elsewhere: files by their content, colours for the report's pictures."""


def _params(params: Params) -> dict[str, dict[str, Any]]:
    """What each stage reads of the params, resolved; methods are apart, see `of_method`."""
    data, fusion, segmentation = params.data, params.fusion, params.segmentation
    evaluation = fusion.evaluation
    classes = {"dataset": data.dataset, "classes": data.class_names}
    judged = {"convention": evaluation.convention, "metrics": evaluation.metrics}
    segmented = classes | {"seeds": segmentation.seeds}
    computed = params.runtime.model_dump(mode="json", include=COMPUTED)
    return {
        "prepare": _dump(data, exclude=_ELSEWHERE | ({"demo"} - {data.dataset})) | classes,
        "train_fusion": {"dataset": data.dataset} | computed,
        "fuse": {"dataset": data.dataset, "threads": fusion.training.threads},
        "evaluate_fusion": {"dataset": data.dataset} | judged,
        "measure_cost": {"cost": evaluation.cost, "threads": fusion.training.threads},
        "fuse_pairs": {"threads": fusion.training.threads},
        "evaluate_pairs": judged,
        "train_segmentation": classes | computed,
        "evaluate_segmentation": segmented,
        "train_for_all": classes | computed,
        "evaluate_for_all": segmented,
        "report": {
            "preset": params.preset,
            **classes,
            "palette": data.palette,
            "ignores": data.ignores,
            "fusion": _dump(fusion, exclude={"training"}),
            "segmentation": _dump(segmentation, exclude=set(NetworkParams.model_fields))
            | {"networks": {name: of_network(params, name) for name in segmentation.networks}},
        },
    }


def _dump(section: Section, exclude: set[str] | None = None) -> dict[str, Any]:
    return section.model_dump(mode="json", exclude=exclude)


def of_stage(params: Params, name: str) -> dict[str, Any]:
    """Code and resolved params of a stage."""
    return {"params": _params(params)[name], "code": hashes(MODULES[name])}


def of_method(params: Params, name: str) -> dict[str, Any]:
    """Code and resolved entry of a method, by the entry's name."""
    spec = params.fusion.methods[name]
    kind = spec.type or name
    entry = spec.model_dump(mode="json", exclude={"training"}) | {"type": kind}
    return {"params": entry, "code": method_hashes(kind)}


def of_training(params: Params, name: str) -> dict[str, Any]:
    """How a method trains, by the entry's name."""
    return _dump(params.fusion.training_of(name))


def of_network(params: Params, name: str) -> dict[str, Any]:
    """How a network of the segmentation is made and trains."""
    return _dump(params.segmentation.of(name))


_KINDS = {"": of_stage, "methods": of_method, "training": of_training, "networks": of_network}


def of_file(params: Params, file: str) -> dict[str, Any]:
    """Content of one file that the stage `code` writes.

    Args:
        params: the project's.
        file: its path below `artifacts/code`, e.g. `methods/vis.json`.
    """
    folder, _, name = file.removesuffix(".json").rpartition("/")
    return _KINDS[folder](params, name)


def of_all(params: Params) -> dict[str, dict[str, Any]]:
    """Content of every file that the stage `code` writes, by its path below `artifacts/code`."""
    methods, networks = params.fusion.methods, params.segmentation.networks
    files = [
        *(f"{name}.json" for name in MODULES),
        *(f"{folder}/{name}.json" for folder in ("methods", "training") for name in methods),
        *(f"networks/{name}.json" for name in networks),
    ]
    return {file: of_file(params, file) for file in files}
