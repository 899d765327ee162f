"""`make bench`: run every benchmark and write docs/performance.md, in some twenty minutes.

With `--full` the slow ones get five runs too, which takes about an hour.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.page import page
from pipeline.images.whole import write_text

# In the order of the page; the first results are there early.
SCRIPTS = (
    "lite", "layer", "growth", "network", "memory", "training", "segmentation", "metrics", "start",
    "opening", "roofline",
)  # fmt: skip
SLOW = ("network", "training")
"""Scripts whose direct version takes minutes; of their own they run it once or a few times."""
RESULTS = Path(__file__).parent / "results"
PAGE = Path(__file__).parents[1] / "docs" / "performance.md"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("only", nargs="*", choices=[*SCRIPTS, []], help="these instead of all")
    parser.add_argument("--full", action="store_true", help="5 runs of the slow ones too: an hour")
    parser.add_argument("--tiny", action="store_true", help="only try the scripts; write nothing")
    given = parser.parse_args()
    start = time.monotonic()
    for script in given.only or SCRIPTS:
        command = [sys.executable, "-m", f"benchmarks.{script}"]
        command += ["--runs=5"] * (given.full and script in SLOW)
        subprocess.run(command + ["--tiny", "--runs=1"] * given.tiny, check=True)
        print(f"  {time.monotonic() - start:.0f} s so far", flush=True)
    if not given.tiny:
        write_text(PAGE, page(PAGE.read_text(encoding="utf-8"), read_results()))


def read_results() -> dict[str, Any]:
    """What the scripts left, by their names; those that have not run are absent."""
    files = {script: RESULTS / f"{script}.json" for script in SCRIPTS}
    return {name: json.loads(file.read_text()) for name, file in files.items() if file.exists()}


if __name__ == "__main__":
    main()
