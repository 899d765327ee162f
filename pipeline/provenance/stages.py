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
    """What each stage reads of the params, resolved; methods are apart, see `of_methods`."""
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
            | {"networks": of_networks(params)},
        },
    }


def _dump(section: Section, exclude: set[str] | None = None) -> dict[str, Any]:
    return section.model_dump(mode="json", exclude=exclude)


def of_stages(params: Params) -> dict[str, dict[str, Any]]:
    """Code and resolved params of each stage, by the stage's name."""
    read = _params(params)
    return {name: {"params": read[name], "code": hashes(MODULES[name])} for name in MODULES}


def of_methods(params: Params) -> dict[str, dict[str, Any]]:
    """Code and resolved entry of each method, by the entry's name."""
    return {
        name: {
            "params": _dump_entry(params, name),
            "code": method_hashes(spec.type or name),
        }
        for name, spec in params.fusion.methods.items()
    }


def of_training(params: Params) -> dict[str, dict[str, Any]]:
    """How each method trains, by the entry's name."""
    return {name: _dump(params.fusion.training_of(name)) for name in params.fusion.methods}


def of_networks(params: Params) -> dict[str, dict[str, Any]]:
    """How each network of the segmentation is made and trains, by its name."""
    return {name: _dump(params.segmentation.of(name)) for name in params.segmentation.networks}


def _dump_entry(params: Params, name: str) -> dict[str, Any]:
    spec = params.fusion.methods[name]
    return spec.model_dump(mode="json", exclude={"training"}) | {"type": spec.type or name}


def of_all(params: Params) -> dict[str, dict[str, Any]]:
    """Content of every file that the stage `code` writes, by its path below `artifacts/code`."""
    return {
        **{f"{name}.json": content for name, content in of_stages(params).items()},
        **{f"methods/{name}.json": content for name, content in of_methods(params).items()},
        **{f"training/{name}.json": content for name, content in of_training(params).items()},
        **{f"networks/{name}.json": content for name, content in of_networks(params).items()},
    }
