"""Fusion in real time: the network in the box at 480×640, in PyTorch and in ONNX Runtime.

`method(ir, vis)` on tensors, the same from 8-bit images by ONNX Runtime, and from file to file, of
which writing a PNG is most.
"""

import tempfile
from pathlib import Path

import torch
from onnxruntime import InferenceSession

from benchmarks.measure import Row, Timed, arguments, interleaved, save
from fusion.apply import onnx_file
from fusion.apply.files import fuse_files
from fusion.methods.base import Learned, create
from pipeline.images.pixels import write_png

LIMIT = 0.033  # seconds a frame at 30 frames a second


def onnx(method: Learned, folder: Path) -> InferenceSession:
    """ONNX Runtime with the method, on as many threads as PyTorch has."""
    path = folder / "fused.onnx"
    onnx_file.write(onnx_file.graph_of(method), path)
    return onnx_file.session(path)


def row(what: str, timed: Timed, plain: Timed) -> Row:
    """Seconds, images a second, and the ratio to the network in PyTorch."""
    return {
        "what": what,
        "seconds": timed.seconds,
        "images_per_s": 1 / timed.seconds,
        "of_the_network": timed.seconds / plain.seconds,
    }


def main() -> None:
    given = arguments(__doc__, runs=9)
    height, width = (32, 48) if given.tiny else (480, 640)
    lite, pyramid = create("lkc_funet_lite").eval(), create("laplacian")
    levels = onnx_file.images(height, width)
    ir, vis = (image.float() / 255 for image in levels)
    with tempfile.TemporaryDirectory() as temporary, torch.inference_mode():
        folder = Path(temporary)
        files = {}
        for name, image in zip(("ir", "vi"), levels, strict=True):
            write_png(folder / f"{name}.png", image[0].permute(1, 2, 0).squeeze(-1).numpy())
        for ending in ("png", "bmp"):
            files[ending] = [(folder / "ir.png", folder / "vi.png", folder / f"fused.{ending}")]
        session = onnx(lite, folder)
        given_levels = {"ir": levels[0].numpy(), "vis": levels[1].numpy()}

        def to_file(ending: str) -> None:
            files[ending][0][2].unlink(missing_ok=True)
            fuse_files(lite, files[ending], "fuse")

        timed = interleaved(
            given.runs,
            lambda: lite(ir, vis),
            lambda: session.run(["fused"], given_levels),
            lambda: pyramid(ir, vis),
            lambda: to_file("bmp"),
            lambda: to_file("png"),
        )
    names = (
        "lkc_funet_lite, tensors", "lkc_funet_lite, ONNX Runtime, 8-bit images",
        "laplacian, tensors", "lkc_funet_lite, PNG files to a BMP", "… to a PNG",
    )  # fmt: skip
    rows = [row(name, one, timed[0]) for name, one in zip(names, timed, strict=True)]
    rows[0]["limit_s"] = LIMIT
    save("lite", rows, f"one pair of {height}×{width}", given.runs, given.tiny)


if __name__ == "__main__":
    main()
