"""Fuse images on disk: one pair, a list of files, folders of the same names, a user's pairs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from tqdm import tqdm

from fusion.apply.own_pairs import Triple
from fusion.learning.crops import Pair, to_tensors
from fusion.methods.base import Learned, Method
from fusion.methods.external.adopt import External
from pipeline.images.pixels import Uint8, read_gray, read_rgb, write_image, write_png
from pipeline.results import paths
from pipeline.stage.errors import UserError
from pipeline.training.ahead import ahead
from pipeline.training.devices import device


@torch.inference_mode()
def fuse_pair(method: Method, ir: Uint8, vis: Uint8) -> Uint8:
    """Fuse one pair.

    Args:
        method: from `fusion.apply.load`.
        ir: (H,W) uint8.
        vis: (H,W,3) uint8 RGB of the same size.

    Returns:
        (H,W,3) uint8 RGB, rounded to the nearest level.
    """
    tensors = to_tensors(ir, vis)
    where = device() if isinstance(method, Learned) else torch.device("cpu")
    fused = method(*(tensor.to(where) for tensor in tensors))
    pixels: Uint8 = (fused[0].clamp(0, 1) * 255).round().byte().permute(1, 2, 0).cpu().numpy()
    return pixels


def fuse_files(method: Method, files: list[Triple], title: str, again: bool = False) -> None:
    """Fuse each (ir, vi, fused) triple of files, with a progress bar.

    Args:
        method: from `fusion.apply.load`.
        files: from `own_pairs` or a data set.
        title: of the progress bar.
        again: make those that are there already, too; else they are those that a killed run
            left, and stay.

    Raises:
        UserError: an image cannot be read, or the two of a pair differ in size.
    """
    left = [triple for triple in files if again or not triple[2].is_file()]
    bar = tqdm(
        left, title, len(files), initial=len(files) - len(left), unit="pair", dynamic_ncols=True
    )
    pairs: Iterator[Pair] = (_read(ir, vis) for ir, vis, _ in left)
    if device().type == "cuda":  # read while it fuses
        pairs = ahead(pairs)
    for (*_, out), pair in zip(bar, pairs, strict=True):
        write_image(out, fuse_pair(method, *pair))


def _read(ir_path: Path, vi_path: Path) -> tuple[Uint8, Uint8]:
    """Decode a pair; raises as `fuse_files`."""
    ir, vis = read_gray(ir_path), read_rgb(vi_path)
    if ir.shape != vis.shape[:2]:
        raise UserError(
            f"{ir_path}: {ir.shape[1]}x{ir.shape[0]}, but {vi_path} is "
            f"{vis.shape[1]}x{vis.shape[0]}; the two of a pair must have one size"
        )
    return ir, vis


def fuse_folder(
    method: Method,
    ir: Path,
    vi: Path,
    names: list[str],
    out: Path,
    title: str,
    share: slice = slice(None),
) -> str | None:
    """Fuse `ir/NAME.png` with `vi/NAME.png` into `out/NAME.png` for all names.

    What a killed run left in `out` is not made again.

    Args:
        method: from `fusion.apply.load`.
        ir: folder of IR images.
        vi: folder of VIS images.
        names: of the pairs, without extension.
        out: folder for the fused images.
        title: of the progress bar, and of the log of a method from outside.
        share: of the pairs, those of this process; a method from outside makes all.

    Returns:
        None, or the reason why a method from outside has no images of this folder.
    """
    files = [(ir / f"{name}.png", vi / f"{name}.png", out / f"{name}.png") for name in names]
    if not isinstance(method, External):
        fuse_files(method, files[share], title)
    elif not all(fused.is_file() for *_, fused in files):
        return method.fuse_split(ir, vi, names, out, paths.log(title))
    return None


def fuse_own(method: Method, files: list[Triple], out: Path, title: str) -> str | None:
    """Fuse a user's pairs, whatever their formats, into `out/NAME.png`.

    A method from outside gets copies in the form that it is promised: PNG, gray and RGB.

    Args:
        method: from `fusion.apply.load`.
        files: from `own_pairs`.
        out: folder for the fused images, that of all triples.
        title: of the progress bar, and of the log of a method from outside.

    Returns:
        None, or the reason why a method from outside has no such images; raises as `fuse_files`.
    """
    if not isinstance(method, External):
        fuse_files(method, files, title)
        return None
    with TemporaryDirectory() as temporary:
        copies = Path(temporary)
        for ir_path, vi_path, fused in files:
            ir, vis = _read(ir_path, vi_path)
            write_png(copies / "ir" / fused.name, ir)
            write_png(copies / "vi" / fused.name, vis)
        names = [fused.stem for *_, fused in files]
        return method.fuse_split(copies / "ir", copies / "vi", names, out, paths.log(title))
