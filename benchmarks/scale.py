"""How long a large comparison takes on 1 to 64 workers, from the times of stages that ran.

`python -m benchmarks.scale` plans 43 methods × 3 seeds × 2 networks: DVC's own graph, each stage
taking what its like took in the run of `benchmarks/stage_seconds.json`, or in one of your own
(`--times logs/stage-seconds.json`, which `pipeline.run` leaves). It is a simulation: stages never
wait for disk, network or DVC's lock beyond what they did in that run. It writes docs/scale.md.
"""

import argparse
import heapq
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from benchmarks.page import table
from pipeline.cluster import graph
from pipeline.cluster.graph import Task
from pipeline.cluster.outcome import clock
from pipeline.cluster.times import Times
from pipeline.images.whole import write_text

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "scale.md"
MEASURED = Path(__file__).parent / "stage_seconds.json"
WORKERS = (1, 2, 4, 8, 16, 32, 64)
METHODS, SEEDS, NETWORKS = 43, (0, 1, 2), ("deeplabv3", "segformer")


class Plan(NamedTuple):
    """What a number of workers makes of a graph.

    Attributes:
        workers: stages at a time, a machine each.
        seconds: from the first start to the last end.
        idle: share of the workers' time in which they have nothing to do.
    """

    workers: int
    seconds: float
    idle: float


def simulate(tasks: list[Task], seconds: dict[str, float], workers: int) -> Plan:
    """Start each stage when what it needs has ended and a worker is free, longest chain first."""
    chain = Times(seconds).paths(tasks)
    waiting = {task.stage: len(task.needs) for task in tasks}
    then: dict[str, list[str]] = {task.stage: [] for task in tasks}
    for task in tasks:
        for need in task.needs:
            then[need].append(task.stage)
    ready = [(-chain[stage], stage) for stage, count in waiting.items() if not count]
    heapq.heapify(ready)
    running: list[tuple[float, str]] = []
    now = 0.0
    while ready or running:
        while ready and len(running) < workers:
            stage = heapq.heappop(ready)[1]
            heapq.heappush(running, (now + seconds[stage], stage))
        now, ended = heapq.heappop(running)
        for stage in then[ended]:
            waiting[stage] -= 1
            if not waiting[stage]:
                heapq.heappush(ready, (-chain[stage], stage))
    return Plan(workers, now, 1 - sum(seconds.values()) / (workers * now))


