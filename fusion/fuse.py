"""Stage `fuse`: run one method on every pair of both splits, or on a user's own images.

`python -m fusion.fuse METHOD` is the stage;
`python -m fusion.fuse METHOD --ir FILE --vi FILE --out FOLDER` (or two folders) is for use.
"""

from __future__ import annotations

from pathlib import Path

from fusion.apply.files import fuse_files, fuse_folder, own_pairs
from fusion.apply.load import load_method
from pipeline import tracking
from pipeline.data import pairs
from pipeline.params import Params, flatten
from pipeline.results import left_out, paths
from pipeline.stage.command import stage
from pipeline.stage.errors import UserError

SHOWN = 4
"""Fused test images that MLflow gets."""


def fuse_data_set(params: Params, method: str, run: tracking.Run) -> None:
    """Fuse both splits; a split that the method leaves out is noted in `left_out.json`."""
    directory = params.data.directory
    manifest = pairs.read_manifest(directory)
    ready = load_method(params, method)
    for split in pairs.SPLITS[::-1]:
        ir, vi = directory / split / "ir", directory / split / "vi"
        names = pairs.names(manifest, split)
        out = paths.fused(method, split)
        reason = fuse_folder(ready, ir, vi, names, out, f"fuse {method} {split}")
        if reason is not None:
            print(f"{method}: left out of segmentation: {reason}")
            left_out.write(out.parent, reason)
        for shown in names[:SHOWN] if split == "test" else []:
            run.artifact(out / f"{shown}.png", "fused")


@stage
def main(
    params: Params, method: str, ir: str | None = None, vi: str | None = None, out: str = "fused"
) -> None:
    """Fuse with one method of params.yaml: both splits, or --ir and --vi (file or folder)."""
    if ir is not None and vi is not None:
        files = own_pairs(Path(ir), Path(vi), Path(out))
        fuse_files(load_method(params, method), files, f"fuse {method}")
    elif ir is not None or vi is not None:
        raise UserError("--ir and --vi belong together: a pair of files, or two folders")
    else:
        spec = params.fusion.spec_of(method)
        with tracking.run(params, "fuse", method, flatten(spec.model_dump(mode="json"))) as run:
            fuse_data_set(params, method, run)


if __name__ == "__main__":
    main()
