"""`make setup`: a virtual environment with pinned versions; says what comes and how large it is.

Standard library alone and no syntax newer than Python 3.6: an older one can say what is wrong.
"""

import importlib.util
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

NEEDED = (3, 11)
EXTRAS = ".[dev,export,pretrained,cluster]"
ROOM = {"cuda": 9e9, "cpu": 4e9}
"""Bytes that the download and the environment take at most, with PyTorch for GPUs and without."""
WITH = {
    "cuda": "PyTorch comes for GPUs; without one, make TORCH=cpu takes far less",
    "cpu": "PyTorch comes for the CPU alone",
}
LARGE = 10e6
"""Bytes of a download that is worth a line."""
UNITS = {"kB": 1e3, "MB": 1e6, "GB": 1e9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
DOWNLOAD = re.compile(r"Downloading (\S+) \(([\d.]+) ?(kB|MB|GB|KiB|MiB|GiB)\)")
FAILED = """error: the packages could not be installed; all that was printed is in {}.
Without a network nothing can come; on a full disk, make room. The same command goes on."""


def stop(line):
    """End in one line."""
    print("error: " + line, file=sys.stderr)
    raise SystemExit(2)


def gigabytes(size):
    """Bytes in words."""
    return f"{size / 1e9:.1f} GB"


def taken(folder):
    """Bytes of all files below; of none if it does not exist."""
    return sum(file.lstat().st_size for file in Path(folder).rglob("*"))


def check(folder, torch):
    """Stop at what would fail later."""
    if sys.version_info < NEEDED:
        found = sys.version.split()[0]
        stop(
            f"Python 3.11 or newer is needed, {sys.executable} is {found}; name another one: "
            "make PYTHON=python3.12"
        )
    if importlib.util.find_spec("ensurepip") is None:
        stop("this Python makes no environments; on Debian and Ubuntu: apt install python3-venv")
    if torch not in ROOM:
        stop(f"TORCH={torch}: allowed are {', '.join(ROOM)}")
    free, room = shutil.disk_usage(".").free, ROOM[torch]
    if free + taken(folder) < room:  # what is there already is not needed again
        stop(f"{folder}: {gigabytes(free)} free here, up to {gigabytes(room)} are needed")


def run(command, log):
    """Run an installer: what is large is told, all is kept in the log. Returns bytes that came."""
    size = 0.0
    with log.open("a") as kept, subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True
    ) as process:  # fmt: skip
        for line in process.stdout:
            kept.write(line)
            found = DOWNLOAD.search(line)
            if found:
                own = float(found.group(2)) * UNITS[found.group(3)]
                size += own
                if own >= LARGE:
                    print("  " + line.strip(), flush=True)
    if process.returncode:
        lines = log.read_text().splitlines()
        print("\n".join(line for line in lines if "error" in line.lower())[-1500:], file=sys.stderr)
        print(FAILED.format(log), file=sys.stderr)
        raise SystemExit(2)
    return size


def main(folder, torch):
    """Make the environment `folder` with PyTorch for `torch`: `cuda` or `cpu`."""
    check(folder, torch)
    start, log = time.monotonic(), Path(folder) / "install.log"
    print(f"Installing pinned packages into {folder}: minutes. {WITH[torch]}.", flush=True)
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    log.write_text("")
    python = str(Path(folder) / "bin" / "python")
    pip = [python, "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off"]
    wanted = ["-c", "constraints.txt", "-e", EXTRAS]
    if torch == "cuda":
        size = run([*pip, *wanted], log)
    else:
        size = run([*pip, "uv"], log)  # it knows where PyTorch for the CPU is
        uv = [python, "-m", "uv", "pip", "install", "--python", python, "--torch-backend", "cpu"]
        size += run([*uv, *wanted], log)
    disk = taken(folder)
    minutes, seconds = divmod(round(time.monotonic() - start), 60)
    took = f"{minutes}:{seconds:02}"
    print(f"Installed in {took}: {gigabytes(size)} came, {gigabytes(disk)} in {folder}.")


if __name__ == "__main__":
    main(*sys.argv[1:])
