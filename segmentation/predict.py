"""Use a trained network: label maps and overlays of a user's images, of any size.

`python -m segmentation.predict IMAGES --model artifacts/segmentation/deeplabv3/INPUT/seed-0
--out FOLDER`
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
from tqdm import tqdm
from typer import Argument, Option

from pipeline.images.listing import ENDINGS, images
from pipeline.images.palette import colorize, colours_of, empty
from pipeline.images.pixels import Uint8, read_rgb, write_png
from pipeline.params import load as load_params
from pipeline.stage import process
from pipeline.stage.command import command
from pipeline.stage.errors import UserError
from pipeline.training.devices import to_device
from segmentation.model.label_maps import predict_labels
from segmentation.model.networks import load


def find_images(place: Path) -> list[Path]:
    """The image itself, or the images of a folder, sorted.

    Raises:
        UserError: nothing there, or two images that would give one output.
    """
    if not place.exists():
        raise UserError(f"{place}: no such file or folder")
    if place.is_file():
        return [place]
    files = list(images(place).values())
    if not files:
        raise UserError(f"{place}: no images; looked for {', '.join(ENDINGS)}")
    return files


OPACITY = 0.6


def colours_for(classes: Sequence[str]) -> Uint8:
    """Colours of a network's classes: those of `params.yaml` where it has the same classes."""
    params = Path("params.yaml")
    own = load_params(params).data if params.is_file() else None
    same = own is not None and own.class_names == tuple(classes)
    return colours_of(classes, own.palette if own is not None and same else {})


def overlay(image: Uint8, label: Uint8, colours: Uint8) -> Uint8:
    """Paint the classes but black ones (background) over (H,W,3) uint8 RGB."""
    painted = (1 - OPACITY) * image + OPACITY * colorize(label, colours)
    nothing = np.isin(label, empty(colours))[..., None]
    mixed: Uint8 = np.where(nothing, image, painted.round()).astype(np.uint8)
    return mixed


def predict(model_folder: Path, place: Path, out: Path) -> None:
    """Write `out/labels/NAME.png` (class indices) and `out/overlays/NAME.png` of each image.

    Args:
        model_folder: has `model.safetensors` and `config.json`.
        place: file or folder; the kind of image that the network was trained on.
        out: folder.

    Raises:
        UserError: the model or an image cannot be used.
    """
    files = find_images(place)
    model, config = load(model_folder)
    to_device(model)
    size, colours = tuple(config["segmentation"]["size"]), colours_for(config["classes"])
    for file in tqdm(files, desc="segment", unit="image", dynamic_ncols=True):
        image = read_rgb(file)
        label = predict_labels(model, image, size)
        write_png(out / "labels" / f"{file.stem}.png", label)
        write_png(out / "overlays" / f"{file.stem}.png", overlay(image, label, colours))
    print(f"{out}: {len(files)} label maps and overlays")


@command
def main(
    place: Annotated[Path, Argument(metavar="IMAGES", help="image, or folder of images")],
    model: Annotated[Path, Option(help="folder that training wrote")],
    out: Annotated[Path, Option(help="folder for labels and overlays")],
) -> None:
    """Segment images with a trained network."""
    process.set_up()
    predict(model, place, out)


if __name__ == "__main__":
    main()
