"""Fused images that come from outside: somebody's folder, or somebody's program."""

import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from fusion.methods.base.color import luminance, rgb_to_ycbcr, ycbcr_to_rgb
from pipeline.images.listing import by_name
from pipeline.images.pixels import Uint8, read_rgb, write_png
from pipeline.stage.errors import UserError

_GRAY = "gray"
_SHOWN = 5  # names a line shows of each problem; the log has them all


class External(ABC):
    """A fusion method that is no function of tensors: it fuses a whole split of files at once.

    `fusion.methods.base.registry.create` returns one for `type: precomputed` and `type: command`.
    """

    @abstractmethod
    def fuse_split(
        self, ir_dir: Path, vi_dir: Path, names: Sequence[str], out_dir: Path, log_path: Path
    ) -> str | None:
        """Put the fused images of one split into `out_dir`, or say why there are none.

        Args:
            ir_dir: folder of NAME.png, 8-bit gray.
            vi_dir: folder of NAME.png, 8-bit RGB, of the same sizes.
            names: the pairs of the split, without extension.
            out_dir: gets NAME.png, 8-bit RGB, for every name; called as the split: `train` or
                `test`, or as a further set of pairs.
            log_path: text file that gets the whole story.

        Returns:
            None, or the reason why this method leaves the split out.

        Raises:
            UserError: the images asked for are not all there and whole; nothing is in `out_dir`.
        """

    def __call__(self, ir: Tensor, vis: Tensor) -> NoReturn:
        """Refuse: there is no function from one pair to its fused image."""
        raise UserError(
            f"fusion method of type {type(self).__name__.lower()}: fuses folders of files, not "
            "single pairs; run it through the fuse stage"
        )


def adopt(source: Path, vi_dir: Path, names: Sequence[str], out_dir: Path, log_path: Path) -> None:
    """Check the fused images in `source`, all of them, then write them to `out_dir`.

    A gray image, of one channel or three equal ones, is taken for a fused luminance and gets the
    chroma of VIS, as other methods' images have it.

    Args:
        source: folder with one image for each name, see `pipeline.images.listing`.
        vi_dir: folder of VIS, NAME.png.
        names: without extension.
        out_dir: gets NAME.png, 8-bit RGB.
        log_path: gets one line a finding, after what it already holds.

    Raises:
        UserError: missing, ambiguous, unreadable or of another size than the pair: all counted
            in one line, and listed in the log.
    """
    files = by_name(source)
    findings = [_look(name, files.get(name, []), vi_dir / f"{name}.png") for name in names]
    strangers = sorted(files.keys() - set(names))
    with log_path.open("a", encoding="utf-8") as log:
        log.writelines(f"{f.name}: {f.kind}{f.detail}\n" for f in findings if f.kind)
        log.writelines(f"{name}: not in the data set, ignored\n" for name in strangers)
    _refuse_faulty(source, findings, log_path)
    gray = {f.name for f in findings if f.kind == _GRAY}
    if gray:
        line = f"{source}: {len(gray)} of {len(names)} fused images are gray; given VIS's chroma"
        print(f"warning: {line}", file=sys.stderr)
    for name in names:
        fused = read_rgb(files[name][0])
        if name in gray:
            fused = _with_chroma(fused, read_rgb(vi_dir / f"{name}.png"))
        write_png(out_dir / f"{name}.png", fused)


class _Finding(NamedTuple):
    """What there is to say of one name; kind and detail are empty when all is well."""

    name: str
    kind: str = ""
    detail: str = ""


def _refuse_faulty(source: Path, findings: list[_Finding], log_path: Path) -> None:
    """Raise one UserError for all findings that leave a pair without its fused image."""
    faults: dict[str, list[str]] = {}
    for finding in findings:
        if finding.kind not in ("", _GRAY):
            faults.setdefault(finding.kind, []).append(finding.name + finding.detail)
    if faults:
        problems = "; ".join(f"{len(of)} {kind} ({_few(of)})" for kind, of in faults.items())
        raise UserError(f"{source}: of {len(findings)} fused images {problems}; see {log_path}")


def _look(name: str, candidates: list[Path], vi_path: Path) -> _Finding:
    """Look at the fused image of one pair."""
    if not candidates:
        return _Finding(name, "missing")
    if len(candidates) > 1:
        return _Finding(name, "ambiguous", f" [{', '.join(path.name for path in candidates)}]")
    try:
        fused = read_rgb(candidates[0])
    except UserError as error:
        return _Finding(name, "unreadable", f" [{error}]")
    with Image.open(vi_path) as vis:
        width, height = vis.size
    if fused.shape[:2] != (height, width):
        detail = f" [{fused.shape[1]}x{fused.shape[0]}, pair {width}x{height}]"
        return _Finding(name, "of wrong size", detail)
    return _Finding(name, _GRAY if np.ptp(fused, axis=2).max() == 0 else "")


def _few(items: list[str]) -> str:
    shown = ", ".join(items[:_SHOWN])
    return shown if len(items) <= _SHOWN else f"{shown} and {len(items) - _SHOWN} more"


def _with_chroma(gray: Uint8, vis: Uint8) -> Uint8:
    """Give the luminance of (H,W,3) `gray` the chroma of `vis`."""
    fused, colour = (
        torch.from_numpy(image).permute(2, 0, 1)[None].float() / 255 for image in (gray, vis)
    )
    rgb = ycbcr_to_rgb(luminance(fused), rgb_to_ycbcr(colour)[1])
    pixels: Uint8 = (rgb[0] * 255).round().byte().permute(1, 2, 0).numpy()
    return pixels
