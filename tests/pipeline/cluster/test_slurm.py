"""The small file that `--slurm` names, and what is refused before a job starts."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline.cluster.clones import job, slurm
from pipeline.params import RuntimeParams
from pipeline.stage.errors import UserError


def test_what_is_not_written_has_a_default(tmp_path: Path) -> None:
    file = tmp_path / "slurm.yaml"
    file.write_text("jobs: 3\nfolder: /scratch\nwalltime: '26:00:30'\npatience: 40\n")
    found = job.read(file)
    assert (found.jobs, found.folder, found.gpus) == (3, Path("/scratch"), 0)
    assert found.lifetime == 26 * 3600 + 30 - 40


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("jobs: none", "jobs: Input should be a valid integer"),
        ("jobs: 1", "folder: Field required"),
        ("jobs: 1\nfolder: /tmp\nwalltime: soon", "walltime: String should match pattern"),
        (
            "jobs: 1\nfolder: /tmp\ncolour: red",
            "colour: unknown key; allowed are jobs, folder, queue",
        ),
        ("jobs: [", "not YAML"),
        (None, "no such file"),
    ],
)
def test_a_wrong_file_is_refused_in_one_line(
    tmp_path: Path, content: str | None, told: str
) -> None:
    file = tmp_path / "slurm.yaml"
    if content is not None:
        file.write_text(content)
    with pytest.raises(UserError) as refused:
        job.read(file)
    assert told in str(refused.value) and "\n" not in str(refused.value)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A right one, in a folder that is also where programs are looked for."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = tmp_path / "slurm.yaml"
    found.write_text("jobs: 2\nfolder: /scratch\n")
    return found


def program(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def test_where_slurm_is_not_it_says_so(file: Path) -> None:
    with pytest.raises(UserError, match=r"slurm\.yaml: no sbatch here"):
        slurm.Slurm(file, RuntimeParams()).prepare()


def test_without_dask_jobqueue_it_says_how_to_get_it(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slurm, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"pip install -e '\.\[cluster\]'"):
        slurm.Slurm(file, RuntimeParams())


@pytest.mark.parametrize(
    "told",
    [
        "allocation failure: Invalid partition name specified",
        "allocation failure: Unable to contact slurm controller (connect failure)",
    ],
)
def test_slurms_word_against_a_job_is_the_line(file: Path, told: str) -> None:
    """As sbatch 22.05 says it."""
    program(file.parent, "sbatch", f"echo 'sbatch: error: more' >&2; echo '{told}' >&2; exit 1")
    with pytest.raises(UserError) as refused:
        slurm.check_job(file, "#!/bin/sh\n")
    assert str(refused.value) == f"--slurm {file}: no such job can be ({told})"


def test_jobs_that_all_ended_at_once_are_not_waited_for(file: Path) -> None:
    program(file.parent, "squeue", "echo 9")  # somebody's
    slurm.LOGS.mkdir(parents=True)
    (slurm.LOGS / "ivif-bench-3.err").write_text("mkdir: cannot create directory '/scratch'\n")
    (slurm.LOGS / "ivif-bench-9.err").write_text("another's\n")
    jobs = SimpleNamespace(workers={0: SimpleNamespace(job_id="3"), 1: SimpleNamespace(job_id="")})
    client = SimpleNamespace(scheduler_info=lambda n_workers: {"workers": {}})
    with pytest.raises(UserError, match=r"ended before .*ivif-bench-3\.err: mkdir: cannot create"):
        slurm.await_first(jobs, client)
