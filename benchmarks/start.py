"""How long a stage takes to start, and `dvc repro` to find that there is nothing to do."""

import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.measure import Row, arguments, save

STAGES = (
    "pipeline.prepare", "fusion.train", "fusion.fuse", "fusion.evaluate",
    "segmentation.train", "segmentation.evaluate",
)  # fmt: skip
LIMIT_STAGE, LIMIT_REPRO = 4.0, 3.0


def median_seconds(command: list[str], runs: int) -> float:
    """Median wall time of a command, after one to warm up; it must succeed."""
    seconds = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds[1:])


def up_to_date() -> bool:
    """Whether this working copy has been reproduced."""
    command = [sys.executable, "-m", "dvc", "status", "-q"]
    return (
        Path("dvc.lock").exists() and subprocess.run(command, capture_output=True).returncode == 0
    )


def main() -> None:
    given = arguments(__doc__, runs=3)
    stages = STAGES[:1] if given.tiny else STAGES
    rows: list[Row] = [
        {"what": f"python -m {stage} --help", "limit_s": LIMIT_STAGE,
         "seconds": median_seconds([sys.executable, "-m", stage, "--help"], given.runs)}
        for stage in stages
    ]  # fmt: skip
    if not given.tiny and up_to_date():
        seconds = median_seconds([sys.executable, "-m", "dvc", "repro"], given.runs)
        rows.append(
            {"what": "dvc repro, nothing to do", "limit_s": LIMIT_REPRO, "seconds": seconds}
        )
    note = "`--help` imports all that the stage imports; dvc repro only where all is up to date"
    save("start", rows, note, given.runs, given.tiny)


if __name__ == "__main__":
    main()
