"""What the medical stages are made of, and what they depend on; as `pipeline.provenance`."""

from __future__ import annotations

from typing import Any

from fusion.medical import tasks
from pipeline.params import MedicalParams, MethodSpec
from pipeline.provenance.dependencies import PROJECT, dependencies, fingerprint_of
from pipeline.provenance.modules import hashes, method_hashes
from pipeline.provenance.stages import MEDICAL


def made_of(medical: MedicalParams, task: str) -> dict[str, dict[str, Any]]:
    """Content of every file that `code_medical` writes for a task, by its path."""
    read: dict[str, dict[str, Any]] = {
        "evaluate_medical": {"convention": medical.convention, "metrics": medical.metrics}
    }
    found: dict[str, dict[str, Any]] = {
        f"{stage.removesuffix('_medical')}.json": {
            "params": read.get(stage, {}),
            "code": hashes(module),
        }
        for stage, module in MEDICAL.items()
    }
    for name, spec in medical.methods.items():
        found[f"methods/{name}.json"] = _method(name, spec)
        training = medical.training_of(name).model_dump(mode="json")
        shared = medical.source_of(name) != "each"
        # What a shared network is made of counts where it is trained.
        found[f"training/{name}.json"] = {} if shared else training
    return {(tasks.code(task) / name).as_posix(): content for name, content in found.items()}


def _method(name: str, spec: MethodSpec) -> dict[str, Any]:
    """A method's parameters, less how and on what it is trained, and its code."""
    entry = spec.model_dump(mode="json", exclude={"training", "trained_on"})
    entry |= {"type": spec.type or name}
    return {"params": entry, "code": method_hashes(spec.type or name)}


def shared_made_of(medical: MedicalParams, method: str) -> dict[str, Any]:
    """Content of the file that `code_shared_medical` writes; the least where nothing is shared."""
    spec = medical.methods[method]
    source = medical.source_of(method)
    if source == "each":
        return {"trained_on": source}
    return {
        "trained_on": medical.tasks_of(method, medical.tasks[0]),
        "training": medical.training_of(method).model_dump(mode="json"),
        "method": _method(method, spec),
        "code": hashes(MEDICAL["train_medical"]),
    }


def cost_made_of(medical: MedicalParams, method: str) -> dict[str, Any]:
    """Content of the file that `code_cost_medical` writes."""
    return {
        "threads": medical.training.threads,
        "method": _method(method, medical.spec_of(method)),
        "code": hashes("fusion.medical.measure_cost"),
    }


def table_made_of(medical: MedicalParams, table: str) -> dict[str, Any]:
    """Content of the file that `code_table_medical` writes."""
    shown = medical.model_dump(
        mode="json", include={"tasks", "convention", "metrics", "ranking", "significance"}
    )
    shown |= {"methods": list(medical.methods), "metrics": medical.tables.get(table, ())}
    return {"params": shown, "code": hashes("fusion.medical.report", counted="pipeline.report")}


def medical_fingerprint(medical: MedicalParams, stage: str, task: str, method: str) -> str:
    """Fingerprint of a medical stage of one method and task, or of its `SHARED` network."""
    values = {"root": str(medical.root), "item.task": task, "item.method": method}
    deps = dependencies(PROJECT / "medical" / "dvc.yaml", stage, values)
    if task == tasks.SHARED:
        made = {tasks.shared_code(method).as_posix(): shared_made_of(medical, method)}
    else:
        made = made_of(medical, task)
    return fingerprint_of(deps, made)
