"""A tiny data set in the project's layout, for the stages of the segmentation."""

from pathlib import Path

import numpy as np

from pipeline.data import labels
from pipeline.images.pixels import read_rgb, write_png
from pipeline.images.whole import write_json
from pipeline.params import Params

CLASSES = ("road", "car", "person")


def params(*, runtime: dict[str, int] | None = None, **segmentation: object) -> Params:
    """Params for `write`'s data set: a small network that trains in a second or two."""
    small: dict[str, object] = {
        "encoder": "tu-test_resnet", "decoder_channels": 16, "size": (24, 32), "epochs": 2,
        "batch_size": 3, "learning_rate": 0.01, "seeds": (0, 1),
    }  # fmt: skip
    return Params.model_validate({
        "data": {"dataset": "folder", "root": ".", "classes": CLASSES},
        "fusion": {"methods": {"ir": {}, "vis": {}}},
        "segmentation": small | segmentation,
        "runtime": runtime or {},
    })  # fmt: skip


def picture(rng: np.random.Generator, height: int = 24, width: int = 32) -> tuple:
    """Gray noise with a red car; its label. The third class never occurs."""
    image = rng.integers(90, 130, (height, width, 3), dtype=np.uint8)
    label = np.zeros((height, width), np.uint8)
    top, left = rng.integers(0, height - 12), rng.integers(0, width - 12)
    image[top : top + 12, left : left + 12] = (250, 10, 10)
    label[top : top + 12, left : left + 12] = 1
    return image, label


def write(inputs: tuple[str, ...] = ("vis",), train: int = 7, test: int = 3) -> None:
    """Write data set, names and fused images into the working directory."""
    rng = np.random.default_rng(0)
    data = Path("data/folder")
    for split, count in (("train", train), ("test", test)):
        names, times = ["name"], ["name,day_night"]
        for index in range(count):
            image, label = picture(rng)
            name = f"{index:03d}{'D' if index % 2 else 'N'}"
            write_png(data / split / "label" / f"{name}.png", label)
            for one in inputs:
                write_png(Path("artifacts/fused") / one / split / f"{name}.png", image)
            names.append(name)
            times.append(f"{name},{'day' if index % 2 else 'night'}")
        (data / split).mkdir(parents=True, exist_ok=True)
        (data / split / "names.csv").write_text("\n".join(names) + "\n")
        (data / split / "times.csv").write_text("\n".join(times) + "\n")
    write_json(data / "labels.json", labels.measure(data))


def write_cameras() -> list[str]:
    """Write the train scenes of `write` as VIS and, inverted and gray, as IR; their names."""
    folder = Path("artifacts/fused/vis/train")
    for file in sorted(folder.iterdir()):
        vis = read_rgb(file)
        write_png(Path("data/folder/train/vi") / file.name, vis)
        write_png(Path("data/folder/train/ir") / file.name, 255 - vis[..., 0])
    return [file.stem for file in sorted(folder.iterdir())]
