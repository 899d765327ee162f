"""What the networks of a protocol score on one input's test images, at full size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from pipeline import tracking
from pipeline.data import pairs
from pipeline.images.pixels import read_label, read_rgb, write_png
from pipeline.images.whole import put_in_place, write_json
from pipeline.params import Params, flatten
from pipeline.provenance.dependencies import stage_fingerprint
from pipeline.provenance.protocol import version
from pipeline.report.figures.confusion import confusion_figure
from pipeline.results import left_out, paths
from pipeline.results.iou import confusion_matrix
from pipeline.stage.errors import UserError
from pipeline.training import checkpoint
from pipeline.training.devices import to_device, use_threads
from segmentation.data.samples import read_sample, sample_files
from segmentation.learning.scores import logged_metrics, score_seed, summarize, write_confusion
from segmentation.model import mlflow_model
from segmentation.model.label_maps import predict_labels
from segmentation.model.networks import load


@dataclass(frozen=True)
class Judged:
    """What is judged, by which networks, and where the verdict goes.

    Attributes:
        stage: of the pipeline.
        network: an entry of `segmentation.networks`.
        input_name: `ir`, `vis` or a fusion method.
        models: folders of the trained networks, one a seed, in the order of the seeds.
        protocol: `paths.RETRAINED` or `ONE_FOR_ALL`.
    """

    stage: str
    network: str
    input_name: str
    models: Sequence[Path]
    protocol: str

    @property
    def out(self) -> Path:
        """Folder of predictions and confusion matrices."""
        return paths.evaluation(self.network, self.input_name, self.protocol)

    @property
    def metrics(self) -> Path:
        """File of the scores."""
        return paths.segmentation_metrics(self.network, self.input_name, self.protocol)

    def registered(self, params: Params) -> str:
        """Name in MLflow's model registry; that of all inputs has one name for all."""
        trained_on = self.protocol or self.input_name
        return f"{params.data.dataset}-{self.network}-{trained_on}"


def evaluate_seed(
    params: Params, judged: Judged, folder: Path, names: list[str], predictions: Path
) -> NDArray[np.int64]:
    """Confusion matrices (n,C,C) of the test images `names`, by one network.

    Args:
        params: the project's.
        judged: names the input.
        folder: of the network.
        names: of the test pairs.
        predictions: folder that gets the label maps; those that are there are not made again.

    Raises:
        UserError: the network or an image is missing or cannot be used.
    """
    model, config = load(folder)
    to_device(model)
    model.to(memory_format=torch.channels_last)
    size = tuple(config["segmentation"]["size"])
    classes = len(params.data.class_names)
    matrices = []
    title = f"evaluate {judged.input_name} with {folder.relative_to(paths.ARTIFACTS)}"
    for name in tqdm(names, desc=title, unit="image"):
        image, truth = read_sample(*sample_files(params, judged.input_name, "test", name), classes)
        file = predictions / f"{name}.png"
        if not file.is_file():
            write_png(file, predict_labels(model, image, size))
        matrices.append(confusion_matrix(truth, read_label(file), classes))
    return np.stack(matrices)


def evaluate(params: Params, judged: Judged, run: tracking.Run) -> None:
    """Evaluate the networks of all seeds; write and log what they score."""
    use_threads(params.segmentation.of(judged.network).threads)
    test = pairs.read_times(params.data.directory, "test")
    if test.empty:
        raise UserError(f"{params.data.directory}: no test images")
    seeds, classes = params.segmentation.seeds, params.data.class_names
    names = test["name"].tolist()
    item = {"network": judged.network, "input": judged.input_name}
    mark = stage_fingerprint(params, judged.stage, **item)
    made = [paths.unfinished(judged.out, mark) / f"seed-{seed}" for seed in seeds]
    confusion = np.stack([
        evaluate_seed(params, judged, model, names, folder)
        for model, folder in zip(judged.models, made, strict=True)
    ])  # fmt: skip
    put_in_place(made[0], judged.out / "predictions")
    checkpoint.forget(judged.out, mark)
    write_confusion(paths.confusion(judged.out), test, seeds, confusion)
    day_night = test["day_night"].to_numpy(dtype=np.str_)
    per_seed = {
        seed: score_seed(each, day_night, classes)
        for seed, each in zip(seeds, confusion, strict=True)
    }
    stamp = version(params, judged.network, judged.protocol)
    summary = {"protocol": stamp} | summarize(judged.input_name, classes, per_seed)
    write_json(judged.metrics, summary)
    run.metrics(logged_metrics(summary))
    run.artifact(judged.metrics)
    run.tag("protocol", stamp["version"])
    figure = confusion_figure(confusion.sum(axis=(0, 1)), classes, judged.input_name)
    run.figure(figure, "confusion.png")
    example = read_rgb(sample_files(params, judged.input_name, "test", names[0])[0])
    name = judged.registered(params) if params.runtime.register_models else None
    mlflow_model.log(run, judged.network, judged.models[0], example, name)


def judge(params: Params, judged: Judged, reason: str | None) -> None:
    """In a run of MLflow: evaluate, or say the reason why that cannot be."""
    segmentation = params.segmentation
    logged = flatten(segmentation.of(judged.network)) | {"seeds": list(segmentation.seeds)}
    item = {"subject": judged.input_name, "network": judged.network}
    with tracking.run(params, judged.stage, logged=logged, **item) as run:
        if reason is None:
            evaluate(params, judged, run)
        else:
            leave_out(judged, reason)


def leave_out(judged: Judged, reason: str) -> None:
    """Say why there is no verdict, where it would be."""
    print(f"{judged.input_name}: not segmented: {reason}")
    left_out.write(judged.out, reason)
    write_json(judged.metrics, {"input": judged.input_name, "left_out": reason})
