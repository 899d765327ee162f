"""The allocator, judged from outside by the kernel's own counters."""

import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.stage import allocator

ROOT = Path(__file__).resolve().parents[3]
GLIBC = allocator._library() is not None

FAULTS = """
import resource, sys
import numpy
from pipeline.stage import allocator
if sys.argv[1] == "prepared":
    allocator.prepare()
    allocator.prepare()
elif sys.argv[1] == "set up":
    import fusion
    fusion.set_up_process()
numpy.ones(8_000_000)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    numpy.ones(8_000_000)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""

MEMORY = """
import re
from pathlib import Path
from pipeline.stage import allocator
def used():
    return int(re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
before = used()
allocator.prepare()
print(used() - before)
"""

FLAGS = """
from pathlib import Path
from pipeline.stage import allocator
allocator.prepare()
import torch
x = torch.ones(8_000_000)
areas = Path("/proc/self/smaps").read_text().split("VmFlags:")
print(any("[heap]" in a and " hg" in b.splitlines()[0] for a, b in zip(areas, areas[1:])))
"""


def run(code: str, *arguments: str) -> str:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


@pytest.mark.skipif(not GLIBC, reason="needs glibc")
def test_freed_blocks_are_used_again_without_page_faults() -> None:
    default = int(run(FAULTS, "default"))
    assert default > 1000  # each of the ten arrays is mapped anew
    assert int(run(FAULTS, "prepared")) < default / 100
    assert int(run(FAULTS, "set up")) < default / 100


@pytest.mark.skipif(not GLIBC, reason="needs glibc")
def test_reserves_addresses_only() -> None:
    assert int(run(MEMORY)) < 16 * 1024  # kB


@pytest.mark.skipif(
    not Path("/sys/kernel/mm/transparent_hugepage/enabled").exists(), reason="needs huge pages"
)
def test_tensors_on_the_heap_may_use_huge_pages() -> None:
    assert run(FLAGS).strip() == "True"


def test_does_nothing_without_glibc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allocator.ctypes, "CDLL", lambda _: object())  # musl: no mallopt
    assert allocator.prepare() is False


def test_does_nothing_on_other_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise AssertionError("no library may be touched")

    monkeypatch.setattr(allocator.ctypes, "CDLL", refuse)
    monkeypatch.setattr(allocator.sys, "platform", "darwin")
    assert allocator.prepare() is False
