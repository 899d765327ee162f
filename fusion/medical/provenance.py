"""What the medical stages are made of, and what they depend on; as `pipeline.provenance`."""

from __future__ import annotations

from typing import Any

from fusion.medical import tasks
from pipeline.params import MedicalParams
from pipeline.provenance.dependencies import PROJECT, dependencies, fingerprint_of
from pipeline.provenance.modules import hashes, method_hashes
from pipeline.provenance.stages import MEDICAL


def made_of(medical: MedicalParams, task: str) -> dict[str, dict[str, Any]]:
    """Content of every file that `code_medical` writes for a task, by its path."""
    read: dict[str, dict[str, Any]] = {"evaluate_medical": {"convention": medical.convention}}
    found: dict[str, dict[str, Any]] = {
        f"{stage.removesuffix('_medical')}.json": {
            "params": read.get(stage, {}),
            "code": hashes(module),
        }
        for stage, module in MEDICAL.items()
    }
    for name, spec in medical.methods.items():
        entry = spec.model_dump(mode="json", exclude={"training"}) | {"type": spec.type or name}
        own = {"params": entry, "code": method_hashes(spec.type or name)}
        found[f"methods/{name}.json"] = own
        found[f"training/{name}.json"] = medical.training_of(name).model_dump(mode="json")
    return {(tasks.code(task) / name).as_posix(): content for name, content in found.items()}


def table_made_of(medical: MedicalParams, table: str) -> dict[str, Any]:
    """Content of the file that `code_table_medical` writes."""
    shown = medical.model_dump(mode="json", include={"tasks", "convention"})
    shown |= {"methods": list(medical.methods), "metrics": medical.tables.get(table, ())}
    return {"params": shown, "code": hashes("fusion.medical.report", counted="pipeline.report")}


def medical_fingerprint(medical: MedicalParams, stage: str, task: str, method: str) -> str:
    """Fingerprint of a medical stage of one task and method."""
    values = {"root": str(medical.root), "item.task": task, "item.method": method}
    deps = dependencies(PROJECT / "medical" / "dvc.yaml", stage, values)
    return fingerprint_of(deps, made_of(medical, task))
