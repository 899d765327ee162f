"""The headline table in the terminal."""

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from pipeline.report.tables.formats import arrow
from pipeline.report.tables.table import Table

_STYLES = {"best": "bold green", "second": "underline", "": ""}


def show(table: Table, console: Console | None = None) -> None:
    """Print a table turned on its side, for terminals are narrow: one column an input."""
    grid = RichTable(caption=table.caption, caption_justify="left")
    grid.add_column("")
    for row in table.rows:
        grid.add_column(row.label, justify="right")
    for column in table.columns:
        cells = []
        for row in table.rows:
            style = _STYLES[table.mark(row, column)]
            cells.append(
                Text(column.text(table.cell(row, column)).replace(" [", "\n["), style=style)
            )
        grid.add_row(f"{column.title}{arrow(column)}", *cells, end_section=column.key == "miou")
    (console or Console()).print(grid)
