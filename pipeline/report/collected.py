"""What is known of a run: the results of its methods, as earlier stages left them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipeline.data import pairs
from pipeline.images.palette import colours_of, without_ignored
from pipeline.images.pixels import Uint8, read_label
from pipeline.params import Params
from pipeline.report.pair_set import PairSet
from pipeline.results import paths

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

    @property
    def colours(self) -> Uint8:
        """Their colours, (C, 3) uint8 RGB."""
        return colours_of(self.classes, self.params.data.palette)

    def label(self, image: str) -> Uint8:
        """The truth of a test image, (H, W)."""
        return read_label(pairs.image_path(self.params.data.directory, "test", "label", image))

    def predicted(self, name: str, image: str, truth: Uint8) -> Uint8:
        """`prediction`, (H, W), without the pixels that `truth`, its `label`, leaves out."""
        return without_ignored(read_label(self.prediction(name, image)), truth)
