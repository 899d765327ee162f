"""A leaderboard from results: one order a version, honest refusals."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
import report_case

from pipeline import leaderboard, params, schema
from pipeline.report import from_disk
from pipeline.report.page.board import by_version
from pipeline.report.statistics import judges
from pipeline.report.tables.record import record


@pytest.fixture
def result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict:
    """A run's result with two networks and one for all, as `report` writes it."""
    monkeypatch.chdir(tmp_path)
    report_case.build(tmp_path)
    report_case.add_judges(tmp_path)
    found = from_disk.load(params.load())
    made = record(found, [*judges.retrained(found), *judges.for_all(found)])
    return json.loads(made.model_dump_json())


def written(content: dict, name: str, **changes: object) -> str:
    Path(f"{name}.json").write_text(json.dumps(content | changes))
    return f"{name}.json"


def tables(page: str) -> list[list[str]]:
    """Row heads of each table, top to bottom."""
    parts = re.findall(r"<tbody>(.*?)</tbody>", page, re.DOTALL)
    return [re.findall(r'<th scope="row">([^<]+?)\s*</th>', part) for part in parts]


def test_a_result_is_valid_and_its_numbers_are_the_tables(result: dict) -> None:
    jsonschema.validate(result, schema.SCHEMAS["result.json"]())
    deeplab, unet, one = result["judgements"]
    assert (deeplab["protocol"], unet["network"], one["protocol"]) == (
        "retrained", "unet", "one_for_all",
    )  # fmt: skip
    alpha = next(entry for entry in deeplab["entries"] if entry["input"] == "alpha")
    assert alpha["method"] == "average"
    # A person is 32 rows high; alpha misses 4, 4, 4, 4, 4, 8 with one seed, 2 and 6 with another
    hit = [6 * 32 - 28, 6 * 32 - 16]
    assert alpha["iou"]["person"] == pytest.approx(100 * sum(hit) / 2 / (6 * 32))
    vis = next(entry for entry in deeplab["entries"] if entry["input"] == "vis")
    assert alpha["delta_vis"]["value"] == pytest.approx(alpha["miou"] - vis["miou"])
    assert alpha["delta_vis"]["low"] <= alpha["delta_vis"]["value"] <= alpha["delta_vis"]["high"]
    assert vis["delta_vis"] is None


def test_results_of_one_version_rank_together_and_others_apart(result: dict) -> None:
    other = json.loads(json.dumps(result))
    other["judgements"] = other["judgements"][:1]
    best = next(e for e in other["judgements"][0]["entries"] if e["input"] == "vis")
    best["miou"] = 99.0
    changed = json.loads(json.dumps(other))
    changed["judgements"][0]["version"] |= {
        "code": "abcdef01", "version": "00000009-11111111-abcdef01",
    }  # fmt: skip
    files = [
        written(result, "one"), written(other, "other", by="group"), written(changed, "changed"),
    ]  # fmt: skip
    leaderboard.main([*files, "--out", "board.html"])
    page = Path("board.html").read_text()
    first, *rest = tables(page)
    assert first[:2] == ["vis · group", "alpha · one"] and len(first) == 6
    assert sorted(len(rows) for rows in rest) == [3, 3, 4]
    assert ["vis · changed" in rows for rows in rest].count(True) == 1
    assert "00000009-11111111-abcdef01" in page
    assert not re.findall(r"""(?:src|href)=["'](?!data:|#)""", page)


def test_protocols_never_mix_even_under_one_hash(result: dict) -> None:
    for one in result["judgements"]:
        one["version"] = result["judgements"][0]["version"]
    found = by_version({"a": leaderboard.load([Path(written(result, "a"))])["a"]})
    assert {protocol for protocol, _ in found} == {"retrained", "one_for_all"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 2}, r"x.json: format: Input should be 1, found 2"),
        ({"judgements": 3}, r"x.json: judgements: .*valid array, found 3"),
        ({"stars": 5}, r"x.json: stars: Extra inputs"),
        ({"by": "a"}, r"x.json: by 'a', as another file"),
    ],
)
def test_files_that_do_not_fit_are_refused_in_one_line(
    result: dict, capsys: pytest.CaptureFixture[str], change: dict, message: str
) -> None:
    with pytest.raises(SystemExit) as stop:
        leaderboard.main([written(result, "a"), written(result, "x", **change)])
    error = capsys.readouterr().err
    assert stop.value.code == 2 and re.search(message, error) and error.count("\n") == 1
    assert not Path("leaderboard.html").exists()
