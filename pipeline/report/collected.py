"""What earlier stages left on disk, read once; nothing is computed here."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipeline.data import pairs, twins
from pipeline.images.pixels import Uint8, read_gray, read_rgb
from pipeline.params import Params
from pipeline.params.segmentation import ONE_FOR_ALL
from pipeline.results import paths
from pipeline.stage.errors import UserError

SOURCES = ("ir", "vis")
"""The inputs that are not fused: what fusion is measured against."""


@dataclass(frozen=True)
class Segmented:
    """How well one input was segmented.

    Attributes:
        scores: content of its file in `metrics/segmentation/`; fractions, null for absent classes.
        names: test images, (n,).
        confusion: (seeds, n, C, C) pixel counts, rows truth, columns prediction.
    """

    scores: dict[str, Any]
    names: list[str]
    confusion: NDArray[np.int64]

    @property
    def version(self) -> dict[str, str]:
        """Of the protocol that they were judged under."""
        stamp: dict[str, str] = self.scores["protocol"]
        return stamp

    @property
    def seeds(self) -> list[str]:
        """Seeds as they are named in the scores."""
        return list(self.scores["per_seed"])


@dataclass(frozen=True)
class PairSet:
    """Test pairs, what each method made of them, and how that was judged.

    Attributes:
        name: of the data set or task.
        names: of the pairs.
        sources: folder with NAME.png of both sources, by their titles; the coloured one first.
        fused: folder with NAME.png of each method that fuses.
        metrics: of each pair, columns `name` and one per metric, by method.
        suffix: of figures' files; '' where a report has one set alone.
    """

    name: str
    names: list[str]
    sources: dict[str, Path]
    fused: dict[str, Path]
    metrics: dict[str, pd.DataFrame]
    suffix: str = ""

    @property
    def fused_metrics(self) -> dict[str, pd.DataFrame]:
        """`metrics` of the methods that fuse, in their order."""
        return {method: self.metrics[method] for method in self.fused if method in self.metrics}

    def pictures(self, name: str) -> dict[str, Uint8]:
        """Both sources of one pair by title, and what there is of each method's fused images."""
        color, gray = (folder / f"{name}.png" for folder in self.sources.values())
        titles = list(self.sources)
        files = {method: folder / f"{name}.png" for method, folder in self.fused.items()}
        return {titles[0]: read_rgb(color), titles[1]: read_gray(gray)} | {
            method: read_rgb(file) for method, file in files.items() if file.is_file()
        }


