"""Stage `fuse`: run one method on every pair of both splits, or on a user's own images.

`python -m fusion.fuse METHOD` is the stage;
`python -m fusion.fuse METHOD --ir FILE --vi FILE --out FOLDER` (or two folders) is for use.
"""

from __future__ import annotations

from pathlib import Path

import torch
from tqdm import tqdm

from fusion import registry
from fusion.data import to_tensors
from fusion.external import EXTENSIONS, External
from fusion.learned import Learned
from fusion.train import ROOT as TRAINED
from fusion.train import spec_of
from pipeline import pairs, tracking
from pipeline.errors import UserError
from pipeline.files import write_json
from pipeline.images import Uint8, read_gray, read_rgb, write_png
from pipeline.params import MethodSpec, Params, flatten
from pipeline.stage import stage

ROOT = Path("artifacts/fused")
LOGS = Path("logs")

Triple = tuple[Path, Path, Path]
"""Files of one pair: ir, vi, out."""


def device() -> torch.device:
    """The GPU if there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def load_method(params: Params, name: str) -> registry.Method:
    """The method `name` of `params.yaml`, ready to fuse; raises as `trained_method`."""
    return trained_method(name, spec_of(params, name), TRAINED / name)


def trained_method(name: str, spec: MethodSpec, directory: Path) -> registry.Method:
    """The method of an entry of `params.yaml`: weights loaded, eval mode.

    Args:
        name: the entry's.
        spec: the entry.
        directory: where training left `model.safetensors`.

    Raises:
        UserError: wrong parameters, or weights that are missing or not its own.
    """
    method = registry.create(spec.type or name, **spec.own)
    if isinstance(method, Learned):
        weights = spec.weights or directory / "model.safetensors"
        if not weights.is_file():
            raise UserError(f"{weights}: no weights of {name}; run `dvc repro` to train it first")
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


def fuse_files(method: registry.Method, files: list[Triple], title: str) -> None:
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


def fuse_folder(
    method: registry.Method, ir: Path, vi: Path, names: list[str], out: Path, title: str
) -> str | None:
    """Fuse `ir/NAME.png` with `vi/NAME.png` into `out/NAME.png` for all names.

    Args:
        method: from `load_method`.
        ir: folder of IR images.
        vi: folder of VIS images.
        names: of the pairs, without extension.
        out: folder for the fused images.
        title: of the progress bar, and of the log of a method from outside.

    Returns:
        None, or the reason why a method from outside has no images of this folder.
    """
    if isinstance(method, External):
        return method.fuse_split(ir, vi, names, out, LOGS / f"{title}.log")
    files = [(ir / f"{name}.png", vi / f"{name}.png", out / f"{name}.png") for name in names]
    fuse_files(method, files, title)
    return None


def fuse_data_set(params: Params, name: str, run: tracking.Run) -> None:
    """Fuse both splits; a split that the method leaves out is noted in `left_out.json`."""
    directory = params.data.directory
    manifest = pairs.read_manifest(directory)
    method = load_method(params, name)
    for split in ("test", "train"):
        ir, vi = directory / split / "ir", directory / split / "vi"
        names = pairs.names(manifest, split)
        out = ROOT / name / split
        reason = fuse_folder(method, ir, vi, names, out, f"fuse {name} {split}")
        if reason is not None:
            print(f"{name}: left out of segmentation: {reason}")
            write_json(ROOT / name / "left_out.json", {"reason": reason})
        for shown in names[:4] if split == "test" else []:
            run.artifact(out / f"{shown}.png", "fused")


def own_pairs(ir: Path, vi: Path, out: Path) -> list[Triple]:
    """Triples of files for a user's pair or folders of pairs of the same names.

    Raises:
        UserError: a name without its partner, or no images at all.
    """
    if ir.is_file() and vi.is_file():
        return [(ir, vi, out / f"{vi.stem}.png")]
    found = [
        {file.stem: file for file in folder.glob("*") if file.suffix.lower() in EXTENSIONS}
        for folder in (ir, vi)
    ]
    alone = sorted(found[0].keys() ^ found[1].keys())
    if alone or not found[0]:
        raise UserError(
            f"{ir} and {vi}: {len(found[0])} and {len(found[1])} images"
            + (f"; without partner: {', '.join(alone[:5])}" if alone else "")
            + "; give two files, or two folders with the same names"
        )
    return [(found[0][name], found[1][name], out / f"{name}.png") for name in sorted(found[0])]


@stage
def main(
    params: Params, method: str, ir: str | None = None, vi: str | None = None, out: str = "fused"
) -> None:
    """Fuse with one method of params.yaml: both splits, or --ir and --vi (file or folder)."""
    if ir is not None and vi is not None:
        files = own_pairs(Path(ir), Path(vi), Path(out))
        fuse_files(load_method(params, method), files, f"fuse {method}")
    elif ir is not None or vi is not None:
        raise UserError("--ir and --vi belong together: a pair of files, or two folders")
    else:
        spec = spec_of(params, method)
        with tracking.run(params, "fuse", method, flatten(spec.model_dump(mode="json"))) as run:
            fuse_data_set(params, method, run)


if __name__ == "__main__":
    main()
