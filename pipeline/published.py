"""Published segmentation scores side by side: `python -m pipeline.published` writes the page."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from tabulate import tabulate

from pipeline.images.whole import write_text
from pipeline.report.tables.published import papers, segmentation
from pipeline.report.tables.published.numbers import numbers
from pipeline.stage.command import command

PAGE = Path("docs/published.md")
_DATA, _PAPERS = (Path(str(package.__file__)).parent for package in (segmentation, papers))
CAMERAS = ("IR", "VIS")

_INTRODUCTION = """# Published numbers, side by side

Made by `python -m pipeline.published` from the numbers that papers and public repositories print
(`pipeline/report/tables/published/segmentation`, and Table 6 of LKC-FUNet). mIoU in percent over
the nine classes of MSRS, background included; nobody prints seeds or intervals."""

_FOLLOWS = """## What follows

- A fused mIoU from one paper says nothing beside one from another: networks, lengths and ways of
  choosing weights differ by more than the methods do. Only the order within one table, and the
  distance to that table's own cameras, can be read across, with care.
- PSFusion reports 78.77 to 80.38 for three segmenters; its test code gave a user 73.83 (its issue
  12). Five points lie between a log and a repetition.
- Where a table's rows lie within a few points and no seeds are given, their order is open: a seed
  alone moves an mIoU by as much ([protocol.md](protocol.md)).
- Labels of MSRS were probably drawn on the visible images (SeAFusion's issue 19), and a dark scene
  can have a car that its label lacks (MSRS's issue 4): a bias towards VIS that no table names.
- So this project trains every input under one protocol, over several seeds, with intervals, and
  gives the protocol a version ([leaderboard.md](leaderboard.md))."""


def msrs() -> pd.DataFrame:
    """Rows on MSRS: source, table, network, train_protocol, method, nine IoU and miou, percent."""
    found = pd.read_csv(_DATA / "msrs_miou.csv")
    own = pd.read_csv(_PAPERS / "lkc_funet_table_6.csv")
    told = numbers()[lambda one: (one["paper"] == "lkc_funet") & (one["table"] == "6")].iloc[0]
    of_paper = {"source": "LKC-FUNet", "table": "Table 6"}
    of_paper |= {key: told[key] for key in ("network", "train_protocol")}
    return pd.concat([found, own.assign(**of_paper)], ignore_index=True)[list(found.columns)]


def classes(rows: pd.DataFrame) -> list[str]:
    """Names of the class columns."""
    start = list(rows.columns).index("method") + 1
    return [name for name in rows.columns[start:] if name != "miou"]


def misprinted_means(rows: pd.DataFrame, tolerance: float = 0.1) -> pd.DataFrame:
    """Rows whose printed mIoU is not the mean of their classes; column `mean` has that."""
    mean = rows[classes(rows)].mean(axis=1)
    return rows.assign(mean=mean)[(mean - rows["miou"]).abs() > tolerance + 1e-9]


def repeated(rows: pd.DataFrame) -> pd.DataFrame:
    """Pairs of rows of two sources with the same nine IoU: source, method and the other's."""
    keys = classes(rows)
    both = rows.merge(rows, on=keys, suffixes=("", "_other"))
    return both[both["source"] < both["source_other"]]


def differing(rows: pd.DataFrame) -> pd.DataFrame:
    """Methods with several mIoU: method, sources, lowest and highest."""
    values = rows[~rows["method"].isin(CAMERAS)].drop_duplicates(["method", "miou"])
    grouped = values.groupby("method", sort=False)
    several = grouped.filter(lambda group: len(group) > 1).groupby("method", sort=False)
    return several.agg(
        sources=("source", ", ".join), lowest=("miou", "min"), highest=("miou", "max")
    ).reset_index()


def spreads(rows: pd.DataFrame) -> pd.DataFrame:
    """By source: the cameras' mIoU, and the lowest and highest fused one."""
    cameras = rows["method"].str.extract(r"^(IR|VIS)\b")[0]
    found = []
    for source, group in rows.groupby("source", sort=False):
        fused = group[cameras[group.index].isna()]
        of = {name: group.loc[cameras[group.index] == name, "miou"].max() for name in CAMERAS}
        found.append((source, len(fused), *of.values(), fused["miou"].min(), fused["miou"].max()))
    names = ["source", "fused rows", *CAMERAS, "lowest fused", "highest fused"]
    return pd.DataFrame(found, columns=names)


def _markdown(rows: pd.DataFrame) -> str:
    shown = rows.astype(object).where(rows.notna(), "–")
    return tabulate(shown, list(shown.columns), "pipe", showindex=False, disable_numparse=True)  # type: ignore[arg-type]


def page() -> str:
    """The page as Markdown."""
    rows, fmb = msrs(), pd.read_csv(_DATA / "fmb_miou.csv")
    same = repeated(rows)[["source", "method", "source_other", "method_other"]]
    wrong = misprinted_means(rows)[["source", "method", "miou", "mean"]].round({"mean": 2})
    parts = [
        _INTRODUCTION,
        "## The spread on MSRS",
        _markdown(spreads(rows)),
        "## One method, several numbers",
        _markdown(differing(rows)),
        "## The same nine numbers in two sources",
        "Rows that agree to the last digit were taken over. Where a camera's row has the other "
        "camera's name, one of the sources exchanged them: by its person column (IR finds persons) "
        "CDDFuse's labels are the plausible ones, and EMMA's Table 4 has them the other way round.",
        _markdown(same),
        "## Printed means that are no means",
        _markdown(wrong),
        "## FMB",
        f"{len(fmb)} methods within {fmb['miou'].max() - fmb['miou'].min():.1f} points.",
        _markdown(fmb),
        "## Every row on MSRS",
        _markdown(rows),
        _FOLLOWS,
    ]
    return "\n\n".join(parts) + "\n"


@command
def main() -> None:
    """Write docs/published.md from the published numbers that the project holds as data."""
    write_text(PAGE, page())
    print(PAGE)


if __name__ == "__main__":
    main()
