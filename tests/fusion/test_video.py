"""Two videos to a fused one: frame by frame what the method gives, and one line when it cannot."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
import yaml

from fusion import create, video

FRAMES, HEIGHT, WIDTH = 4, 32, 48


def write(path: Path, frames: list[np.ndarray], rate: float = 12.5) -> None:
    """Frames of RGB as a lossless video."""
    height, width = frames[0].shape[:2]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"FFV1"), rate, (width, height))
    for frame in frames:
        writer.write(frame[..., ::-1].copy())
    writer.release()


def read(path: Path) -> tuple[list[np.ndarray], float]:
    capture = cv2.VideoCapture(str(path))
    frames = []
    while (found := capture.read())[0]:
        frames.append(found[1][..., ::-1])
    return frames, capture.get(cv2.CAP_PROP_FPS)


@pytest.fixture
def scenes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """ir.mkv and vi.mkv, which is one frame longer; their frames."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text(yaml.safe_dump({"fusion": {"methods": {"vis": {}}}}))
    rng = np.random.default_rng(0)
    vis = list(rng.integers(0, 256, (FRAMES + 1, HEIGHT, WIDTH, 3), dtype=np.uint8))
    gray = rng.integers(0, 256, (FRAMES, HEIGHT, WIDTH), dtype=np.uint8)
    ir = [np.repeat(one[..., None], 3, axis=2) for one in gray]
    write(tmp_path / "ir.mkv", ir)
    write(tmp_path / "vi.mkv", vis)
    return gray, vis


def test_each_frame_is_the_fused_pair(scenes, capsys):
    video.main(["average", "--ir", "ir.mkv", "--vi", "vi.mkv", "--out", "out/fused.mkv"])
    fused, rate = read(Path("out/fused.mkv"))
    assert (len(fused), rate) == (FRAMES, 12.5)
    average = create("average")
    for frame, ir, vis in zip(fused, *scenes, strict=False):
        tensors = torch.from_numpy(ir)[None, None] / 255, torch.from_numpy(vis).permute(2, 0, 1)
        expected = average(tensors[0], tensors[1][None] / 255)[0].permute(1, 2, 0).numpy() * 255
        # FFV1 keeps YUV of the frame, so colours come back within a level or two.
        assert np.abs(frame - expected).mean() < 1.5
    assert f"fused.mkv: {FRAMES} frames, " in capsys.readouterr().out


@pytest.mark.parametrize("ending", ["mp4", "avi"])
def test_other_formats_have_as_many_frames(scenes, ending):
    video.main(["vis", "--ir", "ir.mkv", "--vi", "vi.mkv", "--out", f"fused.{ending}"])
    frames, rate = read(Path(f"fused.{ending}"))
    assert [frame.shape for frame in frames] == FRAMES * [(HEIGHT, WIDTH, 3)]
    assert rate == pytest.approx(12.5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"--ir": "none.mkv"}, "none.mkv: no video that OpenCV can read"),
        ({"--ir": "params.yaml"}, "params.yaml: no video that OpenCV can read"),
        ({"--ir": "small.mkv"}, "small.mkv: 16x16, but vi.mkv is 48x32; the two must have one"),
        ({"--out": "fused.gif"}, "fused.gif: ending '.gif'; allowed are .mp4, .avi, .mkv"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_leaves_nothing(scenes, capsys, change, message):
    write(Path("small.mkv"), [np.zeros((16, 16, 3), np.uint8)] * 2)
    before = set(Path().iterdir())
    given = {"--ir": "ir.mkv", "--vi": "vi.mkv", "--out": "fused.mkv"} | change
    with pytest.raises(SystemExit) as stop:
        video.main(["average", *(word for pair in given.items() for word in pair)])
    assert stop.value.code == 2
    assert message in capsys.readouterr().err
    assert set(Path().iterdir()) == before
