"""Stage `fuse_medical`: fuse one task's test pairs with one method.

`python -m fusion.medical.fuse TASK METHOD`.
"""

from __future__ import annotations

from fusion.fuse import fuse_folder, trained_method
from fusion.medical import places
from pipeline import pairs
from pipeline.errors import UserError
from pipeline.params import Params, load_medical
from pipeline.stage import stage


@stage
def main(params: Params, task: str, method: str) -> None:
    """Fuse the test pairs of one medical task with one method of medical/params.yaml."""
    spec = places.spec_of(load_medical(), method)
    directory = places.data(task)
    names = pairs.names(pairs.read_manifest(directory), "test")
    fuse = trained_method(method, spec, places.trained(task, method))
    ir, vi = directory / "test" / "ir", directory / "test" / "vi"
    reason = fuse_folder(fuse, ir, vi, names, places.fused(task, method), f"fuse {task} {method}")
    if reason is not None:
        raise UserError(
            f"medical/params.yaml: methods.{method}: no fused images of {task}: {reason}"
        )


if __name__ == "__main__":
    main()
