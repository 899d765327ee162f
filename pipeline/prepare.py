"""Stage `prepare`: draw or collect the data set, check every file, write it in MSRS's layout."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from pipeline import tracking
from pipeline.data import checks, folder, layout, msrs
from pipeline.data.manifest import class_shares, manifest
from pipeline.data.store import store
from pipeline.data.whole import whole
from pipeline.files import write_text
from pipeline.pairs import has_labels
from pipeline.params import DataParams, Params, flatten
from pipeline.stage import stage

if TYPE_CHECKING:
    import pandas as pd


def collect(data: DataParams, directory: Path) -> Path:
    """Root of the images that `data` asks for; the demo is drawn into `directory` itself."""
    if data.dataset == "demo":
        from pipeline.data import demo

        return demo.draw(data.demo, directory)
    return msrs.root(data) if data.dataset == "msrs" else folder.root(data)


def build(data: DataParams, directory: Path) -> pd.DataFrame:
    """Fill `directory` with the data set; returns and raises as `fill`."""
    pairs, problems = layout.scan(collect(data, directory))
    return fill(directory, pairs, problems, data.class_names)


def fill(
    directory: Path,
    pairs: list[layout.Pair],
    problems: list[layout.Problem],
    classes: tuple[str, ...],
) -> pd.DataFrame:
    """Check pairs, write them in MSRS's layout, and a manifest.

    Args:
        directory: gets `{train,test}/{ir,vi,label}` and `manifest.csv`.
        pairs: from `layout.scan`.
        problems: likewise.
        classes: class names in label order; unused without labels.

    Returns:
        The manifest.

    Raises:
        UserError: something is wrong with the data; all problems are printed first.
    """
    checked, more = checks.check(pairs, classes)
    checks.refuse(problems + more)
    for one in tqdm(checked, desc="write images", unit="pair", dynamic_ncols=True):
        store(one, directory)
    table = manifest(checked, classes)
    write_text(directory / "manifest.csv", table.to_csv(index=False, lineterminator="\n"))
    return table


def report(table: pd.DataFrame, run: tracking.Run, directory: Path) -> None:
    """Log the manifest and, with labels, the table of class shares; print the latter."""
    run.artifact(directory / "manifest.csv")
    run.metrics({f"pairs_{split}": len(part) for split, part in table.groupby("split")})
    if not has_labels(table):
        print(f"{len(table)} pairs without labels: the pipeline will stop after the fusion tables")
        return
    shares = class_shares(table)
    keys = "share_" + shares["split"] + "_" + shares["class"]
    run.metrics(dict(zip(keys, shares["share"], strict=True)))
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / "class_shares.csv"
        shares.to_csv(path, index=False)
        run.artifact(path)
    print(shares.to_string(index=False, float_format="{:.4f}".format))


@stage
def main(params: Params) -> None:
    """Draw or collect the data set, check every file, write data/<dataset>."""
    data = params.data
    logged = flatten(data.model_dump(mode="json"), "data.")
    with tracking.run(params, "prepare", logged=logged) as run:
        with whole(data.directory) as directory:
            table = build(data, directory)
        report(table, run, data.directory)


if __name__ == "__main__":
    main()
