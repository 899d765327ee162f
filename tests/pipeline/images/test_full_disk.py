"""A disk that is full: the old file stays, nothing half-written is left, one line says so."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from pipeline.images.pixels import write_png
from pipeline.images.whole import write_bytes
from pipeline.params import Params
from pipeline.stage.command import stage
from pipeline.training import checkpoint

NOISE = np.random.default_rng(0).integers(0, 256, (256, 256, 3), dtype=np.uint8)

Write = Callable[[Path], None]
WRITERS: list[Write] = [
    lambda path: write_bytes(path, NOISE.tobytes()),
    lambda path: write_png(path, NOISE),
    lambda path: checkpoint.save(path, {"weights": torch.from_numpy(NOISE)}, "mark"),
]


@pytest.mark.parametrize("write", WRITERS, ids=["bytes", "png", "checkpoint"])
def test_the_old_file_stays_and_nothing_else(small_disk: Path, write: Write) -> None:
    target = small_disk / "file.png"
    target.write_bytes(b"old")
    with pytest.raises(OSError, match="No space left"):
        write(target)
    assert target.read_bytes() == b"old"
    assert list(small_disk.iterdir()) == [target]


def test_a_stage_says_so_in_one_line(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.chdir(small_disk)
    Path("params.yaml").write_text("fusion: {methods: {ir: {}}}\n")

    @stage
    def main(params: Params) -> None:
        write_png(Path("fused.png"), NOISE)

    with pytest.raises(SystemExit) as stopped:
        main([])
    assert stopped.value.code == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert "the disk is full" in error
    assert error.count("\n") == 1
