"""The files of the project's shell agree with each other and with the code."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

import fusion

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_the_version_is_one() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    newest = re.search(r"^## (\d\S*)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest is not None
    assert {str(citation["version"]), newest[1], fusion.__version__} == {PROJECT["version"]}


def test_the_citation_has_what_the_format_needs() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["cff-version"] == "1.2.0"
    assert citation["license"] == PROJECT["license"]
    assert {"message", "title", "authors", "references"} <= set(citation)
    found = [one["value"] for work in citation["references"] for one in work["identifiers"]]
    assert found == ["arXiv:2411.10036", "arXiv:2508.08679"]
    for work in citation["references"]:
        assert {"type", "title", "authors", "year"} <= set(work)
        assert all({"given-names", "family-names"} == set(author) for author in work["authors"])


@pytest.mark.parametrize("name", ["bug", "method"])
def test_issue_forms_are_what_the_tracker_reads(name: str) -> None:
    form = yaml.safe_load((ROOT / f".github/ISSUE_TEMPLATE/{name}.yml").read_text())
    assert {"name", "description", "body"} <= set(form)
    ids = [field["id"] for field in form["body"]]
    assert len(set(ids)) == len(ids)
    for field in form["body"]:
        assert field["type"] in {"textarea", "input", "dropdown"}
        assert field["attributes"]["label"]


def test_what_is_pinned_is_what_pip_reads() -> None:
    pins = (ROOT / "constraints.txt").read_text().splitlines()
    names = [pin.split("==")[0].lower() for pin in pins if not pin.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==\S+", pin) for pin in pins if pin[0] != "#")
    assert len(set(names)) == len(names)
