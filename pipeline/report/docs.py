"""`make docs`: bring the last report's tables and pictures into README and docs.

In README.md and docs/*.md what is between `<!-- PRESET/NAME:begin -->` and its `:end` becomes
`reports/tables/NAME.md` if the last report is of that preset, so a page can have tables of
several runs. Pictures that they show from `docs/images/PRESET/` are taken anew likewise: `report`
is the top of the report in Chromium, any other name a figure of the report. The picture
`docs/images/results.png` is drawn from the table `results` on the same page, whatever its preset.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from pipeline import params
from pipeline.images.whole import write_bytes, write_text
from pipeline.report.figures.style import themed
from pipeline.report.figures.verdict import ranked
from pipeline.report.tables.reading import from_markdown
from pipeline.results.paths import REPORTS
from pipeline.stage.command import command
from pipeline.stage.errors import UserError

IMAGES = Path("docs/images")
DRAWN = "results"
"""The picture that is drawn from a page's own table."""
SIZE = (1280, 840)
"""Width and height of the page's picture, pixels."""

TABLE = re.compile(
    r"(?P<begin><!-- (?P<preset>[\w-]+)/(?P<name>[\w-]+):begin -->\n)(?P<table>.*?)"
    r"(?P<end><!-- (?P=preset)/(?P=name):end -->)",
    re.DOTALL,
)
"""A place in a page, and what `fill` has written there."""
_PICTURE = re.compile(r"\((?:docs/)?images/(?:(?P<preset>[\w-]+)/)?(?P<name>[\w-]+)\.png\)")
CHROMIUM = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run", "--hide-scrollbars",
)  # fmt: skip
"""Options for a Chromium without a window that keeps to itself."""


def _existing(path: Path, document: Path) -> Path:
    if not path.is_file():
        found = ", ".join(sorted(other.stem for other in path.parent.glob(f"*{path.suffix}")))
        raise UserError(f"{document}: {path.stem}: no {path}; allowed are {found or 'none yet'}")
    return path


def fill(text: str, document: Path, preset: str) -> str:
    """`text` with the report's tables between the marks of its preset.

    Raises:
        UserError: a mark names a table that the last report does not have.
    """

    def table(found: re.Match[str]) -> str:
        if found["preset"] != preset:
            return found[0]
        path = _existing(REPORTS / "tables" / f"{found['name']}.md", document)
        return f"{found['begin']}{path.read_text(encoding='utf-8')}{found['end']}"

    return TABLE.sub(table, text)


def screenshot(page: Path) -> bytes:
    """The top of `page` as PNG, by Chromium without a window.

    Raises:
        UserError: there is no Chromium, or it fails.
    """
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        raise UserError("chromium: no such program; the picture `report` is taken with it")
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "page.png"
        size = f"--window-size={SIZE[0]},{SIZE[1]}"
        command = [program, *CHROMIUM, size, f"--screenshot={target}", page.resolve().as_uri()]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if not target.is_file():
            raise UserError(f"{program}: took no picture: {result.stderr.strip()[-300:]}")
        return target.read_bytes()


def drawn(text: str, document: Path) -> bytes:
    """The picture `results` as PNG, from the table `results` in `text`.

    Raises:
        UserError: the page has no such table.
    """
    tables = {found["name"]: found["table"] for found in TABLE.finditer(text)}
    if DRAWN not in tables:
        raise UserError(f"{document}: shows images/{DRAWN}.png, but has no table {DRAWN}")
    return themed(ranked.draw, from_markdown(tables[DRAWN], DRAWN))["light"]


def picture(name: str, document: Path) -> bytes:
    """One picture of the last report as PNG."""
    if name == "report":
        return screenshot(_existing(REPORTS / "index.html", document))
    return _existing(REPORTS / "figures" / f"{name}.png", document).read_bytes()


def take_pictures(text: str, document: Path, preset: str) -> None:
    """Write the pictures that a page shows: of `preset`'s report, and those of its own tables."""
    shown = {(found["preset"] or "", found["name"]) for found in _PICTURE.finditer(text)}
    for of, name in sorted(shown):
        if (of, name) == ("", DRAWN):
            data = drawn(text, document)
        elif of and of == preset:
            data = picture(name, document)
        else:
            continue
        path = IMAGES / of / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, data)
        print(f"{document}: {path}")


@command
def main(drawn_only: bool = False) -> None:
    """Fill the marked places of README.md and docs/*.md.

    With --drawn-only just the pictures that are drawn from a page's own table, without a report.
    """
    preset = "" if drawn_only else params.load().preset  # of no table
    for document in [Path("README.md"), *sorted(Path("docs").glob("*.md"))]:
        if not document.is_file():
            continue
        text = document.read_text(encoding="utf-8")
        if (filled := fill(text, document, preset)) != text:
            write_text(document, filled)
            print(f"{document}: tables of the last report")
            text = filled
        take_pictures(text, document, preset)


if __name__ == "__main__":
    main()
