"""What all benchmarks share: interleaved timing, the machine's name, results as JSON."""

import argparse
import os
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from benchmarks.page import short
from pipeline.images.whole import write_json
from pipeline.stage import process

RESULTS = Path(__file__).parent / "results"
Row = dict[str, Any]


def arguments(description: str | None, runs: int) -> argparse.Namespace:
    """Parse `--runs`, set the process up as every stage does, and seed."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--runs", type=int, default=runs, help="timed runs of each (%(default)s)")
    parser.add_argument("--tiny", action="store_true", help="only try the script, at a tiny size")
    given = parser.parse_args()
    process.set_up()
    torch.manual_seed(0)
    return given


class Timed(NamedTuple):
    """Median seconds of a function's calls, and what the last of them returned."""

    seconds: float
    result: Any


def interleaved(runs: int, *functions: Callable[[], object], settle: float = 0) -> list[Timed]:
    """Time functions, called by turns `runs` times.

    A turn is calls that are not counted, one and as many as start within `settle` seconds, and one
    that is. Images and steps come one after another; a call after another function's finds neither
    its memory nor its caches as it left them, and it can take three calls until it has them again.
    """
    seconds: list[list[float]] = [[] for _ in functions]
    results: list[object] = [None] * len(functions)
    for _ in range(runs):
        for index, function in enumerate(functions):
            results[index] = None  # its memory is free again, as it is in a network
            settled = time.perf_counter() + settle
            function()
            while time.perf_counter() < settled:
                function()
            start = time.perf_counter()
            results[index] = function()
            seconds[index].append(time.perf_counter() - start)
    return [
        Timed(statistics.median(times), result)
        for times, result in zip(seconds, results, strict=True)
    ]


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


def compare(what: str, before: Timed, after: Timed, error: float | None = None) -> Row:
    """One row: seconds of the direct version and of ours, their ratio, the error of ours."""
    return {"what": what, "before_s": before.seconds, "after_s": after.seconds,
            "ratio": before.seconds / after.seconds, "relative_error": error}  # fmt: skip


def save(name: str, rows: list[Row], note: str, runs: int, tiny: bool) -> None:
    """Print the rows and the machine; write them to `results/name.json` unless `tiny`."""
    print(f"{name}: {note}")
    for row in rows:
        print("  " + ", ".join(f"{key} {short(value)}" for key, value in row.items()))
    print("  on " + ", ".join(f"{key} {value}" for key, value in machine().items()))
    if not tiny:
        result = {"note": note, "runs": runs, "machine": machine(), "rows": rows}
        write_json(RESULTS / f"{name}.json", result)