def _params(measured: list[str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Params of the large comparison, and which measured method each of its own is like."""
    like = {f"m{number:02}": measured[number % len(measured)] for number in range(METHODS)}
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    params["fusion"]["methods"] = {name: {"type": "average"} for name in like}
    params["segmentation"] |= {"seeds": list(SEEDS), "networks": {name: {} for name in NETWORKS}}
    return params, like


def _graph(params: dict[str, Any]) -> list[Task]:
    """DVC's graph of these params, of which nothing has run."""
    with tempfile.TemporaryDirectory() as folder:
        for command in (["git", "init", "--quiet"], [sys.executable, "-m", "dvc", "init", "-q"]):
            subprocess.run(command, cwd=folder, check=True)
        write_text(Path(folder) / "dvc.yaml", (ROOT / "dvc.yaml").read_text(encoding="utf-8"))
        write_text(Path(folder) / "params.yaml", yaml.safe_dump(params, sort_keys=False))
        before = Path.cwd()
        os.chdir(folder)
        try:
            return graph.read()[0]
        finally:
            os.chdir(before)


def _seconds(task: Task, like: dict[str, str], measured: Times) -> float:
    """Mean of the measured stages of this one's group and of the method that it is like."""
    group, _, item = task.stage.partition("@")
    method = next((like[part] for part in item.split("-") if part in like), "")
    found = [
        seconds
        for name, seconds in measured.seconds.items()
        if name.partition("@")[0] == group
        and (not method or method in name.split("@")[1].split("-"))
    ]
    if not found:
        raise SystemExit(f"no stage like {task.stage} among the measured ones")
    return sum(found) / len(found)


def _limit(plan: Plan, longest: float) -> str:
    """What keeps the time of a plan from falling."""
    return "the longest chain" if plan.seconds < 1.1 * longest else "the work"


def longest_chain(tasks: list[Task], seconds: dict[str, float]) -> list[str]:
    """Stages of the longest chain, in their order."""
    left, chain = Times(seconds).paths(tasks), list[str]()
    ready = [task for task in tasks if not task.needs]
    while ready:
        chain.append(max(ready, key=lambda task: left[task.stage]).stage)
        ready = [task for task in tasks if chain[-1] in task.needs]
    return chain


def _plans(tasks: list[Task], seconds: dict[str, float]) -> list[dict[str, Any]]:
    """A row a number of workers."""
    plans = [simulate(tasks, seconds, workers) for workers in WORKERS]
    longest = max(Times(seconds).paths(tasks).values())
    return [
        {
            "workers": plan.workers,
            "time": clock(plan.seconds),
            "times as fast": f"{plans[0].seconds / plan.seconds:.1f}",
            "idle, %": f"{100 * plan.idle:.0f}",
            "limited by": _limit(plan, longest),
        }
        for plan in plans
    ]


def _work(tasks: list[Task], seconds: dict[str, float]) -> list[dict[str, Any]]:
    """A row a group of stages."""
    groups: dict[str, list[float]] = {}
    for task in tasks:
        groups.setdefault(task.group, []).append(seconds[task.stage])
    everything = sum(seconds.values())
    return [
        {"stage": group, "how many": len(each), "seconds each": f"{sum(each) / len(each):.1f}",
         "of all, %": f"{100 * sum(each) / everything:.0f}"}
        for group, each in groups.items()
    ]  # fmt: skip


def text(measured: Times, where: str) -> str:
    """The page, from the seconds of stages that ran and what they were measured on."""
    fused = [name.split("@")[1] for name in measured.seconds if name.startswith("fuse@")]
    params, like = _params(sorted(fused))
    tasks = _graph(params)
    seconds = {task.stage: _seconds(task, like, measured) for task in tasks}
    chain = longest_chain(tasks, seconds)
    took, all_took = (clock(sum(map(seconds.get, each))) for each in (chain, seconds))
    slowest = max(chain, key=lambda stage: seconds[stage])
    return f"""# A large comparison on 1 to 64 workers

Written by `python -m benchmarks.scale`: {METHODS} methods × {len(SEEDS)} seeds ×
{len(NETWORKS)} networks, DVC's own graph of {len(tasks)} stages, planned by a simulation. Each
stage takes what its like took in {where}.

The methods are taken by turns for those measured there ({", ".join(sorted(fused))}), and both
networks for the one measured there. A worker runs one stage at a time, first of all that with the
most work waiting for it. The simulation knows no network between machines, no checkpoint on its way
and no wait for DVC's lock, and its report takes as long as that of {len(fused)} methods; nothing
of it was run on more than one machine.

{table(_plans(tasks, seconds))}
The longest chain, {took}, is the least that any number of workers takes; all work together is
{all_took}. "The longest chain" limits where the time is within a tenth of it: then more workers
bring nothing, and only its stages matter, of which `{slowest}` is the longest with
{clock(seconds[slowest])}. The chain: {", ".join(f"`{stage}`" for stage in chain)}.

{table(_work(tasks, seconds))}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=Path, help="logs/stage-seconds.json of a run of your own")
    parser.add_argument("--where", default="a run of one's own", help="what that run was")
    given = parser.parse_args()
    content = json.loads((given.times or MEASURED).read_text(encoding="utf-8"))
    if given.times is None:
        write_text(PAGE, text(Times(content["seconds"]), content["measured"]))
        print(f"{PAGE}: written")
    else:
        print(text(Times(content), given.where))


if __name__ == "__main__":
    main()
