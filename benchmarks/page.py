"""docs/performance.md out of the results of the benchmarks."""

from typing import Any

INTRODUCTION = """# Performance

Written by `make bench`, which takes a quarter of an hour, or `python -m benchmarks.run_all --full`,
an hour, with five runs of what takes minutes; each number is from the machine named with it. A
ratio is the time of the plain version over that of the project's, both in one process by turns,
the median of the runs given. `python -m benchmarks.NAME --runs 9` repeats one of them.

How it works: large dense kernels are computed in the frequency domain, over overlapping tiles,
with every transform a product of matrices (`fusion/layers/frequency.py`). `conv: auto` takes
this way where it needs 8 times fewer multiplications, which is where it starts to be faster.
Networks run with the channels innermost, and freed memory is kept for the next tensor
(`pipeline/stage/allocator.py`). Stages that do not depend on each other can run side by side:
`make repro JOBS=2`, or `python -m pipeline.run --jobs 2`. `segmentation.threads` and
`fusion.training.threads` say how many cores each takes, not the environment. Small networks gain by
it: two stages of one thread do more than one stage of two.
"""

TITLES = {
    "lite": "Fusion in real time",
    "layer": "One layer",
    "growth": "How the cost grows with image and kernel",
    "network": "LKC-FUNet, forward",
    "memory": "Memory of a forward pass",
    "training": "LKC-FUNet, training step",
    "segmentation": "Segmentation, training step",
    "metrics": "Fusion metrics of a pair",
    "start": "The pipeline itself",
    "roofline": "What bounds a layer",
}


def page(results: dict[str, Any]) -> str:
    """The whole page.

    Args:
        results: content of the JSON files by the benchmark's name.
    """
    sections = [INTRODUCTION]
    for name, title in TITLES.items():
        if name in results:
            result = results[name]
            body = growth(result["rows"]) if name == "growth" else table(result["rows"])
            sections.append(
                f"## {title}\n\n{_capital(result['note'])}.\n\n{body}\n{_under(result)}"
            )
    return "\n".join(sections)


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
