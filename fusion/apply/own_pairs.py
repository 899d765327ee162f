"""A user's pairs of files, and where their fused images go."""

from enum import StrEnum
from pathlib import Path

from pipeline.images.listing import images
from pipeline.stage.errors import UserError


class Format(StrEnum):
    """Of the fused images of one's own."""

    PNG = "png"
    BMP = "bmp"
    JPG = "jpg"


Triple = tuple[Path, Path, Path]
"""Files of one pair: ir, vi, fused."""


def own_pairs(ir: Path, vi: Path, out: Path, ending: str = ".png") -> list[Triple]:
    """Triples of files for a user's pair or folders of pairs of the same names.

    Args:
        ir: file, or folder.
        vi: likewise.
        out: folder for the fused images.
        ending: of the fused images, see `pipeline.images.pixels.write_image`.

    Raises:
        UserError: a name without its partner or twice in a folder, no images at all, or a fused
            image that would take its source's place.
    """
    if ir.is_file() and vi.is_file():
        return _beside_sources([(ir, vi, out / f"{vi.stem}{ending}")])
    found = [images(folder) if folder.is_dir() else {} for folder in (ir, vi)]
    alone = sorted(found[0].keys() ^ found[1].keys())
    if alone or not found[0]:
        raise UserError(
            f"{ir} and {vi}: {len(found[0])} and {len(found[1])} images"
            + (f"; without partner: {', '.join(alone[:5])}" if alone else "")
            + "; give two files, or two folders with the same names"
        )
    return _beside_sources(
        [(found[0][name], found[1][name], out / f"{name}{ending}") for name in sorted(found[0])]
    )


def _beside_sources(files: list[Triple]) -> list[Triple]:
    """The triples; raises as `own_pairs` if one of them would overwrite a source."""
    for ir, vi, out in files:
        if out.resolve() in (ir.resolve(), vi.resolve()):
            raise UserError(f"{out}: is a source itself; give another folder for fused images")
    return files
