"""The command `ivif-fuse`: fuse images of one's own, without the pipeline and its `params.yaml`.

`ivif-fuse IR VIS --out FOLDER`: two files, or two folders with the same names.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from fusion.apply.files import fuse_files
from fusion.apply.load import load_folder, load_named
from fusion.apply.own_pairs import Format, own_pairs
from pipeline.stage import process
from pipeline.stage.command import command
from pipeline.stage.errors import UserError

METHOD = "lkc_funet_lite"
"""What fuses unless another is asked for: the network that comes trained."""


@command
def main(
    ir: Annotated[Path, Argument(metavar="IR", help="infrared image, or folder of them")],
    vis: Annotated[Path, Argument(metavar="VIS", help="visible image, or folder of them")],
    out: Annotated[Path, Option(help="folder for the fused images")] = Path("fused"),
    method: Annotated[str | None, Option(help=f"name of a method; {METHOD} if not given")] = None,
    model: Annotated[Path | None, Option(help="folder that training wrote, instead")] = None,
    format: Annotated[Format, Option(help="of the images")] = Format.PNG,  # noqa: A002
) -> None:
    """Fuse infrared and visible images; those of an earlier call in --out are made again."""
    process.set_up()
    if model is not None and method is not None:
        raise UserError("--method and --model: a trained folder knows its method; give one")
    ready = load_folder(model) if model is not None else load_named(method or METHOD)
    files = own_pairs(ir, vis, out, f".{format.value}")
    fuse_files(ready, files, f"fuse {model or method or METHOD}", again=True)
    print(f"{out}: {len(files)} fused images")


if __name__ == "__main__":
    main()
