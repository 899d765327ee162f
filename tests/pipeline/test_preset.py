"""Switching presets: nothing that somebody wrote is lost."""

from pathlib import Path

import pytest

from pipeline import preset

MINIMAL = "fusion:\n  methods:\n    average: {}\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "presets").mkdir()
    (tmp_path / "presets/one.yaml").write_text(f"preset: one\n{MINIMAL}")
    (tmp_path / "presets/two.yaml").write_text(f"preset: two\n{MINIMAL}")
    (tmp_path / "presets/broken.yaml").write_text("preset: broken\n")
    return tmp_path


def test_a_preset_becomes_params_and_needs_no_copy(project: Path):
    preset.main(["one"])
    preset.main(["two"])
    assert (project / "params.yaml").read_text() == (project / "presets/two.yaml").read_text()
    assert not list(project.glob("params.kept*"))


def test_own_params_are_kept_each_time(project: Path, capsys: pytest.CaptureFixture[str]):
    for number in (1, 2):
        own = f"# number {number}\n{MINIMAL}"
        (project / "params.yaml").write_text(own)
        preset.main(["one"])
        assert f"kept as params.kept-{number}.yaml" in capsys.readouterr().out
        assert (project / f"params.kept-{number}.yaml").read_text() == own


def test_a_preset_that_does_not_validate_changes_nothing(project: Path):
    (project / "params.yaml").write_text(f"# mine\n{MINIMAL}")
    with pytest.raises(SystemExit) as stop:
        preset.main(["broken"])
    assert stop.value.code == 2
    assert [path.name for path in project.glob("params*")] == ["params.yaml"]
    assert (project / "params.yaml").read_text().startswith("# mine")
