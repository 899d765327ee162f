"""Stage `prepare`: draw or collect the data set, check every file, write it in MSRS's layout."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import tracking
from pipeline.data import folder, labels, layout, msrs, twins
from pipeline.data.coding import coding
from pipeline.data.fill import fill
from pipeline.data.manifest import class_shares, has_classes, ignored_share
from pipeline.data.times import times
from pipeline.images.whole import whole_folder, write_json, write_text
from pipeline.params import DataParams, Params, flatten
from pipeline.stage.command import stage

if TYPE_CHECKING:
    import pandas as pd


def collect(data: DataParams, directory: Path) -> Path:
    """Root of the images that `data` asks for; the demo is drawn into `directory` itself."""
    if data.dataset == "demo":
        from pipeline import demo

        return demo.draw(data.demo, directory)
    return msrs.root(data) if data.dataset == "msrs" else folder.root(data)


def build(data: DataParams, directory: Path) -> pd.DataFrame:
    """Fill `directory` with the data set and what is known of it; returns and raises as `fill`."""
    time_of, named = times(data), data.folders
    pairs, problems = layout.scan(collect(data, directory), named.ir, named.vi, named.label)
    if data.hold_out is not None:
        pairs = layout.hold_out(pairs, data.hold_out)
    table = fill(directory, pairs, problems, coding(data), time_of)
    found = twins.find(directory)
    write_text(twins.twins_path(directory), found.to_csv(index=False, lineterminator="\n"))
    hashes = labels.measure(directory) if has_classes(table) else {}
    write_json(labels.labels_path(directory), hashes)
    return table


def report(table: pd.DataFrame, run: tracking.Run, directory: Path) -> None:
    """Log the manifest, twins and, with labels, the table of class shares; print these two."""
    run.artifact(directory / "manifest.csv")
    run.metrics({f"pairs_{split}": len(part) for split, part in table.groupby("split")})
    found = twins.read(directory)
    run.artifact(twins.twins_path(directory))
    run.metrics({key: float(value) for key, value in twins.counts(found).items()})
    print(twins.sentence(found))
    if not has_classes(table):
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
    if ignored := ignored_share(table):
        run.metrics({"share_ignored": ignored})
        print(f"{100 * ignored:.2f} % of the pixels are ignored")


@stage
def main(params: Params) -> None:
    """Draw or collect the data set, check every file, write data/<dataset>."""
    data = params.data
    logged = flatten(data.model_dump(mode="json"), "data.")
    with tracking.run(params, "prepare", logged=logged) as run:
        with whole_folder(data.directory) as directory:
            table = build(data, directory)
        report(table, run, data.directory)


if __name__ == "__main__":
    main()
