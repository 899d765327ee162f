"""Small results of a whole pipeline, as its stages would leave them, with scores known by count."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from pipeline.images.pixels import write_png
from pipeline.params.data import MSRS_CLASSES
from pipeline.results import left_out, paths

HEIGHT, WIDTH = 48, 64
CLASSES = len(MSRS_CLASSES)
NAMES = ["00001D", "00002D", "00003D", "00004N", "00005N", "00006N"]


def label(index):
    """A car and a person on unlabeled ground; the bike is in the first image only."""
    pixels = np.zeros((HEIGHT, WIDTH), np.uint8)
    pixels[20:40, 8 : 28 + index] = 1
    pixels[12:44, 44:52] = 2
    if index == 0:
        pixels[4:10, 30:40] = 3
    return pixels


def prediction(index, misses):
    """The label, but the person's first `misses` of 32 rows are taken for unlabeled."""
    pixels = label(index)
    pixels[12 : 12 + misses, 44:52] = 0
    return pixels


def count(truth, predicted):
    """Confusion by plain counting, rows truth."""
    matrix = np.zeros((CLASSES, CLASSES), np.int64)
    np.add.at(matrix, (truth.ravel(), predicted.ravel()), 1)
    return matrix


def scores(confusion):
    """IoU per class, mIoU over the truth’s, pixel accuracy of one (C, C) confusion."""
    iou = {}
    for i, name in enumerate(MSRS_CLASSES):
        hit = confusion[i, i]
        union = confusion[i].sum() + confusion[:, i].sum() - hit
        iou[name] = float(hit / union) if confusion[i].any() else None
    known = [value for value in iou.values() if value is not None]
    accuracy = float(np.trace(confusion) / confusion.sum())
    return {"miou": float(np.mean(known)), "pixel_accuracy": accuracy, "iou": iou}


def _fold(seeds, function):
    """The same score over seeds, by its place."""
    iou = {
        name: None if seeds[0]["iou"][name] is None else function([s["iou"][name] for s in seeds])
        for name in MSRS_CLASSES
    }
    return {key: function([s[key] for s in seeds]) for key in ("miou", "pixel_accuracy")} | {
        "iou": iou
    }


def _std(values):
    return float(np.std(values, ddof=1)) if len(values) > 1 else 0.0


def write_segmentation(root, name, misses, network="deeplabv3", protocol=paths.RETRAINED):
    """One input's evaluation; `misses[seed][image]` rows of the person are lost."""
    confusion = np.array(
        [[count(label(i), prediction(i, m)) for i, m in enumerate(row)] for row in misses]
    )
    folder = root / paths.evaluation(network, name, protocol)
    for i, image in enumerate(NAMES):
        write_png(folder / "predictions" / f"{image}.png", prediction(i, misses[0][i]))
    day = np.array([n[-1] == "D" for n in NAMES])
    np.savez(
        folder / "confusion.npz",
        names=np.array(NAMES), day_night=np.where(day, "day", "night"),
        seeds=np.arange(len(misses)), confusion=confusion,
    )  # fmt: skip
    per_seed = {}
    for seed, one in enumerate(confusion):
        per_seed[str(seed)] = scores(one.sum(axis=0)) | {
            "day": {"miou": scores(one[day].sum(axis=0))["miou"]},
            "night": {"miou": scores(one[~day].sum(axis=0))["miou"]},
        }
        history = root / paths.segmenter(network, name, seed) / paths.HISTORY
        history.parent.mkdir(parents=True, exist_ok=True)
        epochs = np.arange(1, 9)
        pd.DataFrame({"epoch": epochs, "loss": (2 + 0.1 * seed) / epochs}).to_csv(history)
    every = list(per_seed.values())
    stamp = {"settings": "0" * 8, "labels": "1" * 8, "code": "2" * 8}
    stamp["settings"] = f"{len(network):x}{len(protocol):x}".rjust(8, "0")
    content = {
        "protocol": stamp | {"version": "-".join(stamp.values())},
        "input": name, "classes": list(MSRS_CLASSES), "seeds": list(range(len(misses))),
        "mean": _fold(every, lambda v: float(np.mean(v))), "std": _fold(every, _std),
        "per_seed": per_seed,
    }  # fmt: skip
    write_json(root / paths.segmentation_metrics(network, name, protocol), content)


