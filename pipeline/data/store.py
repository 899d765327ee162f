"""Write checked pairs the way MSRS ships them."""

import shutil
from pathlib import Path

from PIL import Image

from pipeline.data.checks import Checked
from pipeline.images import read_gray, read_label, read_rgb, write_png
from pipeline.pairs import Kind, image_path

_READERS = {"ir": read_gray, "vi": read_rgb, "label": read_label}
_MODES = {"ir": "L", "vi": "RGB", "label": "L"}


def store(checked: Checked, directory: Path) -> None:
    """Put one pair into `directory/split/{ir,vi,label}/NAME.png`.

    A PNG that has the right form already is copied byte for byte, anything else is written anew.
    Copies, not hard links: DVC makes its files read-only, and an original must not become so.
    """
    pair = checked.pair
    sources: dict[Kind, Path | None] = {"ir": pair.ir, "vi": pair.vi, "label": pair.label}
    for kind, source in sources.items():
        if source is None:
            continue
        target = image_path(directory, pair.split, kind, pair.name)  # type: ignore[arg-type]
        if source.resolve() == target.resolve():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if _right_form(source, kind):
            shutil.copyfile(source, target)
        else:
            write_png(target, _READERS[kind](source))


def _right_form(path: Path, kind: Kind) -> bool:
    with Image.open(path) as image:
        return image.format == "PNG" and image.mode == _MODES[kind]
