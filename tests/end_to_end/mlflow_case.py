"""A real `mlflow server`, and its pages in a browser."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from clone_case import free_port

PATIENCE = 120
SIZE = {"width": 2400, "height": 2000, "deviceScaleFactor": 1, "mobile": False}
"""Of the window; large, for MLflow draws only what is in sight."""


def wait_until_healthy(uri: str, process: subprocess.Popen, log: Path) -> None:
    for _ in range(2 * PATIENCE):
        assert process.poll() is None, log.read_text()[-4000:]
        try:
            assert urlopen(f"{uri}/health", timeout=5).read() == b"OK"
        except (URLError, TimeoutError):
            time.sleep(0.5)
        else:
            return
    pytest.fail(f"the server does not answer: {log.read_text()[-4000:]}")


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Address of an MLflow server on SQLite that keeps everything in a folder."""
    port, log = free_port(), folder / "server.log"
    command = [
        sys.executable, "-m", "mlflow", "server", "--port", str(port), "--workers", "1",
        "--backend-store-uri", f"sqlite:///{folder}/mlflow.db",
        "--artifacts-destination", str(folder / "artifacts"),
    ]  # fmt: skip
    with log.open("w") as out:
        process = subprocess.Popen(
            command, cwd=folder, stdout=out, stderr=out, start_new_session=True
        )
        try:
            uri = f"http://127.0.0.1:{port}"
            wait_until_healthy(uri, process, log)
            yield uri
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(PATIENCE)


def open_page(driver, address: str) -> None:
    """Open a page anew; an open one of MLflow's would keep its search."""
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", SIZE)
    driver.get("about:blank")
    driver.get(address)


def texts(driver, css: str) -> list[str]:
    # Read in one call: the page redraws its elements at any time.
    script = "return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent.trim())"
    return driver.execute_script(script, css)


def wait(driver, condition) -> None:
    from selenium.webdriver.support.wait import WebDriverWait

    WebDriverWait(driver, PATIENCE).until(condition)


def click(driver, xpath: str) -> None:
    """Click as soon as the page lets it."""
    from selenium.common.exceptions import WebDriverException
    from selenium.webdriver.support.wait import WebDriverWait

    waiting = WebDriverWait(driver, PATIENCE, ignored_exceptions=[WebDriverException])
    waiting.until(lambda driver: driver.find_element("xpath", xpath).click() or True)


def click_below(driver, xpath: str) -> None:
    """Click what lies below the window, in a panel that is as tall as the window itself."""
    wait(driver, lambda driver: driver.find_elements("xpath", xpath))
    driver.execute_script("arguments[0].click()", driver.find_element("xpath", xpath))


def run_names(driver) -> list[str]:
    return [text for text in texts(driver, "a[href*='/runs/'] span") if text]


def compared(driver) -> dict[str, list[float]]:
    """The compare view's metrics: name to values, one a run, as many digits as it shows."""
    script = """
    const link = document.querySelector("a[title='Plot chart']");
    if (!link) return {};
    const grids = [...document.querySelectorAll("[role=grid]")];
    const names = grids.findIndex((grid) => grid.contains(link));
    const [keys, values] = [0, 1].map((i) => [...grids[names + i].firstElementChild.children]);
    const row = (key) => values.filter((value) => value.style.top === key.style.top);
    return Object.fromEntries(
      keys.map((key) => [key.innerText.trim(), row(key).map((value) => value.innerText)]));
    """
    return {key: [float(x) for x in row] for key, row in driver.execute_script(script).items()}


def compare(driver, page: str, stage: str, count: int) -> None:
    """Open the compare view of a stage's runs as people do: search, tick all, Compare."""
    open_page(driver, f"{page}?searchFilter=tags.stage+%3D+%27{stage}%27")
    wait(driver, lambda driver: len(run_names(driver)) == count)
    everything = "contains(@class, 'header-select-all') and not(contains(@class, 'ag-hidden'))"
    click(driver, f"//*[{everything}]//input")
    click(driver, "//button[.='Compare' and not(@disabled)]")
    wait(driver, lambda driver: len(next(iter(compared(driver).values()), [])) == count)