@dataclass(frozen=True)
class Results:
    """All results of the methods that `params.yaml` names, in its order.

    Attributes:
        methods: entries of `fusion.methods`.
        test: name and day_night of each test image.
        twins: name, cluster, train and distance of each test image, see `pipeline.data.twins`.
        networks: inputs with a segmentation result, by network, each trained on that input.
        left_out: inputs without one by the main network, and why.
        for_all: inputs with a result by the network that judges all of them, by network.
        fusion: metrics per test image, columns `name` and one per metric, by method.
        pairs: the same for each further pair set, by set and method.
        cost: content of `metrics/cost/<method>.json`.
        segmentation_history: training histories by input, one frame a seed.
        fusion_history: training histories of learned methods.
    """

    params: Params
    methods: list[str]
    test: pd.DataFrame
    twins: pd.DataFrame = field(default_factory=pd.DataFrame)
    networks: dict[str, dict[str, Segmented]] = field(default_factory=dict)
    for_all: dict[str, dict[str, Segmented]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    fusion: dict[str, pd.DataFrame] = field(default_factory=dict)
    pairs: dict[str, dict[str, pd.DataFrame]] = field(default_factory=dict)
    cost: dict[str, dict[str, Any]] = field(default_factory=dict)
    segmentation_history: dict[str, list[pd.DataFrame]] = field(default_factory=dict)
    fusion_history: dict[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def segmented(self) -> dict[str, Segmented]:
        """Inputs with a result by the main network, the first of `segmentation.networks`."""
        return self.networks.get(self.params.segmentation.main_network, {})

    def prediction(self, name: str, image: str) -> Path:
        """Label map of a test image by the main network trained on the input `name`."""
        evaluated = paths.evaluation(self.params.segmentation.main_network, name)
        return paths.prediction(evaluated, image)

    @property
    def fused(self) -> list[str]:
        """The methods that fuse, without the two sources."""
        return [method for method in self.methods if method not in SOURCES]

    @property
    def test_pairs(self) -> PairSet:
        """The data set's test images and their fused ones."""
        folder = self.params.data.directory / "test"
        return PairSet(
            name=self.params.data.dataset,
            names=list(self.test["name"]),
            sources={"VIS": folder / "vi", "IR": folder / "ir"},
            fused={method: paths.fused(method, "test") for method in self.fused},
            metrics=self.fusion,
        )

    @property
    def sets(self) -> dict[str, dict[str, pd.DataFrame]]:
        """Fusion metrics of the test images and of each further pair set, by set and method."""
        return {self.params.data.dataset: self.fusion, **self.pairs}

    @property
    def has_labels(self) -> bool:
        """Whether the data set can be segmented at all."""
        return pairs.has_labels(self.params.data.directory, "test")

    @property
    def classes(self) -> list[str]:
        """Class names in label order."""
        return list(self.params.data.class_names)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UserError(f"{path}: not JSON ({error}); run its stage again") from None
    return content


def _read_images(path: Path) -> pd.DataFrame:
    """A table with one row an image; names like `00012` stay text."""
    frame = pd.read_csv(path, dtype={"name": str})
    if "name" not in frame:
        raise UserError(f"{path}: columns {', '.join(map(str, frame))}; one must be `name`")
    return frame


def _read_segmented(network: str, name: str, protocol: str, classes: int) -> Segmented | str:
    """The input's result, or the reason why there is none."""
    path = paths.segmentation_metrics(network, name, protocol)
    if not path.is_file():
        return f"not evaluated yet: there is no {path}"
    scores = _read_json(path)
    if "left_out" in scores:
        return str(scores["left_out"])
    if "protocol" not in scores:
        raise UserError(f"{path}: no protocol; written by an earlier version, run `dvc repro`")
    counts = paths.confusion(paths.evaluation(network, name, protocol))
    if not counts.is_file():
        stage = "evaluate_for_all" if protocol else "evaluate_segmentation"
        raise UserError(f"{counts}: no such file; run `dvc repro {stage}@{network}-{name}`")
    with np.load(counts) as content:
        names = [str(value) for value in content["names"]]
        confusion = content["confusion"].astype(np.int64)
    if confusion.shape != (len(scores["per_seed"]), len(names), classes, classes):
        raise UserError(
            f"{counts}: confusion {confusion.shape}; {path} and the data set make it "
            f"{(len(scores['per_seed']), len(names), classes, classes)}"
        )
    return Segmented(scores, names, confusion)


def _read_segmentation(results: Results) -> None:
    """The results of both protocols, by network and input."""
    chosen, count = results.params.segmentation, len(results.classes)
    for network in chosen.networks:
        found = {m: _read_segmented(network, m, paths.RETRAINED, count) for m in results.methods}
        results.networks[network] = {m: s for m, s in found.items() if isinstance(s, Segmented)}
        if network == chosen.main_network:
            results.left_out.update({m: s for m, s in found.items() if isinstance(s, str)})
    for network in chosen.one_for_all:
        found = {m: _read_segmented(network, m, ONE_FOR_ALL, count) for m in results.methods}
        results.for_all[network] = {m: s for m, s in found.items() if isinstance(s, Segmented)}


def _histories(network: str, name: str, seeds: list[str]) -> list[pd.DataFrame]:
    files = (paths.segmenter(network, name, seed) / paths.HISTORY for seed in seeds)
    return [pd.read_csv(file) for file in files if file.is_file()]


def _pair_sets(params: Params) -> dict[str, dict[str, pd.DataFrame]]:
    """Tables of the further pair sets by set, then method; empty ones are left out."""
    found: dict[str, dict[str, pd.DataFrame]] = {}
    for chosen in params.fusion.evaluation.pairs:
        files = {m: paths.pair_metrics(m, chosen) for m in params.fusion.methods}
        tables = {m: _read_images(path) for m, path in files.items() if path.is_file()}
        found[chosen] = {method: table for method, table in tables.items() if not table.empty}
    return found


def load(params: Params) -> Results:
    """Read the results of every method in `params.fusion.methods`; files of others are ignored.

    Raises:
        UserError: the data set is not prepared, or a file is not what its stage writes.
    """
    test = pairs.read_names(params.data.directory, "test")
    similar = twins.read(params.data.directory)
    results = Results(params, list(params.fusion.methods), test, similar)
    if results.has_labels:
        _read_segmentation(results)
    main = params.segmentation.main_network
    for method, found in results.segmented.items():
        results.segmentation_history[method] = _histories(main, method, found.seeds)
    for method in results.methods:
        if (path := paths.fusion_metrics(method)).is_file():
            results.fusion[method] = _read_images(path)
        if (path := paths.cost(method)).is_file():
            results.cost[method] = _read_json(path)
        if (path := paths.fusion_model(method) / paths.HISTORY).is_file():
            results.fusion_history[method] = pd.read_csv(path)
    results.pairs.update(_pair_sets(params))
    return results
