"""Which of several processes of one stage this is, where a training is shared out.

Fabric's launcher, torchrun and Slurm's `srun` say so in the environment, before anything has
started. The first writes, logs and prints; the others only compute.
"""

import os

_NAMES = ("RANK", "LOCAL_RANK", "SLURM_PROCID")
"""RANK counts over all machines; Slurm's is also set where Slurm starts one process."""


def rank() -> int:
    """This process among those of its stage, from 0."""
    given = [os.environ[name] for name in _NAMES if os.environ.get(name)]
    return int(given[0]) if given else 0


def first() -> bool:
    """Whether this is the process that writes, logs and prints."""
    return rank() == 0


def launched() -> tuple[int, int]:
    """Processes that torchrun or `srun` started for this stage, and on how many machines.

    A job of Slurm that runs one command, without `srun`, is one process.
    """
    if "TORCHELASTIC_RUN_ID" in os.environ:
        return int(os.environ["WORLD_SIZE"]), int(os.environ["GROUP_WORLD_SIZE"])
    tasks, nodes = (os.environ.get(f"SLURM_STEP_NUM_{what}") or "1" for what in ("TASKS", "NODES"))
    return int(tasks), int(nodes)
