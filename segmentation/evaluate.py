"""Stage `evaluate_segmentation`: IoU of one input's networks on the test split, at full size.

`python -m segmentation.evaluate INPUT`.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from pipeline import tracking
from pipeline.data import pairs
from pipeline.images.pixels import read_label, read_rgb, write_png
from pipeline.images.whole import put_in_place, write_bytes, write_json
from pipeline.params import Params, flatten
from pipeline.provenance.dependencies import stage_fingerprint
from pipeline.report.figures.confusion import confusion_figure
from pipeline.results import left_out, paths
from pipeline.results.iou import confusion_matrix, over_seeds, scores, without_nan
from pipeline.stage.command import stage
from pipeline.stage.errors import UserError
from pipeline.training import checkpoint
from pipeline.training.devices import device, use_threads
from segmentation.data.samples import read_sample, sample_files
from segmentation.model import mlflow_model
from segmentation.model.label_maps import predict_labels
from segmentation.model.networks import load

if TYPE_CHECKING:
    import pandas as pd


def evaluate_seed(
    params: Params, input_name: str, seed: int, names: list[str], predictions: Path
) -> NDArray[np.int64]:
    """Confusion matrices (n,C,C) of the test images `names`, by the network of `seed`.

    Args:
        params: the project's.
        input_name: the input.
        seed: names the network's folder.
        names: of the test pairs.
        predictions: folder that gets the label maps; those that are there are not made again.

    Raises:
        UserError: the network or an image is missing or cannot be used.
    """
    model, config = load(paths.segmenter(input_name, seed))
    model.to(device(), memory_format=torch.channels_last)  # type: ignore[call-overload]
    size = tuple(config["segmentation"]["size"])
    classes = len(params.data.class_names)
    matrices = []
    for name in tqdm(names, desc=f"evaluate {input_name}, seed {seed}", unit="image"):
        image, truth = read_sample(*sample_files(params, input_name, "test", name), classes)
        file = predictions / f"{name}.png"
        if not file.is_file():
            write_png(file, predict_labels(model, image, size))
        matrices.append(confusion_matrix(truth, read_label(file), classes))
    return np.stack(matrices)


def score_seed(
    confusion: NDArray[np.int64], day_night: NDArray[np.str_], classes: tuple[str, ...]
) -> dict[str, Any]:
    """Scores over all images, and over those of day and of night if there are any."""
    result = scores(confusion.sum(axis=0), classes)
    for time in ("day", "night"):
        chosen = day_night == time
        if chosen.any():
            result[time] = scores(confusion[chosen].sum(axis=0), classes)
    return result


def summarize(
    input_name: str, classes: tuple[str, ...], per_seed: Mapping[int, dict[str, Any]]
) -> dict[str, Any]:
    """Content of `metrics/segmentation/<input>.json`, None where a number has no meaning."""
    mean, std = over_seeds(list(per_seed.values()))
    summary = {
        "input": input_name,
        "classes": list(classes),
        "seeds": list(per_seed),
        "mean": mean,
        "std": std,
        "per_seed": {str(seed): result for seed, result in per_seed.items()},
    }
    cleaned: dict[str, Any] = without_nan(summary)
    return cleaned


def write_confusion(
    path: Path, test: pd.DataFrame, seeds: tuple[int, ...], confusion: NDArray[np.int64]
) -> None:
    """Write names, times of day, seeds and (s,n,C,C) matrices as `.npz`."""
    content = io.BytesIO()
    np.savez_compressed(
        content,
        names=test["name"].to_numpy(dtype=np.str_),
        day_night=test["day_night"].to_numpy(dtype=np.str_),
        seeds=np.array(seeds),
        confusion=confusion,
    )
    write_bytes(path, content.getvalue())


def logged_metrics(summary: dict[str, Any]) -> dict[str, float]:
    """What the comparison of runs in MLflow shows: means over the seeds, in one row a name."""
    mean = summary["mean"]
    values = {"miou": mean["miou"], "pixel_accuracy": mean["pixel_accuracy"]}
    values["miou_std"] = summary["std"]["miou"]
    values |= {f"iou/{name}": value for name, value in mean["iou"].items()}
    values |= {f"{time}/miou": mean[time]["miou"] for time in ("day", "night") if time in mean}
    return {name: value for name, value in values.items() if value is not None}


def evaluate(params: Params, input_name: str, run: tracking.Run) -> None:
    """Evaluate the networks of all seeds; write and log what they score."""
    test = pairs.read_names(params.data.directory, "test")
    if test.empty:
        raise UserError(f"{params.data.directory}: no test images")
    seeds, classes = params.segmentation.seeds, params.data.class_names
    out, names = paths.evaluation(input_name), test["name"].tolist()
    mark = stage_fingerprint(params, "evaluate_segmentation", key=input_name)
    made = [paths.unfinished(out, mark) / f"seed-{seed}" for seed in seeds]
    confusion = np.stack([
        evaluate_seed(params, input_name, seed, names, folder)
        for seed, folder in zip(seeds, made, strict=True)
    ])  # fmt: skip
    put_in_place(made[0], out / "predictions")
    checkpoint.forget(out, mark)
    write_confusion(paths.confusion(input_name), test, seeds, confusion)
    day_night = test["day_night"].to_numpy(dtype=np.str_)
    per_seed = {
        seed: score_seed(each, day_night, classes)
        for seed, each in zip(seeds, confusion, strict=True)
    }
    summary = summarize(input_name, classes, per_seed)
    write_json(paths.segmentation_metrics(input_name), summary)
    run.metrics(logged_metrics(summary))
    run.artifact(paths.segmentation_metrics(input_name))
    figure = confusion_figure(confusion.sum(axis=(0, 1)), classes, input_name)
    run.figure(figure, "confusion.png")
    example = read_rgb(sample_files(params, input_name, "test", test["name"].iloc[0])[0])
    mlflow_model.log(run, paths.segmenter(input_name, seeds[0]), example)


@stage
def main(params: Params, input_name: str) -> None:
    """Evaluate DeepLabV3 on one input: ir, vis or a fusion method of params.yaml."""
    logged = flatten(params.segmentation)
    with tracking.run(params, "evaluate_segmentation", input_name, logged) as run:
        use_threads(params.segmentation.threads)
        reason = left_out.read(paths.segmenter(input_name, params.segmentation.seeds[0]))
        if reason is None:
            evaluate(params, input_name, run)
            return
        print(f"{input_name}: not segmented: {reason}")
        left_out.write(paths.evaluation(input_name), reason)
        write_json(
            paths.segmentation_metrics(input_name), {"input": input_name, "left_out": reason}
        )


if __name__ == "__main__":
    main()