def write_json(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def scene(index):
    """A VIS and an IR image in which the label's things can be seen."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    ground = (60 + x + y + 20 * (NAMES[index][-1] == "D")).astype(np.uint8)
    vis = np.stack([ground, ground, ground // 2], axis=-1)
    vis[label(index) == 1] = (40, 90, 200)
    ir = 255 - ground
    ir[label(index) == 2] = 250
    return ir, vis


def write_data(root, labels=True, dataset="demo"):
    rows, test = [], root / f"data/{dataset}/test"
    for i, name in enumerate(NAMES):
        ir, vis = scene(i)
        write_png(test / "ir" / f"{name}.png", ir)
        write_png(test / "vi" / f"{name}.png", vis)
        time = "day" if name[-1] == "D" else "night"
        rows.append({"name": name, "day_night": time})
        if labels:
            write_png(test / "label" / f"{name}.png", label(i))
    pd.DataFrame(rows).to_csv(test / "times.csv", index=False)
    pd.DataFrame({"name": NAMES}).to_csv(test / "names.csv", index=False)
    twins = {"name": NAMES, "cluster": range(len(NAMES)), "train": "", "distance": 30}
    pd.DataFrame(twins).to_csv(test / "twins.csv", index=False)
    if not labels:
        left_out.write(test / "label", "the data set has no labels")


def write_fusion(root, name, weight):
    """Fused images, and metrics that grow with `weight` whatever the images are."""
    rng = np.random.default_rng(int(1000 * weight))
    for i, image in enumerate(NAMES):
        ir, vis = scene(i)
        fused = (weight * ir[..., None] + (1 - weight) * vis).astype(np.uint8)
        write_png(root / f"artifacts/fused/{name}/test/{image}.png", fused)
    frame = pd.DataFrame(
        {"name": NAMES, "SD": 40 + 10 * weight + rng.normal(0, 1, len(NAMES)),
         "MSE": 900 + 100 * weight + rng.normal(0, 5, len(NAMES))}
    )  # fmt: skip
    path = root / f"metrics/fusion/{name}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.to_csv(path, index=False)


MISSES = {
    "ir": [[16] * 6, [18] * 6],
    "vis": [[8, 8, 8, 24, 24, 24], [8, 8, 8, 26, 26, 26]],
    "alpha": [[4, 4, 4, 4, 4, 8], [2, 2, 2, 2, 2, 6]],
}
"""Rows of the person that each input's networks miss, by seed and image: alpha is best."""


def build(
    root: Path, labels: bool = True, seeds: int = 2, left_out: bool = True, dataset: str = "demo"
) -> Path:
    """Write params and all results of ir, vis, alpha and, left out of segmentation, beta."""
    methods = {"ir": {}, "vis": {}, "alpha": {"type": "average"}}
    if left_out:
        methods["beta"] = {"type": "average"}
    params = {
        "data": {"dataset": dataset},
        "fusion": {"methods": methods},
        "segmentation": {"encoder": "resnet18", "epochs": 8, "seeds": list(range(seeds))},
    }
    (root / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))
    write_data(root, labels, dataset)
    for name, weight in zip(methods, (1.0, 0.0, 0.5, 0.75), strict=False):
        write_fusion(root, name, weight)
    if labels:
        for name, misses in MISSES.items():
            write_segmentation(root, name, misses[:seeds])
    if left_out:
        reason = {"input": "beta", "left_out": "only test images are given"}
        write_json(root / paths.segmentation_metrics("deeplabv3", "beta"), reason)
    return root


def add_judges(root: Path) -> None:
    """A further network that turns alpha and vis around, and one for all that judges beta too."""
    params = yaml.safe_load((root / "params.yaml").read_text())
    params["segmentation"] |= {
        "networks": {"deeplabv3": {}, "unet": {}}, "one_for_all": ["deeplabv3"],
        "primary": {"input": "alpha", "against": "vis", "smallest": 1.0},
    }  # fmt: skip
    (root / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))
    turned = {"ir": MISSES["ir"], "vis": MISSES["alpha"], "alpha": MISSES["vis"]}
    for name, misses in turned.items():
        write_segmentation(root, name, misses, "unet")
    for name, misses in (MISSES | {"beta": [[12] * 6, [12] * 6]}).items():
        write_segmentation(root, name, misses, "deeplabv3", "one_for_all")
