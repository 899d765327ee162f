"""How long something takes, run again and again."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import torch

from fusion.cost.peak_memory import wait

WARM_UP = 2
REPEATS = 20
FEWEST = 3
BUDGET = 10.0
"""Seconds after which no further run starts, once there are `FEWEST`; a longer run counts."""
LONGEST = 60.0
"""Seconds after which no further run starts, once there is one."""


def timed(run: Callable[[], object], device: torch.device) -> dict[str, float]:
    """Time of a run, milliseconds: median and quartiles over the runs after a warm-up.

    On a GPU until its work is done, with the launches of its kernels.

    Returns:
        `median_ms`, `low_ms`, `high_ms`, and how many `runs`.
    """
    started = time.perf_counter()
    times: list[float] = []
    for index in range(WARM_UP + REPEATS):
        wait(device)
        start = time.perf_counter()
        run()
        wait(device)
        now = time.perf_counter()
        if index >= WARM_UP or now - start > BUDGET:
            times.append(1000 * (now - start))
        limit = BUDGET if len(times) >= FEWEST else LONGEST
        if times and now - started > limit:
            break
    low, median, high = np.quantile(times, (0.25, 0.5, 0.75)).tolist()
    return {"median_ms": median, "low_ms": low, "high_ms": high, "runs": len(times)}
