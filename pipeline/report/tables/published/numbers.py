"""Every number that the papers print, one row each, with what it was measured on.

The papers' tables are in `papers/`, as printed. `sources.csv` says of each table where it is from
and beside which of our tables it stands; `notes.csv` what is doubtful in print, whose definition
is not ours, and which name is printed in another way. `cddfuse.csv` and `film.csv` are as their
authors' repositories print them, which say that they match the papers: `CDDFuse_IVF` and
`CDDFuse_MIF` are its weights for infrared and for medical images, `SSIM_sum` the sum over both
sources that the shared script prints, which no column shows beside the mean. `segmentation/` has
the IoU that figures and logs of public repositories print, with the protocol as far as they say it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd

from pipeline.report.tables.published import papers, segmentation

_FOLDER = Path(__file__).parent

COLUMNS = (
    "paper", "table", "layout", "source", "url", "convention", "dataset", "pairs", "method",
    "metric", "printed", "value", "note", "name_note", "network", "train_protocol",
)  # fmt: skip

_SETTINGS = (
    "dataset", "pairs", "method", "printed_name", "row", "norm", "lkc", "mpafm", "g1_lkcblock",
    "g2_lkdcblock", "variant", "idb", "tmu", "cbam", "mcfem", "kernels", "alpha_1", "alpha_2",
    "beta_1", "beta_2", "weights",
)  # fmt: skip
"""Columns that say what was measured; all others are measured numbers."""

_KEYS = {
    "QABF": "Qabf", "params_k": "parameters", "model_size_k": "parameters", "flops_g": "flops",
    "rank_mri_ct": "rank_mri-ct", "rank_mri_pet": "rank_mri-pet",
    "rank_mri_spect": "rank_mri-spect",
}  # fmt: skip
"""Printed columns whose key in our tables is another one."""

_KINDS = {"doubtful": "doubtful in print: ", "definition": "not our definition: ", "name": ""}


def _text(name: str) -> pd.DataFrame:
    return pd.read_csv(_FOLDER / f"{name}.csv", dtype=str, keep_default_na=False)


def _records(name: str) -> list[dict[str, str]]:
    rows = _text(name).to_dict("records")
    return [{str(key): str(value) for key, value in row.items()} for row in rows]


def row_names(table: pd.DataFrame) -> pd.Series:
    """What a row is called: its method, the paper's letter or name of a variant, or its weights."""
    if "weights" in table:
        weights = table[["alpha_1", "alpha_2", "beta_1", "beta_2"]].agg("/".join, axis=1)
        return weights.where(table["weights"] == "fixed", table["weights"])
    return table[next(key for key in ("variant", "row", "method") if key in table)]


def _of_table(source: dict[str, str]) -> pd.DataFrame:
    """One table of a paper in the long form."""
    table = papers.read(source["paper"], source["table"])
    table["method"] = row_names(table)
    for column in ("dataset", "pairs"):
        if column not in table:
            table[column] = source[column]
    measured = [column for column in table if column not in _SETTINGS]
    kept = ["dataset", "pairs", "method"]
    long = table.melt(kept, measured, var_name="metric", value_name="printed")
    long["metric"] = long["metric"].replace(_KEYS)
    given = {key: value for key, value in source.items() if key not in kept}
    return long.assign(**given)


def _annotated(numbers: pd.DataFrame) -> pd.DataFrame:
    """With the notes on single numbers in `note`, those on names in `name_note`."""
    numbers = numbers.assign(note="", name_note="")
    for remark in _records("notes"):
        chosen = numbers["paper"] == remark["paper"]
        chosen &= numbers["table"].isin(remark["table"].split())
        for column, wanted in (("dataset", remark["dataset"]), ("method", remark["row"])):
            if wanted != "*":
                chosen &= numbers[column].isin(wanted.split())
        if metrics := remark["metrics"].split():
            chosen &= numbers["metric"].isin(metrics)
        place = "name_note" if remark["kind"] == "name" else "note"
        text = _KINDS[remark["kind"]] + remark["note"]
        before = numbers.loc[chosen, place]
        numbers.loc[chosen, place] = before.where(before == "", before + "; ") + text
    return numbers


def _of_repository(name: str) -> pd.DataFrame:
    numbers = _text(name).rename(columns={"table": "layout", "value": "printed"})
    return numbers.assign(paper=name, table="", pairs="", network="", train_protocol="")


def _of_segmentation(dataset: str) -> pd.DataFrame:
    """The scores on one data set, each a row of LKC-FUNet's Table 6."""
    table = segmentation.read(f"{dataset}_miou")
    kept = ["source", "table", "network", "train_protocol", "method"]
    long = table.melt(kept, var_name="metric", value_name="printed")
    urls = segmentation.read("repositories").set_index("source")["url"]
    return long.assign(
        paper=long["source"].str.lower(),
        table=long["table"].str.removeprefix("Table "),
        source=long["source"] + ", " + long["table"],
        url=long["source"].map(urls),
        layout="6", dataset=dataset, pairs="", convention="",
    )  # fmt: skip


@cache
def numbers() -> pd.DataFrame:
    """All published numbers.

    Returns:
        `paper` and `table` (the paper's own number), `layout` (`4` to `7`, the table of
        LKC-FUNet's paper in whose layout the number stands, or `ablation`), `source`, `url`,
        `convention` of the metrics ('' where there are none), `dataset` ('' where it does not
        matter), `pairs` (their number, '' where unknown), `method` (or the ablation's row),
        `metric` (the key of our column: `parameters` in thousands, `flops` in billions, IoU in
        percent), `printed` digits, `value`, `note` on the number and `name_note` on the row's name
        ('' without one), and `network` and `train_protocol` of segmentation scores ('' of others).
    """
    parts = [_of_table(source) for source in _records("sources")]
    parts += [_of_repository(name) for name in ("cddfuse", "film")]
    parts += [_of_segmentation(dataset) for dataset in ("msrs", "fmb")]
    joined = _annotated(pd.concat(parts, ignore_index=True))
    return joined.assign(value=joined["printed"].astype(float))[list(COLUMNS)]
