"""Which files of a folder are images: the one home of that question."""

from collections.abc import Collection
from pathlib import Path

from pipeline.stage.errors import UserError

ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp")
"""Of image files, in any case of letters."""


def is_image(path: Path) -> bool:
    """Whether the file is an image by its name; hidden ones, as macOS's `._a.png`, are none."""
    return not path.name.startswith(".") and path.suffix.lower() in ENDINGS and path.is_file()


def by_name(folder: Path) -> dict[str, list[Path]]:
    """Image files of a folder by name without ending, in order; hidden ones are left out."""
    files: dict[str, list[Path]] = {}
    for path in sorted(folder.iterdir()):
        if is_image(path):
            files.setdefault(path.stem, []).append(path)
    return files


def images(folder: Path) -> dict[str, Path]:
    """The one image file of each name, see `by_name`.

    Raises:
        UserError: two images of one name, as `a.png` and `a.jpg`: either could be meant.
    """
    found = by_name(folder)
    for name, files in found.items():
        if len(files) > 1:
            both = ", ".join(file.name for file in files)
            raise UserError(f"{folder}: {both}: several images named {name}; one file a name")
    return {name: files[0] for name, files in found.items()}


def strangers(folder: Path, known: Collection[Path]) -> list[Path]:
    """What else lies in a folder: neither hidden nor among the `known` files."""
    return [p for p in sorted(folder.iterdir()) if p not in known and not p.name.startswith(".")]
