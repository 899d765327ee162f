"""Images and files as data URIs, so that the page needs nothing beside itself."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image

from pipeline.images.palette import empty, of_every_value
from pipeline.images.pixels import Uint8

# Screens of readers: a longer side of 640 is MSRS's own size.
_LONGEST = 640
_LARGE = 300_000  # bytes


def data_uri(content: bytes, kind: str) -> str:
    """`content` of MIME type `kind` as a URI."""
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


def _shrunk(image: Image.Image, longest: int, resample: Image.Resampling) -> Image.Image:
    factor = longest / max(image.size)
    if factor >= 1:
        return image
    return image.resize((round(image.width * factor), round(image.height * factor)), resample)


def photo(pixels: Uint8, longest: int = _LONGEST, quality: int = 82) -> str:
    """(H, W) or (H, W, 3) uint8 as lossy WebP."""
    image = _shrunk(Image.fromarray(pixels), longest, Image.Resampling.LANCZOS).convert("RGB")
    buffer = io.BytesIO()
    image.save(buffer, format="WEBP", quality=quality, method=4)
    return data_uri(buffer.getvalue(), "image/webp")


def figure(png: bytes) -> str:
    """A figure as WebP: lossless, as lines and text need, unless photographs make that large."""
    image = Image.open(io.BytesIO(png))
    buffer = io.BytesIO()
    image.save(buffer, format="WEBP", lossless=True, method=4)
    if buffer.tell() > _LARGE:
        buffer = io.BytesIO()
        image.save(buffer, format="WEBP", quality=85, method=4)
    return data_uri(buffer.getvalue(), "image/webp")


def label_map(label: Uint8, colours: Uint8) -> str:
    """(H, W) class indices as a palette PNG, lossless, in (C, 3) colours; others are white."""
    image = Image.frombytes("P", label.shape[::-1], np.ascontiguousarray(label).tobytes())
    image.putpalette(of_every_value(colours).tobytes())
    buffer = io.BytesIO()
    # Black classes, as unlabeled, are transparent: VIS shows where classes are laid over it.
    opacity = np.full(256, 255, np.uint8)
    opacity[empty(colours)] = 0
    shrunk = _shrunk(image, _LONGEST, Image.Resampling.NEAREST)
    shrunk.save(buffer, format="PNG", optimize=True, transparency=opacity.tobytes())
    return data_uri(buffer.getvalue(), "image/png")
