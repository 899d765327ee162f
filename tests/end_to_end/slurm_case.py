"""A Slurm of one's own: two nodes on the loopback of this machine, daemons in the foreground.

Without cgroups, accounting, systemd or a shared installation: what Debian's `slurm-wlm` and `munge`
bring, configured below a temporary folder.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from clone_case import free_port

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "scancel", "scontrol", "sinfo", "squeue")
NODES = ("n1", "n2")

CONFIGURATION = """
ClusterName=loopback
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool.%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
OverTimeLimit=0
SchedulerParameters=batch_sched_delay=1
MpiDefault=none
{nodes}
PartitionName=all Nodes=n[1-2] Default=YES MaxTime=INFINITE State=UP
"""


def missing() -> list[str]:
    """Programs that are not installed."""
    return [name for name in PROGRAMS if _find(name) is None]


def _find(program: str) -> str | None:
    """Where it is; those who may not start daemons have no /usr/sbin on their path."""
    return shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


class Slurm:
    """Started with the context, ended with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started: list[subprocess.Popen] = []
        self.file = folder / "slurm.conf"

    def environment(self) -> dict[str, str]:
        """For Slurm's commands."""
        return {"SLURM_CONF": str(self.file)}

    def _start(self, name: str, program: str, *arguments: str) -> None:
        command = [str(_find(program)), *arguments]
        with (self.folder / f"{name}.out").open("w") as out:
            self.started.append(subprocess.Popen(
                command, env=os.environ | self.environment(), stdout=out, stderr=out,
                stdin=subprocess.DEVNULL, start_new_session=True,
            ))  # fmt: skip

    def _configure(self) -> None:
        user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True)
        nodes = "\n".join(
            f"NodeName={name} NodeHostname={socket.gethostname()} NodeAddr=127.0.0.1 "
            f"Port={free_port()} CPUs=1 RealMemory=2000 State=UNKNOWN"
            for name in NODES
        )
        self.file.write_text(CONFIGURATION.format(
            host=socket.gethostname(), controller=free_port(), user=user.stdout.strip(),
            folder=self.folder, nodes=nodes,
        ))  # fmt: skip
        for name in ("state", *(f"spool.{node}" for node in NODES)):
            (self.folder / name).mkdir()

    def __enter__(self) -> "Slurm":
        try:
            self._start_all()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start_all(self) -> None:
        self.folder.mkdir()
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o600)
        self._configure()
        munge = {name: f"{self.folder}/munge.{name}" for name in ("socket", "pid", "log", "seed")}
        self._start(
            "munged", "munged", "--foreground", "--force", f"--key-file={key}",
            f"--socket={munge['socket']}", f"--pid-file={munge['pid']}",
            f"--log-file={munge['log']}", f"--seed-file={munge['seed']}",
        )  # fmt: skip
        self.wait(lambda: Path(munge["socket"]).exists(), "munged does not answer")
        self._start("slurmctld", "slurmctld", "-D", "-i", "-f", str(self.file))
        for node in NODES:
            self._start(f"slurmd.{node}", "slurmd", "-D", "-N", node, "-f", str(self.file))
        self.wait(lambda: self.command("sinfo", "-h", "-o", "%T").split() == ["idle"], "no nodes")

    def command(self, *words: str) -> str:
        """What one of Slurm's commands prints."""
        told = subprocess.run(
            words, env=os.environ | self.environment(), capture_output=True, text=True, check=False
        )
        return told.stdout

    def log(self) -> str:
        """What the controller has told."""
        return (self.folder / "slurmctld.log").read_text(errors="replace")

    def wait(self, ready: Callable[[], bool], what: str) -> None:
        """Wait for something, a minute at most."""
        end = time.monotonic() + 60
        while not ready():
            told = "\n".join(
                f"{file.name}: {file.read_text(errors='replace')[-2000:]}"
                for file in sorted([*self.folder.glob("*.out"), *self.folder.glob("*.log")])
            )
            assert time.monotonic() < end, f"{what}\n{told}"
            time.sleep(0.2)

    def __exit__(self, *_: object) -> None:
        self.command("scancel", "--user", str(os.getuid()))
        with suppress(AssertionError):
            self.wait(lambda: not self.command("squeue", "-h").strip(), "jobs are left")
        for process in reversed(self.started):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for process in self.started:
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
