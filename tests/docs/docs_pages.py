"""The pages that tests of the documentation read, and what they say to type."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for place in (ROOT, ROOT / "docs", ROOT / "docs/reference")
    for path in place.glob("*.md")
)
PROGRAMS = ("dvc", "git", "ivif-", "make", "mlflow", "pip", "pytest", "python")


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def commands(page: str) -> list[str]:
    """Command lines of a page: in blocks for a shell, and in the running text."""
    whole = text(page)
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```", whole, re.MULTILINE | re.DOTALL)
    lines = [line.split(" #")[0].strip() for block in blocks for line in block.splitlines()]
    prose = re.sub(r"^ *```.*?^ *```", "", whole, flags=re.MULTILINE | re.DOTALL)
    spans = [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose)]
    typed = [span for span in spans if span.startswith(PROGRAMS) and " " in span]
    return [line for line in (*lines, *typed) if line]
