"""One job of Slurm: the file that `--slurm` names, and the script around the job's worker."""

from __future__ import annotations

import shlex
import sys
from datetime import timedelta
from pathlib import Path

from pydantic import Field, PositiveInt

from pipeline.params import read_section
from pipeline.params.base import Section
from pipeline.stage.errors import UserError


class JobParams(Section):
    """The file that `--slurm` names.

    Attributes:
        jobs: workers, each a job; one that ends is followed by another.
        folder: where each job makes its clone, on a disk of its node or on a shared one.
        queue: Slurm's partition.
        walltime: of a job, as `HH:MM:SS`.
        cores: of a job; one stage runs in it, with the threads that params.yaml gives it.
        memory: of a job, e.g. `16GB`.
        gpus: of a job.
        directives: further lines for sbatch, e.g. `--account=x`.
        interface: of the network, e.g. `ib0`, where the default is not the one that nodes reach.
        patience: seconds before the walltime at which a worker gives its stage back.
    """

    jobs: PositiveInt
    folder: Path
    queue: str | None = None
    walltime: str = Field(default="01:00:00", pattern=r"^\d+:\d\d:\d\d$")
    cores: PositiveInt = 2
    memory: str = "8GB"
    gpus: int = Field(default=0, ge=0)
    directives: tuple[str, ...] = ()
    interface: str | None = None
    patience: PositiveInt = 60

    @property
    def lifetime(self) -> int:
        """Seconds that a worker works."""
        hours, minutes, seconds = map(int, self.walltime.split(":"))
        whole = timedelta(hours=hours, minutes=minutes, seconds=seconds).total_seconds()
        return max(10, int(whole) - self.patience)


def read(file: Path) -> JobParams:
    """Read the file. Raises UserError with its first wrong key."""
    if not file.is_file():
        raise UserError(f"--slurm {file}: no such file")
    return read_section(file, JobParams)


def prologue(folder: Path, project: Path, remote: tuple[str, str]) -> list[str]:
    """Lines of the job's script before its worker starts: a clone that goes with the job.

    Args:
        folder: where to make it.
        project: what to clone, with DVC's settings.
        remote: name and address of DVC's default remote; one that is a relative path there would
            be another folder in the clone.
    """
    root, parent = shlex.quote(str(project)), shlex.quote(str(folder))
    dvc = [sys.executable, "-m", "dvc", "remote", "modify", "--quiet", "--local"]
    return [
        f"mkdir -p {parent} && job=$(mktemp -d {parent}/ivif-bench-$SLURM_JOB_ID-XXXX) || exit 1",
        # again while a stage that is just ending still writes
        "trap 'cd /; for n in 1 2 3 4 5; do rm -rf \"$job\" && break; sleep 1; done' EXIT",
        f'git clone --quiet --shared {root} "$job/clone" && cd "$job/clone" || exit 1',
        f"for file in config config.local; do cp {root}/.dvc/$file .dvc/ 2>/dev/null; done",
        f"{shlex.join([*dvc, remote[0], 'url', remote[1]])} || exit 1",
        "export PYTHONPATH=.",
    ]
