"""Stage `fuse_medical`: fuse one task's test pairs with one method.

`python -m fusion.medical.fuse TASK METHOD`.
"""

from __future__ import annotations

from fusion.apply.files import fuse_folder
from fusion.apply.load import trained_method
from fusion.apply.share import shared_out
from fusion.medical import tasks
from fusion.medical.provenance import medical_fingerprint
from pipeline.data import pairs
from pipeline.images.whole import put_in_place
from pipeline.params import Params, load_medical
from pipeline.results import paths
from pipeline.stage import rank
from pipeline.stage.command import stage
from pipeline.stage.errors import UserError


@stage
def main(params: Params, task: str, method: str) -> None:
    """Fuse the test pairs of one medical task with one method of medical/params.yaml."""
    medical = load_medical()
    spec = medical.spec_of(method)
    fuse = trained_method(method, spec, tasks.trained(task, method))
    test, out = tasks.data(task) / "test", tasks.fused(task, method)
    names = pairs.names(tasks.data(task), "test")
    made = paths.unfinished(out, medical_fingerprint(medical, "fuse_medical", task, method))
    title = f"fuse {task} {method}"
    with shared_out(fuse, params.runtime) as share:
        reason = fuse_folder(fuse, test / "ir", test / "vi", names, made, title, share)
    if reason is not None:
        raise UserError(
            f"medical/params.yaml: methods.{method}: no fused images of {task}: {reason}"
        )
    if rank.first():
        put_in_place(made, out)


if __name__ == "__main__":
    main()
