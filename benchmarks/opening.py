"""How long the report's page takes to open: ten inputs, 361 test images of 480×640, all drawn."""

import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from selenium import webdriver

from benchmarks.measure import Row, arguments, save
from pipeline.demo import draw_scene
from pipeline.images.pixels import Uint8, write_png
from pipeline.images.whole import write_json
from pipeline.params.data import MSRS_CLASSES
from pipeline.report.__main__ import main as report
from pipeline.report.docs import CHROMIUM
from pipeline.results import paths
from pipeline.results.iou import confusion_matrix
from segmentation.learning.scores import score_seed, summarize, write_confusion

METHODS = ("ir", "vis", "one", "two", "three", "four", "five", "six", "seven", "eight")
SCENES = 24
"""Drawn anew; all others are these, moved sideways."""
LIMIT = 2.0
DATA = Path("data/demo/test")
OPENED = """
const [page] = performance.getEntriesByType("navigation");
const [paint] = performance.getEntriesByName("first-contentful-paint");
return [paint.startTime, page.loadEventEnd, document.querySelectorAll("#images button").length];
"""


def draw(count: int, size: tuple[int, int]) -> list[tuple[str, tuple[Uint8, Uint8, Uint8]]]:
    """Names and images (ir, vis, label) of the test pairs."""
    scenes = [
        draw_scene(np.random.default_rng([0, number]), *size, night=bool(number % 2))
        for number in range(min(SCENES, count))
    ]
    found = []
    for number in range(count):
        sideways = 7 * (number // SCENES)
        ir, vis, label = (np.roll(image, sideways, 1) for image in scenes[number % SCENES])
        found.append((f"{number + 1:05d}{'DN'[number % 2]}", (ir, vis, label)))
    return found


def write_pairs(pairs: list[tuple[str, tuple[Uint8, Uint8, Uint8]]]) -> pd.DataFrame:
    """The data set as `prepare` leaves it; returns its names."""
    for name, images in pairs:
        for kind, pixels in zip(("ir", "vi", "label"), images, strict=True):
            write_png(DATA / kind / f"{name}.png", pixels)
    names = [name for name, _ in pairs]
    times = ["day" if name.endswith("D") else "night" for name in names]
    test = pd.DataFrame({"name": names, "day_night": times})
    test.to_csv(DATA / "times.csv", index=False)
    test[["name"]].to_csv(DATA / "names.csv", index=False)
    alone = {"name": names, "cluster": range(len(names)), "train": "", "distance": 30}
    pd.DataFrame(alone).to_csv(DATA / "twins.csv", index=False)
    return test


def write_method(
    place: int, pairs: list[tuple[str, tuple[Uint8, Uint8, Uint8]]], test: pd.DataFrame
) -> None:
    """What all stages leave of one input, whose weight of IR grows with its place."""
    name, weight = METHODS[place], place / len(METHODS)
    rng, counts, metrics = np.random.default_rng(place), [], []
    evaluated = paths.evaluation("deeplabv3", name)
    for image, (ir, vis, label) in pairs:
        fused = (weight * ir[..., None] + (1 - weight) * vis).astype(np.uint8)
        write_png(paths.fused_image(name, "test", image), fused)
        predicted = np.roll(label, (1 + place, 3 * place), (0, 1))
        write_png(paths.prediction(evaluated, image), predicted)
        counts.append(confusion_matrix(label, predicted, len(MSRS_CLASSES)))
        metrics.append({"name": image, "SD": fused.std(), "AG": 3 + weight + rng.normal(0, 0.2)})
    confusion = np.stack([counts, counts])
    write_confusion(paths.confusion(evaluated), test, (0, 1), confusion)
    times = test["day_night"].to_numpy(dtype=np.str_)
    per_seed = {seed: score_seed(confusion[seed], times, MSRS_CLASSES) for seed in (0, 1)}
    stamp = {"settings": "0" * 8, "labels": "1" * 8, "code": "2" * 8}
    scores = {"protocol": stamp | {"version": "-".join(stamp.values())}}
    scores |= summarize(name, MSRS_CLASSES, per_seed)
    write_json(paths.segmentation_metrics("deeplabv3", name), scores)
    paths.fusion_metrics(name).parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(metrics).to_csv(paths.fusion_metrics(name), index=False)
    timed = {"median_ms": 2.0**place, "low_ms": 1.9**place, "high_ms": 2.1**place, "threads": 1}
    size = {"flops": None, "cpu": timed, "gpu": None, "onnx": {"not_measured": "drawn"}}
    write_json(paths.cost(name), {"parameters": 0, "sizes": {"480x640": size}})


def write_all(count: int, size: tuple[int, int]) -> None:
    """A finished run in the working directory."""
    methods = {name: {} if place < 2 else {"type": "average"} for place, name in enumerate(METHODS)}
    params = {"data": {"dataset": "demo"}, "fusion": {"methods": methods},
              "segmentation": {"seeds": [0, 1]}}  # fmt: skip
    Path("params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))
    pairs = draw(count, size)
    test = write_pairs(pairs)
    for place in range(len(METHODS)):
        write_method(place, pairs, test)


def opened(page: Path) -> tuple[float, float, int]:
    """Seconds to the first paint and until all is loaded, in a browser started for it."""
    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for option in (*CHROMIUM, "--window-size=1280,900"):
        options.add_argument(option)
    with webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver"))) as driver:
        driver.get(page.as_uri())
        paint, load, images = driver.execute_script(OPENED)
    return paint / 1e3, load / 1e3, images


def main() -> None:
    given = arguments(__doc__, runs=5)
    if shutil.which("chromium") is None or shutil.which("chromedriver") is None:
        print("opening: not measured: no chromium and chromedriver here")
        return
    count, size = (6, (48, 64)) if given.tiny else (361, (480, 640))
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        write_all(count, size)
        start = time.perf_counter()
        report([])
        made = time.perf_counter() - start
        page = Path("reports/index.html").resolve()
        found = [opened(page) for _ in range(given.runs)]
        megabytes = page.stat().st_size / 1e6
        os.chdir(before)
    paint, load = (statistics.median(times) for times in list(zip(*found, strict=True))[:2])
    rows: list[Row] = [
        {"what": "the page, first paint", "seconds": paint, "limit_s": LIMIT},
        {"what": "… all of it loaded", "seconds": load, "limit_s": LIMIT},
        {"what": "the stage that makes it", "seconds": made},
    ]
    note = (
        f"{len(METHODS)} inputs, {count} test images of {size[0]}×{size[1]}, two seeds; a page of "
        f"{megabytes:.1f} MB with {found[0][2]} images in its gallery, in a browser started for it"
    )
    save("opening", rows, note, given.runs, given.tiny)


if __name__ == "__main__":
    main()
