"""Images on disk: read whole or not at all, write whole or not at all."""

import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pipeline.images.whole import write_bytes
from pipeline.stage.errors import UserError

Uint8 = NDArray[np.uint8]

IGNORED = 255
"""In a prepared label: a pixel that counts nowhere. Classes have the values below."""

# One fixed encoder setting: a directory of PNGs must hash the same on every run.
_PNG_OPTIONS: dict[str, Any] = {"format": "PNG", "compress_level": 3, "optimize": False}


def _open(path: Path) -> Image.Image:
    """Decode `path` fully; Pillow, unlike OpenCV, refuses a truncated file."""
    try:
        image = Image.open(path)
        image.load()
    except FileNotFoundError:
        raise UserError(f"{path}: no such image") from None
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UserError(f"{path}: not a readable image ({error})") from None
    return image


def _to_8_bit(image: Image.Image, path: Path) -> Image.Image:
    """Bring a decoded image to mode L or RGB where its meaning is clear."""
    if image.mode in ("L", "RGB"):
        return image
    if image.mode in ("I;16", "I;16B", "I;16L", "I"):
        values = np.asarray(image).astype(np.int64)
        # 16-bit sensors use the full range; 65535 / 257 = 255 keeps both ends.
        return Image.fromarray(np.clip((values + 128) // 257, 0, 255).astype(np.uint8))
    if image.mode in ("RGBA", "P", "PA"):
        return image.convert("RGB")
    if image.mode in ("LA", "1"):
        return image.convert("L")
    raise UserError(f"{path}: image mode {image.mode}; allowed are 8- or 16-bit gray, RGB, palette")


def read_gray(path: Path | str) -> Uint8:
    """Read an image as luminance.

    Args:
        path: gray (8 or 16 bit, scaled to 8) or colour file; colour becomes BT.601 luma, which
            for a gray image stored in three equal channels is that gray.

    Returns:
        (H, W) uint8.

    Raises:
        UserError: the file is missing, truncated or of a mode without a clear meaning.
    """
    return np.array(_to_8_bit(_open(Path(path)), Path(path)).convert("L"))


def read_rgb(path: Path | str) -> Uint8:
    """Read an image as (H, W, 3) uint8 RGB; gray is replicated. Raises as `read_gray`."""
    return np.array(_to_8_bit(_open(Path(path)), Path(path)).convert("RGB"))


def read_label(path: Path | str) -> Uint8:
    """Read a label map of class indices.

    A palette PNG stores the index itself, so its pixels are taken, not their colours.

    Returns:
        (H, W) uint8 class indices as stored; the caller checks their range.

    Raises:
        UserError: unreadable, or three channels that differ (a coloured label has no index).
    """
    path = Path(path)
    image = _open(path)
    values = np.array(image)
    if values.ndim == 3:
        if np.any(values[..., :3] != values[..., :1]):
            raise UserError(f"{path}: a colour image; a label holds one class index per pixel")
        values = values[..., 0]
    if values.min(initial=0) < 0 or values.max(initial=0) > 255:
        raise UserError(f"{path}: label value {int(values.max())}; allowed are 0 to 255")
    return values.astype(np.uint8)


def write_png(path: Path | str, pixels: Uint8) -> None:
    """Write (H, W) or (H, W, 3) uint8 as PNG, deterministically and atomically.

    The file is there whole or not at all, see `pipeline.images.whole`.
    """
    encoded = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(encoded, **_PNG_OPTIONS)
    write_bytes(path, encoded.getvalue())


def write_image(path: Path, pixels: Uint8) -> None:
    """As `write_png`, in the format of the ending: `.png`, `.bmp`, or `.jpg` of quality 95.

    PNG takes far longer to write than a fast network to fuse; BMP takes next to nothing.
    """
    if path.suffix == ".png":
        write_png(path, pixels)
        return
    encoded, kind = io.BytesIO(), {".bmp": "BMP", ".jpg": "JPEG"}[path.suffix]
    quality = {"quality": 95} if kind == "JPEG" else {}
    Image.fromarray(np.ascontiguousarray(pixels)).save(encoded, kind, **quality)
    write_bytes(path, encoded.getvalue())
