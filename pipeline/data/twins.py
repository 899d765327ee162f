"""Test images of nearly the same scene: drives are filmed, and neighbouring frames are alike.

A perceptual hash of both cameras' images tells them: two pairs are twins if the difference hashes
of their IR and of their VIS images differ in at most `LIMIT` of 64 bits each.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components
from tqdm import tqdm

from pipeline.data.pairs import Kind, Split, image_path, names
from pipeline.images.pixels import Uint8, read_gray
from pipeline.stage.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

LIMIT = 10
SIDE = 8
CAMERAS: tuple[Kind, ...] = ("ir", "vi")

Bits = NDArray[np.bool_]


def twins_path(directory: Path) -> Path:
    """The file that lists the twins of the test images: name, cluster, train, distance."""
    return directory / "test" / "twins.csv"


def difference_hash(image: Uint8) -> Bits:
    """(64,) bits of (H,W): whether it gets brighter from each of 8×9 areas to its right neighbour.

    Krawetz, "Kind of like that", 2013 (dHash).
    """
    areas = cv2.resize(image, (SIDE + 1, SIDE), interpolation=cv2.INTER_AREA).astype(np.int16)
    bits: Bits = (areas[:, 1:] > areas[:, :-1]).ravel()
    return bits


def distances(one: Bits, other: Bits) -> NDArray[np.int64]:
    """Bits that differ, the larger of the cameras' numbers: (n,2,64) and (m,2,64) to (n,m)."""
    different = []
    for camera in range(len(CAMERAS)):
        a, b = (bits[:, camera].astype(np.float32) for bits in (one, other))
        different.append(a @ (1 - b).T + (1 - a) @ b.T)
    return np.maximum(*different).astype(np.int64)


def _hashes(directory: Path, split: Split) -> Bits:
    """(n,2,64) of the pairs of a split."""
    listed = tqdm(names(directory, split), desc=f"hash {split} images", unit="pair")
    return np.array([
        [difference_hash(read_gray(image_path(directory, split, kind, name))) for kind in CAMERAS]
        for name in listed
    ])  # fmt: skip


def find(directory: Path) -> pd.DataFrame:
    """Twins within the test pairs and across the splits of a prepared data set.

    Args:
        directory: `data/<dataset>`.

    Returns:
        One row a test pair: name, cluster (twins of twins share one, numbered from 0), train (name
        of the nearest train pair if it is a twin, else '') and distance to the nearest train pair.
    """
    import pandas as pd

    test, train = _hashes(directory, "test"), _hashes(directory, "train")
    _, clusters = connected_components(distances(test, test) <= LIMIT, directed=False)
    across = distances(test, train)
    nearest, closest = across.argmin(axis=1), across.min(axis=1)
    known = np.array(names(directory, "train"), dtype=object)
    return pd.DataFrame({
        "name": names(directory, "test"),
        "cluster": clusters,
        "train": np.where(closest <= LIMIT, known[nearest], ""),
        "distance": closest,
    })  # fmt: skip


def counts(twins: pd.DataFrame) -> dict[str, int]:
    """Test pairs, clusters among them, those with a twin in test, and those with one in train."""
    sizes = twins["cluster"].value_counts()
    return {
        "test_pairs": len(twins),
        "test_clusters": len(sizes),
        "test_twins": int(sizes[sizes > 1].sum()),
        "twins_in_train": int((twins["train"] != "").sum()),
    }


def sentence(twins: pd.DataFrame) -> str:
    """`counts` in words."""
    found = counts(twins)
    return (
        f"{found['test_pairs']} test pairs in {found['test_clusters']} clusters of nearly the same "
        f"scene; {found['twins_in_train']} have a twin among the train pairs"
    )


def read(directory: Path) -> pd.DataFrame:
    """What `find` found. Raises UserError if `prepare` has not run."""
    import pandas as pd

    path = twins_path(directory)
    if not path.is_file():
        raise UserError(f"{path}: no such file; run `dvc repro prepare` first")
    return pd.read_csv(path, dtype={"name": str, "train": str}, keep_default_na=False)
