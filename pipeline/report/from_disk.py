"""What earlier stages left on disk, read once; nothing is computed here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.data import pairs, twins
from pipeline.params import Params
from pipeline.params.segmentation import ONE_FOR_ALL
from pipeline.report.collected import Results, Segmented
from pipeline.results import paths
from pipeline.stage.errors import UserError


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
    test = pairs.read_times(params.data.directory, "test")
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
