"""Stage `code_medical`: what a task's stages and methods are made of, see `pipeline.code`.

`python -m fusion.medical.code TASK`. One for each task, so that there is none without tasks.
"""

from __future__ import annotations

from pathlib import Path

from fusion.medical import tasks
from pipeline.images.whole import write_json
from pipeline.params import Params, load_medical
from pipeline.provenance.modules import closure, hashes, method_module
from pipeline.stage.command import stage

ROOT = Path("artifacts/medical/code")
STAGES = ("prepare", "train", "fuse", "evaluate")


@stage
def main(params: Params, task: str) -> None:
    """Write the hashes of the code of one medical task's stages and methods."""
    out = ROOT / tasks.check_task(task)
    for name in STAGES:
        write_json(out / f"{name}.json", hashes(closure(f"fusion.medical.{name}")))
    for name, spec in load_medical().methods.items():
        own = closure(method_module(spec.type or name))
        write_json(out / "methods" / f"{name}.json", hashes(own))


if __name__ == "__main__":
    main()
