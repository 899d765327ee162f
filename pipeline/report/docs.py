"""`make docs`: bring the last report's tables and pictures into README and docs.

In README.md and docs/*.md everything between `<!-- NAME:begin -->` and `<!-- NAME:end -->` becomes
`reports/tables/NAME.md`; every picture they show from `docs/images/` is taken anew: `report` is
the top of the page in Chromium, any other name a figure of the report.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from pipeline.images.whole import write_bytes, write_text
from pipeline.results.paths import REPORTS
from pipeline.stage.command import command
from pipeline.stage.errors import UserError

IMAGES = Path("docs/images")
SIZE = (1280, 840)
"""Width and height of the page's picture, pixels."""

_TABLE = re.compile(r"(<!-- ([\w-]+):begin -->\n).*?(<!-- \2:end -->)", re.DOTALL)
_PICTURE = re.compile(r"\((?:docs/)?images/([\w-]+)\.png\)")
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


def fill(text: str, document: Path) -> str:
    """`text` with the report's tables between its marks.

    Raises:
        UserError: a mark names a table that the last report does not have.
    """

    def table(found: re.Match[str]) -> str:
        path = _existing(REPORTS / "tables" / f"{found[2]}.md", document)
        return f"{found[1]}{path.read_text(encoding='utf-8')}{found[3]}"

    return _TABLE.sub(table, text)


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


@command
def main() -> None:
    """Fill the marked places of README.md and docs/*.md."""
    for document in [Path("README.md"), *sorted(Path("docs").glob("*.md"))]:
        if not document.is_file():
            continue
        text = document.read_text(encoding="utf-8")
        if (filled := fill(text, document)) != text:
            write_text(document, filled)
            print(f"{document}: tables of the last report")
        for name in dict.fromkeys(_PICTURE.findall(text)):
            if name == "report":
                content = screenshot(_existing(REPORTS / "index.html", document))
            else:
                content = _existing(REPORTS / "figures" / f"{name}.png", document).read_bytes()
            write_bytes(IMAGES / f"{name}.png", content)
            print(f"{document}: {IMAGES / name}.png")


if __name__ == "__main__":
    main()
