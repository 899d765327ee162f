"""Two videos in, the fused one out, with frames per second shown.

`python -m fusion.video METHOD --ir IR.mp4 --vi VIS.mp4 --out fused.mp4`. The two must run in step
and have one size.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
from tqdm import tqdm
from typer import Option

from fusion.apply.files import fuse_pair
from fusion.apply.load import load_any
from pipeline.images.pixels import Uint8
from pipeline.images.whole import replacing
from pipeline.params import Params
from pipeline.stage.command import stage
from pipeline.stage.errors import UserError
from pipeline.training.devices import use_threads

CODECS = {".mp4": "mp4v", ".avi": "MJPG", ".mkv": "FFV1"}
"""By the ending of the file; FFV1 loses nothing."""


class Video:
    """A video to read: its `rate` in frames a second, its `size` (width, height), and `frames`.

    Args:
        path: of the file.

    Raises:
        UserError: it is not there, or OpenCV cannot read it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.capture = cv2.VideoCapture(str(path)) if path.is_file() else None
        if self.capture is None or not self.capture.isOpened():
            raise UserError(f"{path}: no video that OpenCV can read")
        self.rate = self.capture.get(cv2.CAP_PROP_FPS)
        self.frames = max(0, int(self.capture.get(cv2.CAP_PROP_FRAME_COUNT)))
        self.size = tuple(
            int(self.capture.get(side))
            for side in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)
        )

    def __iter__(self) -> Iterator[Uint8]:
        """The frames left, (H,W,3) uint8 in OpenCV's order BGR."""
        assert self.capture is not None
        while True:
            there, frame = self.capture.read()
            if not there:
                return
            yield np.asarray(frame, np.uint8)


def pairs(ir: Video, vis: Video) -> Iterator[tuple[Uint8, Uint8]]:
    """Gray (H,W) and RGB (H,W,3) frames of both, as far as the shorter goes."""
    for ir_frame, vis_frame in zip(ir, vis, strict=False):
        gray = cv2.cvtColor(ir_frame, cv2.COLOR_BGR2GRAY)
        rgb = cv2.cvtColor(vis_frame, cv2.COLOR_BGR2RGB)
        yield np.asarray(gray, np.uint8), np.asarray(rgb, np.uint8)


@contextmanager
def writing(path: Path, like: Video) -> Iterator[cv2.VideoWriter]:
    """A writer of a video of the rate and size of `like`, which is there whole or not at all.

    Raises:
        UserError: an ending that is none of `CODECS`, or OpenCV cannot write it.
    """
    if path.suffix not in CODECS:
        raise UserError(f"{path}: ending {path.suffix!r}; allowed are {', '.join(CODECS)}")
    with replacing(path) as partial:
        codec = cv2.VideoWriter.fourcc(*CODECS[path.suffix])
        writer = cv2.VideoWriter(str(partial), codec, like.rate, like.size)
        if not writer.isOpened():
            raise UserError(f"{path}: OpenCV cannot write {CODECS[path.suffix]} here")
        try:
            yield writer
        finally:
            writer.release()


@stage
def main(
    params: Params,
    method: str,
    ir: Annotated[Path, Option(help="infrared video")],
    vi: Annotated[Path, Option(help="visible video, frame by frame the same scene")],
    out: Annotated[Path, Option(help=f"fused video: {', '.join(CODECS)}")] = Path("fused.mp4"),
) -> None:
    """Fuse two videos with a method of params.yaml, or one that needs no training."""
    use_threads(params.fusion.training.threads)
    ready, sources = load_any(params, method), (Video(ir), Video(vi))
    if sources[0].size != sources[1].size:
        sizes = ["x".join(map(str, one.size)) for one in sources]
        raise UserError(f"{ir}: {sizes[0]}, but {vi} is {sizes[1]}; the two must have one size")
    total = min(one.frames for one in sources) or None
    fused, fusing, started = 0, 0.0, time.perf_counter()
    with writing(out, sources[1]) as writer:
        for pair in tqdm(pairs(*sources), f"fuse {method}", total, unit="frame"):
            start = time.perf_counter()
            frame = fuse_pair(ready, *pair)
            fusing += time.perf_counter() - start
            writer.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
            fused += 1
        if not fused:
            raise UserError(f"{ir} and {vi}: no frame in one of them")
    whole = time.perf_counter() - started
    print(f"{out}: {fused} frames, {fused / whole:.1f} a second; fusing alone {fused / fusing:.1f}")


if __name__ == "__main__":
    main()
