"""Workers as jobs of Slurm, by Dask-Jobqueue; each job works in a fresh clone."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

import dask
import yaml
from distributed import Client
from pydantic import Field, PositiveInt, ValidationError

from pipeline.cluster.clones import exchange
from pipeline.cluster.clones.remote import Remote, check_tracking, default_remote
from pipeline.cluster.machine import Machine
from pipeline.params import RuntimeParams
from pipeline.params.base import Section
from pipeline.stage.errors import UserError

_SETTINGS: dict[str, object] = {
    "distributed.scheduler.worker-ttl": None,
    "distributed.scheduler.allowed-failures": 1000,  # a job at its walltime is no failure
}


class SlurmParams(Section):
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


def read(file: Path) -> SlurmParams:
    """Read the file. Raises UserError with its first wrong key."""
    try:
        return SlurmParams.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")) or {})
    except FileNotFoundError:
        raise UserError(f"--slurm {file}: no such file") from None
    except yaml.YAMLError as error:
        raise UserError(f"--slurm {file}: not YAML: {' '.join(str(error).split())}") from None
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        raise UserError(f"{file}: {key}: {first['msg']}, found {first['input']!r}") from None


def prologue(params: SlurmParams, project: Path) -> list[str]:
    """Lines of the job's script before its worker starts: a clone that goes with the job."""
    root, parent = shlex.quote(str(project)), shlex.quote(str(params.folder))
    return [
        f"mkdir -p {parent} && job=$(mktemp -d {parent}/ivif-bench-XXXXXXXX) || exit 1",
        "trap 'cd / && rm -rf \"$job\"' EXIT",
        f'git clone --quiet {root} "$job/clone" && cd "$job/clone" || exit 1',
        f"for file in config config.local; do cp {root}/.dvc/$file .dvc/ 2>/dev/null; done",
        "export PYTHONPATH=.",
    ]


class Slurm(Remote):
    """Workers that Slurm starts, one a job.

    Args:
        file: see `SlurmParams`.
        runtime: as for `Remote`.
    """

    def __init__(self, file: Path, runtime: RuntimeParams) -> None:
        if find_spec("dask_jobqueue") is None:
            raise UserError("Dask-Jobqueue is not installed; pip install -e '.[cluster]' brings it")
        super().__init__("slurm", runtime)
        self.params = read(file)

    def prepare(self) -> None:
        """Check what can be checked from here; run the stage that each clone runs for itself."""
        check_tracking()
        default_remote()
        command = ["git", "status", "--porcelain", "--", "pipeline", "fusion", "segmentation"]
        told = subprocess.run([*command, "dvc.yaml"], capture_output=True, text=True, check=True)
        if told.stdout.strip():
            raise UserError(
                f"{told.stdout.split()[1]}: changed since the last commit, and jobs work in clones "
                "of what is committed: commit it"
            )
        exchange.dvc("repro", "--quiet", "-s", exchange.CODE)

    @contextmanager
    def workers(self) -> Iterator[Client]:
        """A client of workers that come as Slurm starts them."""
        from dask_jobqueue import SLURMCluster

        params = self.params
        gpus = [f"--gres=gpu:{params.gpus}"] if params.gpus else []
        with (
            dask.config.set(_SETTINGS),
            SLURMCluster(
                queue=params.queue,
                walltime=params.walltime,
                cores=1,  # of Dask's, a stage at a time
                processes=1,
                job_cpu=params.cores,
                memory=params.memory,
                interface=params.interface,
                python=sys.executable,
                job_name="ivif-bench",
                log_directory=str(Path("logs", "slurm").absolute()),
                job_extra_directives=[*gpus, *params.directives],
                job_script_prologue=prologue(params, Path.cwd()),
                worker_extra_args=["--lifetime", f"{params.lifetime}s", "--memory-limit", "0"],
            ) as cluster,
            Client(cluster) as client,
        ):
            client.register_plugin(Machine(each=max(1, params.gpus)))
            cluster.adapt(minimum_jobs=params.jobs, maximum_jobs=params.jobs)
            yield client
