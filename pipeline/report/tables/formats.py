"""A `Table` as CSV with every digit, as Markdown, and as LaTeX with booktabs."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from tabulate import tabulate

from pipeline.images.whole import write_text
from pipeline.report.tables.table import Column, Row, Table

_LATEX = str.maketrans(
    {
        "_": r"\_", "&": r"\&", "%": r"\%", "#": r"\#", "$": r"\$", "{": r"\{", "}": r"\}",
        "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\\": r"\textbackslash{}",
        "±": r"$\pm$", "−": "$-$", "–": "--", "Δ": r"$\Delta$", "↑": r"$\uparrow$",
        "↓": r"$\downarrow$", "\u202f": r"\,", "\u00a0": "~", "·": r"$\cdot$",
        "×": r"$\times$", "“": "``", "”": "''",
    }
)  # fmt: skip


def to_frame(table: Table) -> pd.DataFrame:
    """Unrounded numbers: a column each for value, `_std`, and both ends of the interval."""
    records = []
    for row in table.rows:
        record: dict[str, str | float | None] = {table.head.lower(): row.label}
        for column in table.columns:
            cell = table.cell(row, column)
            record[column.key] = cell.value
            if cell.std is not None:
                record[f"{column.key}_std"] = cell.std
            if cell.interval is not None:
                record[f"{column.key}_low"], record[f"{column.key}_high"] = cell.interval
        if row.published:
            record["source"] = row.published
            record["notes"] = _notes(table, row)
        records.append(record)
    return pd.DataFrame(records, columns=None if records else [table.head.lower()])


def _notes(table: Table, row: Row) -> str:
    """The row's footnotes in words, each with the columns it is on."""
    on = {row.note: [table.head.lower()]} if row.note else {}
    for column in table.columns:
        if note := table.cell(row, column).note:
            on.setdefault(note, []).append(column.key)
    return "; ".join(f"{', '.join(keys)}: {note}" for note, keys in on.items())


def footnotes(table: Table) -> str:
    """All footnotes as one line, '' without any."""
    return "; ".join(f"{mark}: {note}" for note, mark in table.notes.items())


def arrow(column: Column) -> str:
    """Which way is better."""
    return {"higher": "\u00a0↑", "lower": "\u00a0↓", "": ""}[column.better]


def _label(row: Row) -> str:
    """The row's name with its source; what else is known of that is said once, by `sources`."""
    return f"{row.label} ({row.published.partition('; ')[0]})" if row.published else row.label


def sources(table: Table) -> list[str]:
    """Of each published source that says more than its name, what it was measured on."""
    told = dict.fromkeys(row.published for row in table.rows if "; " in row.published)
    return [text.replace("; ", " – ", 1) for text in told]


def _raised(table: Table, note: str, form: str) -> str:
    """The mark of a footnote in some format, '' without a note."""
    return form % table.notes[note] if note else ""


def to_markdown(table: Table) -> str:
    """GitHub's table; best in bold, second underlined."""
    styles = {"best": "**{}**", "second": "<u>{}</u>", "": "{}"}
    heads = [table.head, *(column.title + arrow(column) for column in table.columns)]
    raised = "<sup>%s</sup>"
    rows = [
        [_label(row) + _raised(table, row.note, raised)]
        + [
            styles[table.mark(row, column)].format(column.text(table.cell(row, column)))
            + _raised(table, table.cell(row, column).note, raised)
            for column in table.columns
        ]
        for row in table.rows
    ]
    rows = [[cell.replace("\n", " ") for cell in row] for row in rows]
    aligned = ["left"] + ["right"] * len(table.columns)
    text = tabulate(rows, heads, "pipe", disable_numparse=True, colalign=aligned)
    parts = [text, table.caption, "\n".join(f"- {source}" for source in sources(table))]
    parts.append(f"{notes}." if (notes := footnotes(table)) else "")
    return "\n\n".join(part for part in parts if part) + "\n"


def _latex_cell(table: Table, row: Row, column: Column) -> str:
    """The value marked, its spread in small print."""
    cell = table.cell(row, column)
    value, _, spread = column.text(cell).partition(" ")
    styles = {"best": r"\textbf{%s}", "second": r"\underline{%s}", "": "%s"}
    text = styles[table.mark(row, column)] % value.translate(_LATEX)
    text += r"\,{\tiny " + spread.translate(_LATEX) + "}" if spread else ""
    return text + _raised(table, cell.note, "$^{%s}$")


def to_latex(table: Table) -> str:
    """A `table*` over both columns of a paper; the preamble needs `booktabs` only."""
    heads = [(column.title + arrow(column)).translate(_LATEX) for column in table.columns]
    rows = [
        [
            _label(row).translate(_LATEX) + _raised(table, row.note, "$^{%s}$"),
            *(_latex_cell(table, row, one) for one in table.columns),
        ]
        for row in table.rows
    ]
    told = [f"{text}." for text in (*sources(table), footnotes(table)) if text]
    caption = " ".join([table.caption, *told])
    body = pd.DataFrame(rows, columns=[table.head, *heads]).style.hide(axis="index")
    lines = [
        r"% \usepackage{booktabs}",
        r"\begin{table*}[t]",
        r"\centering\scriptsize\setlength{\tabcolsep}{2.5pt}",
        rf"\caption{{{caption.translate(_LATEX)}}}",
        rf"\label{{tab:{table.name}}}",
        body.to_latex(hrules=True, column_format=f"@{{}}l{'r' * len(heads)}@{{}}").rstrip(),
        r"\end{table*}",
    ]
    return "\n".join(lines) + "\n"


def write(table: Table, folder: Path) -> None:
    """Write `NAME.csv`, `NAME.md` and `NAME.tex` to `folder`."""
    write_text(folder / f"{table.name}.csv", to_frame(table).to_csv(index=False))
    write_text(folder / f"{table.name}.md", to_markdown(table))
    write_text(folder / f"{table.name}.tex", to_latex(table))
