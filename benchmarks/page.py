"""docs/performance.md: the results of the benchmarks, between what is written by hand.

What is written by hand lies beside this file, in `introduction.md` and `tried.md`.
"""

from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
BEFORE, AFTER = "introduction.md", "tried.md"

TITLES = {
    "lite": "Fusion in real time",
    "layer": "One layer",
    "growth": "How the cost grows with image and kernel",
    "network": "LKC-FUNet, forward",
    "memory": "Memory of a forward pass",
    "training": "LKC-FUNet, training step",
    "segmentation": "Segmentation, training step",
    "gpu": "On a GPU",
    "metrics": "Fusion metrics of a pair",
    "start": "The pipeline itself",
    "opening": "The report's page",
    "roofline": "What bounds a layer",
}


def page(before: str, results: dict[str, Any]) -> str:
    """The whole page: sections of what was measured anew, all others as they were.

    Args:
        before: the page so far.
        results: content of the JSON files by the benchmark's name.
    """
    sections = [
        section(title, results[name]) if name in results else section_in(before, title)
        for name, title in TITLES.items()
    ]
    return "\n".join([by_hand(BEFORE), *filter(None, sections), by_hand(AFTER)])


def by_hand(file: str) -> str:
    """What is written by hand, from the file beside this one."""
    return (HERE / file).read_text(encoding="utf-8")


def section(title: str, result: dict[str, Any]) -> str:
    """One benchmark's part of the page."""
    body = growth(result["rows"]) if title == TITLES["growth"] else table(result["rows"])
    return f"## {title}\n\n{_capital(result['note'])}.\n\n{body}\n{_under(result)}"


def section_in(text: str, title: str) -> str:
    """A section as the page's text has it; '' if it has none."""
    _, heading, after = text.partition(f"## {title}\n")
    return heading + after[: after.index("## ")].removesuffix("\n") if heading else ""


def table(rows: list[dict[str, Any]]) -> str:
    """A Markdown table with a column for each key that any row has."""
    keys = list(dict.fromkeys(key for row in rows for key in row if _any(rows, key)))
    lines = [_line([key.replace("_", " ") for key in keys]), _line(["---"] * len(keys))]
    return "\n".join(lines + [_line([_cell(row.get(key)) for key in keys]) for row in rows]) + "\n"


def growth(rows: list[dict[str, Any]]) -> str:
    """Kernel against image size; a cell is milliseconds of the project's version and the ratio."""
    sizes = sorted({row["size"] for row in rows})
    lines = [_line(["kernel", *(f"{n}×{n}" for n in sizes)]), _line(["---"] * (len(sizes) + 1))]
    for kernel in sorted({row["kernel"] for row in rows}):
        cells = {
            row["size"]: f"{1e3 * row['after_s']:.3g} ms, {row['ratio']:.2g}×"
            for row in rows
            if row["kernel"] == kernel
        }
        lines.append(_line([f"{kernel}×{kernel}", *(cells.get(n, "") for n in sizes)]))
    return "\n".join(lines) + "\n"


def _under(result: dict[str, Any]) -> str:
    about = result["machine"]
    return (
        f"{about['cpu']}, {about['cores']} cores, {about['threads']} threads, "
        f"{about['instructions']}, PyTorch {about['torch']}, load {about['load']}; "
        f"runs: {result['runs'] or 'in the table'}.\n"
    )


def _any(rows: list[dict[str, Any]], key: str) -> bool:
    return any(row.get(key) is not None for row in rows)


def _cell(value: object) -> str:
    return "" if value is None else short(value)


def short(value: object) -> str:
    """Three digits of a number with a fraction, thousands in full; all else as it is."""
    if not isinstance(value, float):
        return str(value)
    return f"{value:.0f}" if value >= 1000 else f"{value:.3g}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"
