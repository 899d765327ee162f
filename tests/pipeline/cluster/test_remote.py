"""What is refused of a cluster before anything starts, in a line each."""

import subprocess
from pathlib import Path

import pytest
from clone_case import environment
from distributed import Client, LocalCluster

from pipeline.cluster.clones import remote
from pipeline.stage.errors import UserError

HERE = {
    "distributed": "1", "torch": "2", "dvc": "3", "mlflow": "4", "Python": "3.11", "code": "abc",
    "remote": "between /x", "clone": "mine", "folder": "/a on host",
}  # fmt: skip


class Workers:
    """A client whose workers tell this."""

    def __init__(self, *told: object) -> None:
        self.told = {f"tcp://worker:{n}": one for n, one in enumerate(told)}

    def run(self, function: object, on_error: str) -> dict[str, object]:
        assert on_error == "return"
        return self.told


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "about", lambda: dict(HERE))


def test_workers_of_other_clones_that_say_the_same_are_taken(here: None) -> None:
    remote.check_workers(Workers(HERE | {"clone": "b"}, HERE | {"clone": "c"}))


@pytest.mark.parametrize(
    "key", ["distributed", "torch", "dvc", "mlflow", "Python", "code", "remote"]
)
def test_one_that_differs_is_named(here: None, key: str) -> None:
    with pytest.raises(UserError, match=rf"^worker tcp://worker:1: {key} is other, here it is "):
        remote.check_workers(Workers(HERE | {"clone": "b"}, HERE | {"clone": "c", key: "other"}))


@pytest.mark.parametrize("clones", [("b", "b"), ("b", "mine")])
def test_two_in_one_clone_are_refused(here: None, clones: tuple[str, str]) -> None:
    with pytest.raises(UserError, match=r"worker:1: works in /a on .*a clone for each"):
        remote.check_workers(Workers(*(HERE | {"clone": one} for one in clones)))


@pytest.mark.parametrize("told", ["no DVC remote", ImportError("No module named 'x'\nmore")])
def test_one_that_cannot_answer_is_named(here: None, told: object) -> None:
    with pytest.raises(UserError, match=r"^worker tcp://worker:0: N?n?o .*clone of its own$"):
        remote.check_workers(Workers(told))


def test_without_a_server_for_mlflow_nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    with pytest.raises(UserError, match="MLFLOW_TRACKING_URI is not set"):
        remote.check_tracking()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://host:5000")
    remote.check_tracking()


def test_a_remote_is_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    def dvc(*arguments: str) -> None:
        subprocess.run(["dvc", *arguments], env=environment(), check=True)

    dvc("init", "--no-scm", "--quiet")
    with pytest.raises(UserError, match=r"^no DVC remote, which carries results between workers"):
        remote.check_remote()
    dvc("remote", "add", "--quiet", "--default", "between", str(tmp_path / "remote"))
    remote.check_remote()
    assert not list((tmp_path / "remote").iterdir())
    (tmp_path / "file").write_text("no folder")
    dvc("remote", "modify", "between", "url", str(tmp_path / "file" / "remote"))
    with pytest.raises(UserError, match=r"^DVC remote between .*file/remote: cannot be written \("):
        remote.check_remote()


def test_two_commands_at_once_are_refused() -> None:
    with (
        LocalCluster(n_workers=0, processes=False, dashboard_address=None) as cluster,
        Client(cluster),
    ):
        with (
            remote._only_one("--scheduler x"),
            pytest.raises(UserError, match=r"^--scheduler x: another python"),
            remote._only_one("--scheduler x"),
        ):
            raise AssertionError
        with remote._only_one("--scheduler x"):
            pass
