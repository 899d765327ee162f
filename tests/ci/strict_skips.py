"""`pytest --strict-skips`: a test that is skipped for a reason that no setting allows has failed.

The reasons that are allowed are regular expressions, one a line, in `allowed_skips` of
`pyproject.toml`. CI runs with it, so that nothing is skipped without a word.
"""

import re
from collections.abc import Generator

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("allowed_skips", "reasons for which CI may skip a test", type="linelist")
    parser.addoption("--strict-skips", action="store_true", help="other skips are failures")


def _judge(report: pytest.TestReport | pytest.CollectReport, config: pytest.Config) -> None:
    """Turn a skip into a failure unless its reason is allowed."""
    if not config.getoption("--strict-skips") or report.outcome != "skipped":
        return
    if hasattr(report, "wasxfail") or not isinstance(report.longrepr, tuple):
        return
    reason = report.longrepr[2].removeprefix("Skipped: ")
    if any(re.search(allowed, reason) for allowed in config.getini("allowed_skips")):
        return
    report.outcome = "failed"
    report.longrepr = f"{report.nodeid}: skipped, and allowed_skips does not allow it: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _judge(report, item.config)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _judge(report, collector.config)
    return report
