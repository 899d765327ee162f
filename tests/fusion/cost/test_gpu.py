"""Cost on a GPU: the bookkeeping against a simulated one, and a real one where there is one."""

import pytest
import torch
from torch import nn

from fusion.cost import measure as cost
from fusion.cost import timing
from fusion.cost.peak_memory import _gpu_peak

CUDA = torch.device("cuda")
MIB = 2**20
needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")


class _Gpu:
    """A GPU that works while its caller goes on, with a clock and an allocator to read."""

    def __init__(self):
        self.clock, self.queued = 0.0, 0.4  # seconds; others left work behind
        self.held = self.peak = 700 * MIB  # weights, images, and what others hold
        self.runs = 0

    def fuse(self, *pair):
        """First run: 3 s and 500 MiB of trials, 10 MiB stay; then 7 ms and 64 MiB each."""
        self.runs += 1
        seconds, megabytes = (3.0, 500) if self.runs == 1 else (0.007, 64)
        self.queued += seconds
        self.held += 10 * MIB * (self.runs == 1)
        self.peak = max(self.peak, self.held + megabytes * MIB)

    def synchronize(self, device):
        self.clock += self.queued
        self.queued = 0.0

    def reset_peak(self, device):
        self.peak = self.held


@pytest.fixture
def gpu(monkeypatch):
    simulated = _Gpu()
    monkeypatch.setattr(torch.cuda, "synchronize", simulated.synchronize)
    monkeypatch.setattr(torch.cuda, "reset_peak_memory_stats", simulated.reset_peak)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda device: simulated.held)
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda device: simulated.peak)
    monkeypatch.setattr(timing.time, "perf_counter", lambda: simulated.clock)
    return simulated


def test_time_is_that_of_the_work_and_not_of_its_launch_nor_of_the_first_runs(gpu):
    found = timing.timed(gpu.fuse, CUDA)
    assert found["runs"] == timing.REPEATS
    assert [found[key] for key in ("low_ms", "median_ms", "high_ms")] == pytest.approx([7, 7, 7])


@pytest.mark.parametrize(("seconds", "runs"), [(4.0, 3), (15.0, 3), (35.0, 2), (93.0, 1)])
def test_slow_runs_are_few(gpu, seconds, runs):
    """Of 4 s: two to warm up and the fewest; of more than the budget none is given away."""

    def slow():
        gpu.queued += seconds

    gpu.queued = 0.0
    found = timing.timed(slow, CUDA)
    assert (found["runs"], found["median_ms"]) == (runs, pytest.approx(1000 * seconds))


def test_peak_counts_what_stays_but_not_what_only_the_first_run_tries(gpu):
    assert _gpu_peak(gpu.fuse, (torch.zeros(1), torch.zeros(1)), CUDA) == (64 + 10) * MIB


class _Network(nn.Module):
    """A convolution, and 64 MiB in passing."""

    def __init__(self):
        super().__init__()
        self.mix = nn.Conv2d(4, 3, 3, padding=1)

    def forward(self, ir, vis):
        passing = torch.ones(64 * MIB // 4, device=ir.device)
        return self.mix(torch.cat((ir, vis), 1)) + passing.sum()


def test_a_measured_network_can_be_trained_again():
    network = _Network()
    cost.measure(network, [(48, 48)])
    network(*cost.example("cpu", (48, 48))).mean().backward()
    assert all(weight.grad is not None for weight in network.parameters())
    assert {weight.device.type for weight in network.parameters()} == {"cpu"}


@needs_gpu
def test_cost_on_a_real_gpu():
    found = cost.measure(_Network(), [(64, 64)])["sizes"]["64x64"]["gpu"]
    assert found["name"] == torch.cuda.get_device_name()
    assert 0 < found["low_ms"] <= found["median_ms"] <= found["high_ms"]
    assert timing.FEWEST <= found["runs"] <= timing.REPEATS
    assert 64 <= found["peak_mib"] < 160
