"""The benchmark scripts: all on the page, and the metrics' reference agrees with the metrics."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).resolve().parents[2]


def test_every_script_is_there_and_has_its_section_on_the_page():
    from benchmarks import page, run_all

    assert {*run_all.SCRIPTS, "gpu"} == set(page.TITLES)  # that of a GPU writes its own
    for script in page.TITLES:
        assert (ROOT / "benchmarks" / f"{script}.py").is_file()


@pytest.mark.parametrize("name", ["gpu", "layer"])
def test_a_section_is_written_in_its_place_and_the_others_stay(name: str):
    from benchmarks import page

    text = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    title = page.TITLES[name]
    machine = {"cpu": "c", "cores": 1, "threads": 1, "instructions": "i", "torch": "t", "load": 0.1}
    found = []
    for seconds in (1.5, 2.5):
        result = {"note": "note", "runs": 1, "machine": machine, "rows": [{"seconds": seconds}]}
        found.append(page.page(found[-1] if found else text, {name: result}))
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    assert {line for line in found[0].splitlines() if line.startswith("## ")} == {
        *headings, f"## {title}",
    }  # fmt: skip
    assert found[1] == found[0].replace("| 1.5 |", "| 2.5 |")
    assert f"## {title}\n\nNote.\n\n| seconds |\n| --- |\n| 2.5 |\n" in found[1]
    assert page.section_in(found[1], title) == page.section(title, result)
    assert found[1].count(page.by_hand(page.AFTER)) == text.count(page.by_hand(page.AFTER)) == 1


def test_metrics_of_the_shared_script_agree_with_ours():
    from benchmarks import metrics, page

    found = metrics.rows((64, 72), runs=1)
    assert [row["limit_s"] for row in found] == [0.06, 0.06, 1.0]
    assert 0 < found[0]["relative_error"] < 1e-5
    assert "relative error" in page.table(found).splitlines()[0]


def test_a_wrong_metric_shows_in_the_difference():
    from benchmarks import metrics

    ours = {"SD": 2.0, "SSIM": 0.5, "NMI": 9.0}
    assert metrics.difference(ours, {"SD": 2.0, "SSIM": 1.0}) == 0
    assert metrics.difference(ours, {"SD": 2.5, "SSIM": 1.0}) == pytest.approx(0.2)


def test_threads_are_as_before_after_a_measurement_on_one():
    from benchmarks import metrics

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with metrics.one_thread():
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@pytest.mark.slow
def test_the_gpu_script_runs_on_whatever_is_here():
    told = subprocess.run(
        [sys.executable, "-m", "benchmarks.gpu", "--tiny", "--runs", "1"], cwd=ROOT, text=True,
        capture_output=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    for part in ("8→8, 15×15", "LKC-FUNet, 2 crops", "batches in the step, ahead of it", "bf16"):
        assert part in told.stdout
