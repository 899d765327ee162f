"""Stage `fuse_medical`: fuse one task's test pairs with one method.

`python -m fusion.medical.fuse TASK METHOD`.
"""

from __future__ import annotations

from fusion.apply.files import fuse_folder
from fusion.apply.load import trained_method
from fusion.medical import tasks
from pipeline.data import pairs
from pipeline.params import Params, load_medical
from pipeline.stage.command import stage
from pipeline.stage.errors import UserError


@stage
def main(params: Params, task: str, method: str) -> None:
    """Fuse the test pairs of one medical task with one method of medical/params.yaml."""
    spec = load_medical().spec_of(method)
    directory = tasks.data(task)
    names = pairs.names(pairs.read_manifest(directory), "test")
    fuse = trained_method(method, spec, tasks.trained(task, method))
    ir, vi = directory / "test" / "ir", directory / "test" / "vi"
    reason = fuse_folder(fuse, ir, vi, names, tasks.fused(task, method), f"fuse {task} {method}")
    if reason is not None:
        raise UserError(
            f"medical/params.yaml: methods.{method}: no fused images of {task}: {reason}"
        )


if __name__ == "__main__":
    main()
