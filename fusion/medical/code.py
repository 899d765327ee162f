"""Stage `code_medical`: what each medical stage and method is made of, see `pipeline.code`."""

from __future__ import annotations

from pathlib import Path

from pipeline.code import closure, hashes
from pipeline.files import write_json
from pipeline.params import Params
from pipeline.stage import stage

ROOT = Path("artifacts/code_medical")
STAGES = ("prepare", "train", "fuse", "evaluate", "report")


@stage
def main(params: Params) -> None:
    """Write the hashes of the code of every medical stage and method."""
    for name in STAGES:
        write_json(ROOT / f"{name}.json", hashes(closure(f"fusion.medical.{name}")))
    for name, spec in params.medical.methods.items():
        own = closure(f"fusion.methods.{spec.type or name}")
        write_json(ROOT / "methods" / f"{name}.json", hashes(own))


if __name__ == "__main__":
    main()
