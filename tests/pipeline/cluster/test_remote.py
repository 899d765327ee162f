"""What is refused of a cluster before anything starts, in a line each."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from clone_case import environment, free_port
from distributed import Client, LocalCluster

from pipeline.cluster.clones import alike, needed, remote
from pipeline.cluster.clones.exchange import Parcel
from pipeline.cluster.outcome import Outcome
from pipeline.params import RuntimeParams
from pipeline.stage.errors import UserError

HERE = {
    "distributed": "1", "torch": "2", "dvc": "3", "mlflow": "4", "Python": "3.11", "code": "abc",
    "remote": "between /x", "clone": "mine", "folder": "/a on host",
}  # fmt: skip


class Workers:
    """A client whose workers tell this."""

    def __init__(self, *told: object) -> None:
        self.told = {f"tcp://worker:{n}": one for n, one in enumerate(told)}
        self.scheduler = {"host": {"python": "3.11.4.final.0"}, "packages": {"distributed": "1"}}

    def get_versions(self) -> dict[str, object]:
        return {"scheduler": self.scheduler}

    def run(self, function: object, on_error: str) -> dict[str, object]:
        assert on_error == "return"
        return self.told


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alike, "about", lambda: dict(HERE))


def test_workers_of_other_clones_that_say_the_same_are_taken(here: None) -> None:
    alike.check_cluster(Workers(HERE | {"clone": "b"}, HERE | {"clone": "c"}))


@pytest.mark.parametrize(
    "key", ["distributed", "torch", "dvc", "mlflow", "Python", "code", "remote"]
)
def test_one_that_differs_is_named(here: None, key: str) -> None:
    with pytest.raises(UserError, match=rf"^worker tcp://worker:1: {key} is other, here it is "):
        alike.check_cluster(Workers(HERE | {"clone": "b"}, HERE | {"clone": "c", key: "other"}))


def test_a_scheduler_that_differs_is_named(here: None) -> None:
    client = Workers(HERE | {"clone": "b"})
    client.scheduler["packages"]["distributed"] = "2"
    with pytest.raises(UserError, match=r"^scheduler: distributed is 2, here it is 1$"):
        alike.check_cluster(client)


@pytest.mark.parametrize("clones", [("b", "b"), ("b", "mine")])
def test_two_in_one_clone_are_refused(here: None, clones: tuple[str, str]) -> None:
    with pytest.raises(UserError, match=r"worker:1: works in /a on .*a clone for each"):
        alike.check_cluster(Workers(*(HERE | {"clone": one} for one in clones)))


@pytest.mark.parametrize("told", ["no DVC remote", ImportError("No module named 'x'\nmore")])
def test_one_that_cannot_answer_is_named(here: None, told: object) -> None:
    with pytest.raises(UserError, match=r"^worker tcp://worker:0: N?n?o .*clone of its own$"):
        alike.check_cluster(Workers(told))


def test_without_a_server_for_mlflow_nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    with pytest.raises(UserError, match="MLFLOW_TRACKING_URI is not set"):
        needed.check_tracking()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://host:5000")
    needed.check_tracking()


def test_a_remote_is_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    def dvc(*arguments: str) -> None:
        subprocess.run(["dvc", *arguments], env=environment(), check=True)

    dvc("init", "--no-scm", "--quiet")
    with pytest.raises(UserError, match=r"^no DVC remote, which carries results between workers"):
        needed.check_remote()
    dvc("remote", "add", "--quiet", "--default", "between", str(tmp_path / "remote"))
    needed.check_remote()
    assert not list((tmp_path / "remote").iterdir())
    (tmp_path / "file").write_text("no folder")
    dvc("remote", "modify", "between", "url", str(tmp_path / "file" / "remote"))
    with pytest.raises(UserError, match=r"^DVC remote between .*file/remote: cannot be written \("):
        needed.check_remote()


def test_a_scheduler_that_does_not_answer_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(remote, "PATIENCE", 0.5)
    nobody = f"tcp://127.0.0.1:{free_port()}"
    with (
        pytest.raises(UserError, match=rf"^--scheduler {nobody}: does not answer \([^\n]*$"),
        remote.Remote(nobody, RuntimeParams()).workers(),
    ):
        raise AssertionError


OTHER_PYTHON = """
import sys, distributed.versions as versions
found = versions.get_system_info
versions.get_system_info = lambda: found() | {"python": "3.99.0.final.0"}
from distributed.cli.dask_scheduler import main
main(["--host", "127.0.0.1", "--port", sys.argv[1], "--no-dashboard"])
"""


@pytest.mark.slow
def test_a_real_scheduler_of_another_python_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    scheduler = subprocess.Popen([sys.executable, "-c", OTHER_PYTHON, str(port)])
    try:
        with Client(f"tcp://127.0.0.1:{port}", timeout=60) as client:
            monkeypatch.setattr(
                alike, "about", lambda: HERE | {"distributed": version("distributed")}
            )
            with pytest.raises(UserError, match=r"^scheduler: Python is 3\.99, here it is 3\.11$"):
                alike.check_cluster(client)
    finally:
        scheduler.terminate()
        scheduler.wait()


def test_results_that_do_not_come_through_are_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_pull(stages: object) -> None:
        raise UserError("dvc pull: failed to transfer 'x'\nmore")

    monkeypatch.setattr(remote.exchange, "unpack", lambda parcel: None)
    monkeypatch.setattr(remote.exchange, "pull", no_pull)
    ran = Outcome("fuse@ir", "ran", "there", 2.0, parcel=Parcel({"fuse@ir": {}}))
    taken = remote.Remote("tcp://x", RuntimeParams()).take(ran)
    assert (taken.state, taken.error) == ("failed", "dvc pull: failed to transfer 'x'")


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
