"""Somebody's fused images, taken from a folder."""

from collections.abc import Sequence
from pathlib import Path

from fusion.methods.base.registry import register
from fusion.methods.external.adopt import External, adopt
from pipeline.images.whole import write_text
from pipeline.stage.errors import UserError
from pipeline.stage.home import resolve


@register("precomputed")
def precomputed(path: Path) -> "Precomputed":
    """Take fused images instead of making them.

    Args:
        path: folder with a folder of images for each split, `path/{train,test}/NAME.png`, or
            with the test images alone, `path/NAME.png`. BMP, TIFF and JPEG do as well. Without
            train images the method is judged as fusion and left out of segmentation.

    Raises:
        UserError: no such folder.
    """
    if not resolve(path).is_dir():
        raise UserError(f"fusion method precomputed, parameter path: {path}: no such folder")
    return Precomputed(path)


class Precomputed(External):
    """The images of a folder, see `precomputed`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def fuse_split(
        self, ir_dir: Path, vi_dir: Path, names: Sequence[str], out_dir: Path, log_path: Path
    ) -> str | None:
        """Copy the split's images as 8-bit RGB PNGs, see `fusion.methods.external.adopt`."""
        split = out_dir.name
        source = self._folder_of(split)
        if source is None:
            reason = f"{self.path}: no fused images of {split}"
            write_text(log_path, f"{reason}\n")
            return reason
        write_text(log_path, f"{source}: fused images of {split}\n")
        adopt(source, vi_dir, names, out_dir, log_path)
        return None

    def _folder_of(self, split: str) -> Path | None:
        """Where the images of `split` are; None if the folder holds none, which test must."""
        folder = resolve(self.path)
        if (folder / split).is_dir():
            return folder / split
        # A folder without splits holds test images.
        return folder if split == "test" else None
