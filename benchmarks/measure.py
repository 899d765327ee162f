"""What all benchmarks share: interleaved timing, the machine's name, results as JSON."""

import argparse
import os
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from pipeline import memory
from pipeline.files import write_json

RESULTS = Path(__file__).parent / "results"
Row = dict[str, Any]


def arguments(description: str | None, runs: int) -> argparse.Namespace:
    """Parse `--runs`, prepare memory as every stage does, and seed."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--runs", type=int, default=runs, help="timed runs of each (%(default)s)")
    parser.add_argument("--tiny", action="store_true", help="only try the script, at a tiny size")
    given = parser.parse_args()
    memory.prepare()
    torch.manual_seed(0)
    return given


def interleaved(runs: int, *functions: Callable[[], object]) -> list[float]:
    """Median seconds of each function, called by turns after one call to warm up."""
    for function in functions:
        function()
    times: list[list[float]] = [[] for _ in functions]
    for _ in range(runs):
        for function, seconds in zip(functions, times, strict=True):
            start = time.perf_counter()
            function()
            seconds.append(time.perf_counter() - start)
    return [statistics.median(seconds) for seconds in times]


def relative_error(found: Tensor, truth: Tensor) -> float:
    """Norm of the difference over the norm of the truth, in float64."""
    return float((found.double() - truth.double()).norm() / truth.double().norm())


def machine() -> dict[str, str | int | float]:
    """What the numbers were measured on."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count() or 0,
        "threads": torch.get_num_threads(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "load": round(os.getloadavg()[0], 1),
        "system": platform.system(),
        "torch": torch.__version__,
    }


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def compare(what: str, before: float, after: float, error: float | None = None) -> Row:
    """One row: seconds of the direct version and of ours, their ratio, the error of ours."""
    return {"what": what, "before_s": before, "after_s": after, "ratio": before / after,
            "relative_error": error}  # fmt: skip


def save(name: str, rows: list[Row], note: str, runs: int, tiny: bool) -> None:
    """Print the rows and the machine; write them to `results/name.json` unless `tiny`."""
    print(f"{name}: {note}")
    for row in rows:
        print("  " + ", ".join(f"{key} {_short(value)}" for key, value in row.items()))
    print("  on " + ", ".join(f"{key} {value}" for key, value in machine().items()))
    if not tiny:
        result = {"note": note, "runs": runs, "machine": machine(), "rows": rows}
        write_json(RESULTS / f"{name}.json", result)


def _short(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
