"""The documentation site builds without a warning or a network, and holds what it must."""

import os
import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest
from docs_pages import ROOT
from pydantic import BaseModel

import fusion
from fusion.methods.base import names
from pipeline.params import Params

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site; proxies that do not answer see to it that nothing can be fetched."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    nowhere = {f"{kind}_proxy": "http://127.0.0.1:9" for kind in ("http", "https")}
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | nowhere, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "WARNING" not in done.stderr
    return folder


def plain(page: Path) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.read_text(encoding="utf-8"))).split())


def keys(model: type[BaseModel]) -> set[str]:
    """All keys of a model and of the sections in it."""
    found = set()
    for name, field in model.model_fields.items():
        found.add(name)
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            found |= keys(field.annotation)
    return found


def test_pages_load_nothing_from_elsewhere(site: Path) -> None:
    for page in site.rglob("*.html"):
        html = page.read_text(encoding="utf-8")
        loaded = re.findall(r"<(?:script|img|iframe)[^>]*\ssrc=\"([^\"]+)", html)
        loaded += re.findall(
            r"<link[^>]*rel=\"(?:stylesheet|shortcut icon)\"[^>]*href=\"([^\"]+)", html
        )
        assert loaded
        assert not [address for address in loaded if "//" in address], page


def test_headings_begin_with_a_letter(site: Path) -> None:
    """A digit at the start of an anchor stops the theme's script, which styles the tables."""
    for page in site.rglob("*.html"):
        anchors = re.findall(r"<a href=\"#([^\"]+)", page.read_text(encoding="utf-8"))
        assert not [anchor for anchor in anchors if anchor[0].isdigit()], page


def test_every_key_of_params_has_its_row(site: Path) -> None:
    html = (site / "reference/params.html").read_text(encoding="utf-8")
    rows = dict(re.findall(r"<tr>\s*<td><code>(\w+)</code></td>(.*?)</tr>", html, re.DOTALL))
    assert keys(Params) <= set(rows)
    for name, rest in rows.items():
        meaning = re.findall(r"<td[^>]*>(.*?)</td>", rest, re.DOTALL)[-1]
        assert meaning.strip(), f"{name} has no meaning"


def test_every_public_name_has_its_entry(site: Path) -> None:
    html = (site / "reference/python.html").read_text(encoding="utf-8")
    homes = [f"{module}.{attribute}" for module, attribute in fusion._HOMES.values() if attribute]
    homes += [f"fusion.metrics.pair.{name}" for name in ("evaluate", "evaluate_many", "Sources")]
    for home in homes:
        assert f'id="{home}"' in html, home


def test_every_method_and_command_is_there(site: Path) -> None:
    shown = plain(site / "reference/methods.html")
    assert all(name in shown for name in names())
    usages = plain(site / "reference/commands.html")
    for command in ("ivif-fuse", "ivif-metrics", "ivif-segment", "python -m fusion.export"):
        assert f"Usage: {command} " in usages
