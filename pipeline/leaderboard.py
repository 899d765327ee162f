"""A leaderboard from result files: `python -m pipeline.leaderboard results/*.json`.

Results rank together only under one version of a protocol; each version has a table of its own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from pipeline.images.whole import write_text
from pipeline.report.page.board import board
from pipeline.results import record
from pipeline.stage.command import command
from pipeline.stage.errors import UserError


def load(files: list[Path]) -> dict[str, record.Record]:
    """Results by the name they go under: `by`, else the file's. Raises UserError on two of one."""
    found: dict[str, record.Record] = {}
    for file in files:
        result = record.read(file)
        name = result.by or file.stem
        if name in found:
            raise UserError(f"{file}: by {name!r}, as another file; allowed are names of one each")
        found[name] = result
    return found


@command
def main(
    files: Annotated[list[Path], Argument(help="files that the stage report wrote")],
    out: Annotated[Path, Option(help="the page")] = Path("leaderboard.html"),
) -> None:
    """Write a page that ranks results, those of one protocol's version together."""
    tables = board(load(files))
    write_text(out, tables.page)
    print(f"{out}: {tables.results} results under {tables.versions} versions of a protocol")


if __name__ == "__main__":
    main()
