"""Stage `fuse`: run one method on every pair of both splits, or on a user's own images.

`python -m fusion.fuse METHOD` is the stage;
`python -m fusion.fuse METHOD --ir FILE_OR_FOLDER --vi FILE_OR_FOLDER --out FOLDER` is for use.
"""

from __future__ import annotations

from pathlib import Path

import torch
from tqdm import tqdm

from fusion import registry
from fusion.data import to_tensors
from fusion.learned import Learned
from fusion.train import ROOT as TRAINED
from fusion.train import spec_of
from pipeline import pairs, tracking
from pipeline.errors import UserError
from pipeline.images import Uint8, read_gray, read_rgb, write_png
from pipeline.params import Params, flatten
from pipeline.stage import stage

ROOT = Path("artifacts/fused")


def device() -> torch.device:
    """The GPU if there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def load_method(params: Params, name: str) -> registry.Method:
    """The method `name` of `params.yaml`, ready to fuse: trained weights loaded, eval mode.

    Raises:
        UserError: no such method, wrong parameters, or weights that are missing or not its own.
    """
    spec = spec_of(params, name)
    method = registry.create(spec.type or name, **spec.own)
    if isinstance(method, Learned):
        weights = spec.weights or TRAINED / name / "model.safetensors"
        if not weights.is_file():
            raise UserError(f"{weights}: no weights of {name}; run `dvc repro train_fusion@{name}`")
        method.load_weights(weights)
        method.to(device()).eval()
    return method


@torch.inference_mode()
def fuse_pair(method: registry.Method, ir: Uint8, vis: Uint8) -> Uint8:
    """Fuse one pair.

    Args:
        method: from `load_method`.
        ir: (H,W) uint8.
        vis: (H,W,3) uint8 RGB of the same size.

    Returns:
        (H,W,3) uint8 RGB, rounded to the nearest level.
    """
    tensors = to_tensors(ir, vis)
    where = device() if isinstance(method, Learned) else torch.device("cpu")
    fused = method(*(tensor.to(where) for tensor in tensors))
    pixels: Uint8 = (fused[0].clamp(0, 1) * 255).round().byte().permute(1, 2, 0).cpu().numpy()
    return pixels


def fuse_files(method: registry.Method, files: list[tuple[Path, Path, Path]], title: str) -> None:
    """Fuse each (ir, vi, out) triple of files, with a progress bar.

    Raises:
        UserError: an image cannot be read, or the two of a pair differ in size.
    """
    for ir_path, vi_path, out in tqdm(files, desc=title, unit="pair", dynamic_ncols=True):
        ir, vis = read_gray(ir_path), read_rgb(vi_path)
        if ir.shape != vis.shape[:2]:
            raise UserError(
                f"{ir_path}: {ir.shape[1]}x{ir.shape[0]}, but {vi_path} is "
                f"{vis.shape[1]}x{vis.shape[0]}; the two of a pair must have one size"
            )
        write_png(out, fuse_pair(method, ir, vis))


@stage
def main(params: Params, method: str) -> None:
    """Fuse every pair of both splits with one method of params.yaml."""
    directory = params.data.directory
    manifest = pairs.read_manifest(directory)
    spec = spec_of(params, method)
    with tracking.run(params, "fuse", method, flatten(spec.model_dump(mode="json"))) as run:
        fuse = load_method(params, method)
        for split in ("train", "test"):
            names = pairs.names(manifest, split)
            files = [
                (
                    pairs.image_path(directory, split, "ir", name),
                    pairs.image_path(directory, split, "vi", name),
                    ROOT / method / split / f"{name}.png",
                )
                for name in names
            ]
            fuse_files(fuse, files, f"fuse {method} {split}")
            for *_, out in files[:4] if split == "test" else []:
                run.artifact(out, "fused")


if __name__ == "__main__":
    main()
