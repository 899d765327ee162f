"""The benchmark scripts: all on the page, and the metrics' reference agrees with the metrics."""

from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).resolve().parents[2]


def test_every_script_is_there_and_has_its_section_on_the_page():
    from benchmarks import page, run_all

    assert set(run_all.SCRIPTS) == set(page.TITLES)
    for script in run_all.SCRIPTS:
        assert (ROOT / "benchmarks" / f"{script}.py").is_file()


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
