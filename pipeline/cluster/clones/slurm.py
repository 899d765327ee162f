"""Workers as jobs of Slurm, by Dask-Jobqueue; each job works in a fresh clone."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from distributed import Client

from pipeline.cluster.clones import exchange, job
from pipeline.cluster.clones.needed import check_remote, check_tracking, default_remote
from pipeline.cluster.clones.remote import Remote
from pipeline.cluster.machine import Machine
from pipeline.cluster.settings import settings
from pipeline.params import RuntimeParams
from pipeline.stage.errors import UserError

LOGS = Path("logs") / "slurm"
"""What jobs print, a file each."""
SETTINGS: dict[str, object] = {
    "distributed.scheduler.allowed-failures": 1000,  # a job at its walltime is no failure
}
"""Of Dask's scheduler."""


def _check_committed() -> None:
    """Raise UserError if jobs would run other code than what is here."""
    command = ["git", "status", "--porcelain", "--", "pipeline", "fusion", "segmentation"]
    told = subprocess.run([*command, "dvc.yaml"], capture_output=True, text=True, check=True)
    if told.stdout.strip():
        raise UserError(
            f"{told.stdout.split()[1]}: changed since the last commit, and jobs work in clones "
            "of what is committed: commit it"
        )


def check_job(file: Path, script: str) -> None:
    """Raise UserError with Slurm's word if it would not take a job, or does not answer."""
    told = subprocess.run(
        ["sbatch", "--test-only"], input=script, capture_output=True, text=True, check=False
    )
    if told.returncode:
        reason = (told.stderr.strip() or f"code {told.returncode}").splitlines()[-1]
        raise UserError(f"--slurm {file}: no such job can be ({reason})")


def _over(jobs: set[str]) -> bool:
    """Whether none of these jobs waits or runs; Slurm's silence is not their end."""
    asked = ["squeue", "--noheader", "--format=%A", f"--user={os.getuid()}"]
    told = subprocess.run(asked, capture_output=True, text=True, check=False)
    return told.returncode == 0 and not jobs & set(told.stdout.split())


def _last_word(jobs: set[str]) -> str:
    """The last line that one of these jobs printed, with its file; empty if none did."""
    for file in sorted(LOGS.glob("*.err")):
        printed = file.read_text(encoding="utf-8", errors="replace").strip()
        if printed and file.stem.rpartition("-")[2] in jobs:
            return f"; {file}: {printed.splitlines()[-1]}"
    return ""


def await_first(cluster: Any, client: Client) -> None:
    """Wait until a job has become a worker. Raises UserError if all ended before they had."""

    def came() -> bool:
        return bool(client.scheduler_info(n_workers=-1)["workers"])

    print(f"waiting for Slurm to start a job; {LOGS} keeps what jobs print", flush=True)
    while not came():
        jobs = {one.job_id for one in cluster.workers.values() if one.job_id}
        if jobs and _over(jobs) and not came():
            raise UserError(f"--slurm: all jobs ended before a worker was there{_last_word(jobs)}")
        time.sleep(1)


class Slurm(Remote):
    """Workers that Slurm starts, one a job.

    Args:
        file: see `job.JobParams`.
        runtime: as for `Remote`.
    """

    def __init__(self, file: Path, runtime: RuntimeParams) -> None:
        if find_spec("dask_jobqueue") is None:
            raise UserError("Dask-Jobqueue is not installed; pip install -e '.[cluster]' brings it")
        super().__init__("slurm", runtime)
        self.file, self.params = file, job.read(file)

    def prepare(self) -> None:
        """Check what can be checked from here; run the stage that each clone runs for itself."""
        if shutil.which("sbatch") is None:
            raise UserError(f"--slurm {self.file}: no sbatch here; run it where jobs are submitted")
        check_tracking()
        check_remote()
        _check_committed()
        exchange.dvc("repro", "-s", exchange.CODE)

    def _arguments(self) -> dict[str, Any]:
        """Dask-Jobqueue's for the jobs."""
        params = self.params
        gpus = [f"--gres=gpu:{params.gpus}"] if params.gpus else []
        return {
            "queue": params.queue,
            "walltime": params.walltime,
            "cores": 1,  # of Dask's, a stage at a time
            "processes": 1,
            "job_cpu": params.cores,
            "memory": params.memory,
            "interface": params.interface,
            "python": shlex.quote(sys.executable),
            "job_name": "ivif-bench",
            "scheduler_options": {"dashboard_address": ":0"},  # any port that is free
            "local_directory": '"$job"',
            "log_directory": str(LOGS.absolute()),
            "job_extra_directives": [*gpus, *params.directives],
            "job_script_prologue": job.prologue(params.folder, Path.cwd(), default_remote()),
            "worker_extra_args": ["--lifetime", f"{params.lifetime}s", "--memory-limit", "0"],
        }

    @contextmanager
    def workers(self) -> Iterator[Client]:
        """A client of workers that come as Slurm starts them.

        Raises:
            UserError: Slurm takes no such job, or none became a worker.
        """
        from dask_jobqueue import SLURMCluster

        with (
            settings(SETTINGS),
            SLURMCluster(**self._arguments()) as cluster,
            Client(cluster) as client,
        ):
            check_job(self.file, cluster.job_script())
            client.register_plugin(Machine(each=max(1, self.params.gpus)))
            cluster.adapt(minimum_jobs=self.params.jobs, maximum_jobs=self.params.jobs)
            await_first(cluster, client)
            yield client
