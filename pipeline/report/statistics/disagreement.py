"""How far the inputs disagree on each test image: what the gallery is sorted by."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pipeline.images.pixels import IGNORED, Uint8, read_gray, read_label
from pipeline.report.collected import Results
from pipeline.report.pair_set import PairSet
from pipeline.stage.errors import UserError


def _same_size(images: list[Uint8], files: list[Path]) -> list[Uint8]:
    for image, file in zip(images, files, strict=True):
        if image.shape != images[0].shape:
            raise UserError(f"{file}: size {image.shape}; {files[0]} has {images[0].shape}")
    return images


def of_predictions(predictions: list[Uint8], truth: Uint8) -> float:
    """Share of the pixels that count, percent, that not all inputs give the same class."""
    stack = np.stack(predictions)[:, truth != IGNORED]
    return float(100 * np.mean((stack != stack[0]).any(axis=0))) if stack.size else 0.0


def of_images(images: list[Uint8]) -> float:
    """Mean over pixels of the range of the methods' luminance, gray levels."""
    stack = np.stack(images).astype(np.int16)
    return float(np.mean(stack.max(axis=0) - stack.min(axis=0)))


def of_fused(pairs: PairSet) -> dict[str, float]:
    """`of_images` of the methods' fused images of each pair, 0 where there are none."""
    measured = {}
    for name in pairs.names:
        there = (folder / f"{name}.png" for folder in pairs.fused.values())
        files = [file for file in there if file.is_file()]
        images = _same_size([read_gray(file) for file in files], files)
        measured[name] = of_images(images) if images else 0.0
    return measured


def measure(results: Results) -> dict[str, float]:
    """Disagreement by test image: of predictions where there are any, else of fused images."""
    names = results.test["name"]
    if results.segmented:
        measured = {}
        for name in names:
            files = [results.prediction(one, name) for one in results.segmented]
            maps = _same_size([read_label(file) for file in files], files)
            measured[name] = of_predictions(maps, results.label(name))
        return measured
    return of_fused(results.test_pairs)
