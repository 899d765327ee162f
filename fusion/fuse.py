"""Stage `fuse`: run one method on every pair of both splits, or on a user's own images.

`python -m fusion.fuse METHOD` is the stage;
`python -m fusion.fuse METHOD --ir FILE --vi FILE --out FOLDER` (or two folders) is for use.
"""

from __future__ import annotations

from pathlib import Path

from fusion.apply.files import fuse_files, fuse_folder
from fusion.apply.load import load_any, load_method
from fusion.apply.own_pairs import Format, own_pairs
from fusion.apply.share import shared_out
from pipeline import tracking
from pipeline.data import pairs
from pipeline.images.whole import put_in_place
from pipeline.params import Params, flatten
from pipeline.provenance.dependencies import stage_fingerprint
from pipeline.results import left_out, paths
from pipeline.stage import rank
from pipeline.stage.command import stage
from pipeline.stage.errors import UserError
from pipeline.training.devices import use_threads

SHOWN = 4
"""Fused test images that MLflow gets."""


def fuse_data_set(params: Params, method: str, run: tracking.Run) -> None:
    """Fuse both splits; one that the method leaves out gets `left_out.json` instead of images."""
    directory, ready = params.data.directory, load_method(params, method)
    out = paths.fused(method, "test").parent
    made = paths.unfinished(out, stage_fingerprint(params, "fuse", key=method))
    with shared_out(ready, params.runtime) as share:
        for split in pairs.SPLITS[::-1]:
            ir, vi = directory / split / "ir", directory / split / "vi"
            names, title = pairs.names(directory, split), f"fuse {method} {split}"
            reason = fuse_folder(ready, ir, vi, names, made / split, title, share)
            if reason is not None:
                print(f"{method}: left out of segmentation: {reason}")
                left_out.write(made / split, reason)
    if not rank.first():
        return
    put_in_place(made, out)
    for name in pairs.names(directory, "test")[:SHOWN]:
        run.artifact(paths.fused_image(method, "test", name), "fused")


@stage
def main(
    params: Params,
    method: str,
    ir: str | None = None,
    vi: str | None = None,
    out: str = "fused",
    format: Format = Format.PNG,  # noqa: A002 (the option's name)
) -> None:
    """Fuse with one method of params.yaml: both splits, or --ir and --vi (file or folder).

    For images of your own also one that params.yaml does not name, as it comes, and --format:
    bmp is written a hundred times as fast as png.
    """
    use_threads(params.fusion.training.threads)
    if ir is not None and vi is not None:
        files = own_pairs(Path(ir), Path(vi), Path(out), f".{format.value}")
        fuse_files(load_any(params, method), files, f"fuse {method}", again=True)
    elif ir is not None or vi is not None:
        raise UserError("--ir and --vi belong together: a pair of files, or two folders")
    else:
        spec = params.fusion.spec_of(method)
        with tracking.run(params, "fuse", method, flatten(spec.model_dump(mode="json"))) as run:
            fuse_data_set(params, method, run)


if __name__ == "__main__":
    main()
