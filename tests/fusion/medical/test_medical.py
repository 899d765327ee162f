"""The medical stages, from folders of pairs to the table, on tiny drawn pairs."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from fusion.learning import learn
from fusion.medical import code, evaluate, fuse, measure_cost, prepare, report, train
from fusion.medical import tasks as places
from pipeline.images.pixels import read_gray, read_rgb, write_png
from pipeline.params import MedicalParams, load_medical

PROJECT = Path(code.__file__).parents[2]
SIZE = 48
METHODS = {
    "average": {},
    "mmif_amin": {"blocks": 1, "units": 1, "training": {"epochs": 1}},
    "of_ct": {"type": "mmif_amin", "blocks": 0, "units": 0, "trained_on": "mri-ct"},
    "one_for_all": {"type": "mmif_amin", "blocks": 0, "units": 0, "trained_on": "all"},
}
SHARED = ("one_for_all", "of_ct")


def draw(root: Path, folder: str, partner: str, colour: bool) -> None:
    """Three train and two test pairs: a disc seen by MRI, a ring by its partner."""
    rng = np.random.default_rng(len(partner))
    y, x = np.mgrid[:SIZE, :SIZE]
    for split, numbers in (("train", range(3)), ("test", range(3, 5))):
        for number in numbers:
            radius = np.hypot(x - SIZE / 2 - number, y - SIZE / 2)
            noise = rng.integers(0, 20, (SIZE, SIZE))
            mri = np.where(radius < 16, 120, 10) + noise
            other = np.where(abs(radius - 16) < 3, 160, 20) + noise[::-1]
            if colour:
                other = np.stack((other, other // 2, 200 - other), axis=2)
            write_png(root / folder / split / "mri" / f"{number}.png", mri.astype(np.uint8))
            write_png(root / folder / split / partner / f"{number}.png", other.astype(np.uint8))


def write_params(folder: Path, medical: dict) -> None:
    """Both files of params; the project's own knows nothing of medical images."""
    (folder / "medical").mkdir()
    (folder / "params.yaml").write_text("fusion: {methods: {average: {}}}\n")
    (folder / "medical/params.yaml").write_text(yaml.safe_dump(medical))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with pairs and params in which all stages of two tasks have run."""
    here = tmp_path_factory.mktemp("medical")
    draw(here / "atlas", "CT-MRI", "ct", colour=False)
    draw(here / "atlas", "PET-MRI", "pet", colour=True)
    medical = {
        "root": "atlas",
        "tasks": ["mri-ct", "mri-pet"],
        "methods": METHODS,
        "training": {"epochs": 1, "batch_size": 1, "crop": 32, "learning_rate": 1e-3},
        "tables": {"table_4": ["SD", "AG", "SF", "SCD", "VIFF", "SSIM"]},
    }
    write_params(here, medical)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(here)
        patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{here}/runs.db")
        for task in ("mri-ct", "mri-pet"):
            prepare.main([task])
        for method in METHODS:
            train.main([places.SHARED, method])
        for task in ("mri-ct", "mri-pet"):
            for method in METHODS:
                train.main([task, method])
                fuse.main([task, method])
                evaluate.main([task, method])
        measure_cost.main(["mmif_amin"])
        report.main(["table_4"])
    return here


@pytest.mark.slow
def test_pairs_become_ir_and_vi(inside: Path) -> None:
    mri = read_gray(inside / "atlas/PET-MRI/test/mri/3.png")
    assert np.array_equal(read_gray(places.data("mri-pet") / "test/ir/3.png"), mri)
    pet = read_rgb(inside / "atlas/PET-MRI/test/pet/3.png")
    assert np.array_equal(read_rgb(places.data("mri-pet") / "test/vi/3.png"), pet)


@pytest.mark.slow
def test_gray_pairs_fuse_to_gray_and_are_the_average(inside: Path) -> None:
    fused = read_rgb(places.fused("mri-ct", "average") / "4.png").astype(int)
    assert np.ptp(fused, axis=2).max() == 0
    sources = [read_gray(inside / f"atlas/CT-MRI/test/{kind}/4.png") for kind in ("mri", "ct")]
    assert abs(fused[..., 0] - np.mean(sources, axis=0)).max() <= 0.5


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_colour_of_pet_is_restored(inside: Path, method: str) -> None:
    """R − Y and B − Y of the fused image are PET's, up to rounding of both files."""
    fused = read_rgb(places.fused("mri-pet", method) / "3.png").astype(float)
    pet = read_rgb(inside / "atlas/PET-MRI/test/pet/3.png").astype(float)
    weights = np.array([0.299, 0.587, 0.114])
    clipped = (fused == 0).any(axis=2) | (fused == 255).any(axis=2)
    difference = (fused - (fused @ weights)[..., None]) - (pet - (pet @ weights)[..., None])
    assert clipped.mean() < 0.5
    assert abs(difference[~clipped]).max() <= 1.5


@pytest.mark.slow
def test_learned_method_was_trained_for_each_task(inside: Path) -> None:
    files = [
        places.trained(task, "mmif_amin") / "model.safetensors" for task in ("mri-ct", "mri-pet")
    ]
    assert files[0].read_bytes() != files[1].read_bytes()
    assert len(pd.read_csv(places.trained("mri-ct", "mmif_amin") / "history.csv")) == 1
    assert not (places.trained("mri-ct", "average") / "model.safetensors").exists()


@pytest.mark.slow
def test_one_network_fuses_all_tasks_or_is_taken_to_another_unchanged(inside: Path) -> None:
    weights = {
        (method, task): (places.trained(task, method) / "model.safetensors").read_bytes()
        for method in SHARED
        for task in ("mri-ct", "mri-pet")
    }
    for method in SHARED:
        assert weights[method, "mri-ct"] == weights[method, "mri-pet"]
    assert weights["one_for_all", "mri-ct"] != weights["of_ct", "mri-ct"]
    seen = {
        method: json.loads((places.trained("mri-pet", method) / "config.json").read_text())
        for method in METHODS
    }
    assert {method: content["trained_on"] for method, content in seen.items()} == {
        "average": ["mri-pet"], "mmif_amin": ["mri-pet"],
        "one_for_all": ["mri-ct", "mri-pet"], "of_ct": ["mri-ct"],
    }  # fmt: skip


@pytest.mark.slow
def test_a_shared_network_sees_the_pairs_of_its_tasks_and_no_others(
    inside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Black pairs of PET change the network of both tasks, and not that of CT."""
    before = {
        method: (places.trained("shared", method) / "model.safetensors").read_bytes()
        for method in SHARED
    }
    with monkeypatch.context() as patch:
        read = learn.read_pairs
        patch.setattr(
            learn,
            "read_pairs",
            lambda directory, names: [
                (ir * 0, vis * 0) if directory.name == "mri-pet" else (ir, vis)
                for ir, vis in read(directory, names)
            ],
        )
        for method in SHARED:
            train.main([places.SHARED, method])
    after = {
        method: (places.trained("shared", method) / "model.safetensors").read_bytes()
        for method in SHARED
    }
    assert {method: after[method] == before[method] for method in SHARED} == {
        "one_for_all": False, "of_ct": True,
    }  # fmt: skip


def test_a_task_without_its_shared_network_says_what_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    medical = {"root": "x", "tasks": ["mri-ct"], "methods": METHODS, "trained_on": "all"}
    write_params(tmp_path, medical)
    with pytest.raises(SystemExit):
        train.main(["mri-ct", "average"])
    assert "trained/shared/average: no such network" in capsys.readouterr().err


@pytest.mark.slow
def test_table_has_the_means_of_the_measured_images(inside: Path) -> None:
    table = pd.read_csv("reports_medical/table_4/tables/table_4.csv", index_col="method")
    assert list(table.index)[: len(METHODS)] == list(METHODS)
    assert table["source"].notna().tolist()[: len(METHODS)] == [False] * len(METHODS)
    assert list(table.columns)[:7] == [
        *(f"mri-ct_{metric}" for metric in ("SD", "AG", "SF", "SCD", "VIFF", "SSIM")),
        "mri-pet_SD",
    ]
    fused = [read_gray(places.fused("mri-ct", "average") / f"{name}.png") for name in (3, 4)]
    mean = np.mean([image.std() for image in fused])  # SD needs no library of ours
    assert table.loc["average", "mri-ct_SD"] == pytest.approx(mean, rel=1e-6)
    assert "MRI-PET VIFF" in Path("reports_medical/table_4/tables/table_4.md").read_text()


@pytest.mark.slow
def test_code_of_a_method_is_its_own(inside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("fusion", "pipeline"):
        (inside / name).symlink_to(PROJECT / name)
    code.main(["mri-ct"])
    hashed = yaml.safe_load(
        Path("artifacts/medical/code/mri-ct/methods/mmif_amin.json").read_text()
    )["code"]
    assert "fusion/methods/mmif_amin/network.py" in hashed
    assert (
        "fusion/methods/mmif_amin/network.py"
        not in yaml.safe_load(
            Path("artifacts/medical/code/mri-ct/methods/average.json").read_text()
        )["code"]
    )


@pytest.mark.slow
def test_what_stages_are_made_of_is_there_for_dvc(inside: Path) -> None:
    """Every file in artifacts/medical/{code,inputs} that a stage depends on."""
    code.main(["mri-ct"])
    code.main(["table_4", "--table"])
    for method in METHODS:
        code.main([method, "--shared"])
        code.main([method, "--cost"])
    content = yaml.safe_load((PROJECT / "medical/dvc.yaml").read_text())["stages"]
    listed = [dep for stage in content.values() for dep in stage["deps"]]
    values = {"${item.task}": "mri-ct", "${item.table}": "table_4"}
    for field, value in values.items():
        listed = [dep.replace(field, value) for dep in listed]
    named = {dep.replace("${item.method}", method) for dep in listed for method in METHODS}
    folders = ("artifacts/medical/code/", "artifacts/medical/inputs/")
    wanted = [dep for dep in named if dep.startswith(folders)]
    assert len(wanted) > 6
    assert [dep for dep in wanted if not (inside / dep).exists()] == []
    hashed = yaml.safe_load(Path("artifacts/medical/code/tables/table_4.json").read_text())
    assert "pipeline/report/statistics/ranking.py" in hashed["code"]
    assert hashed["params"]["methods"] == list(METHODS)


def test_what_lies_outside_is_linked_for_each_task(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "theirs").mkdir()
    methods = {"average": {}, "pre": {"type": "precomputed", "path": "theirs"}}
    write_params(tmp_path, {"root": "here", "tasks": ["mri-ct"], "methods": methods})
    code.main(["mri-ct"])
    assert (places.inputs("mri-ct") / "pre").resolve() == tmp_path / "theirs"
    assert (places.inputs("mri-ct") / "average").is_file()


@pytest.mark.parametrize(
    ("medical", "message"),
    [
        ({"tasks": ["mri-ct"], "methods": {"average": {}}}, "tasks need root"),
        ({"tasks": ["mri-ct"], "root": "here"}, "tasks need methods"),
        (
            {"tasks": ["mri-ct"], "root": "x", "methods": {"average": {"trained_on": "mri-pet"}}},
            "methods.average: trained_on mri-pet needs it among the tasks",
        ),
        (
            {"tasks": ["mri-ct"], "root": "x", "methods": {"average": {}}, "trained_on": "some"},
            "trained_on",
        ),
        ({"tasks": ["mri-xray"], "root": "here", "methods": {"average": {}}}, "mri-spect"),
        (
            {"methods": {"average": {"training": {"epoch": 3}}}},
            "methods.average.training.epoch: unknown key",
        ),
    ],
)
def test_impossible_params(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    medical: dict, message: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    write_params(tmp_path, medical)
    with pytest.raises(SystemExit) as stopped:
        report.main(["table_4"])
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("stage", "arguments", "message"),
    [
        (prepare, ["mri-ct"], "root: not set"),
        (prepare, ["ct-mri"], "allowed are mri-ct, mri-pet, mri-spect"),
        (train, ["mri-ct", "mine"], "methods: no method 'mine'; there are none"),
        (evaluate, ["mri-ct", "mine"], "methods: no method 'mine'; there are none"),
        (report, ["mine"], "tables.mine: [] of 0 tasks"),
    ],
)
def test_one_line_for_the_users_errors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    stage, arguments: list[str], message: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    write_params(tmp_path, {})
    with pytest.raises(SystemExit) as stopped:
        stage.main(arguments)
    assert stopped.value.code == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    assert message in lines[0]


def test_missing_partner_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    draw(tmp_path, "CT-MRI", "ct", colour=False)
    (tmp_path / "CT-MRI/test/ct/4.png").unlink()
    write_params(tmp_path, {"root": str(tmp_path)})
    with pytest.raises(SystemExit):
        prepare.main(["mri-ct"])
    assert "CT-MRI/test/ct/4" in capsys.readouterr().err
    assert not Path("data/medical/mri-ct").exists()


def test_params_default_to_no_medical_stage_and_the_papers_training() -> None:
    medical = load_medical(PROJECT / "medical/params.yaml")
    assert (medical.tasks, medical.tables) == ((), {})
    for training in (medical.training, MedicalParams().training):
        assert (training.epochs, training.batch_size, training.crop) == (30, 1, 120)
        assert (training.learning_rate, training.crops_per_image) == (1e-4, 36)


def stages(folder: Path) -> set[str]:
    """What DVC reads in medical/dvc.yaml."""
    dvc = [sys.executable, "-m", "dvc"]
    subprocess.run([*dvc, "init", "--no-scm", "--quiet"], check=True, cwd=folder)
    done = subprocess.run(
        [*dvc, "stage", "list", "--name-only", "medical/dvc.yaml"],
        check=True, capture_output=True, text=True, cwd=folder,
    )  # fmt: skip
    return {line.removeprefix("medical/dvc.yaml:") for line in done.stdout.split()}


@pytest.mark.slow
def test_no_stage_without_medical_images(tmp_path: Path) -> None:
    (tmp_path / "medical").mkdir()
    for name in ("params.yaml", "dvc.yaml"):
        shutil.copy(PROJECT / "medical" / name, tmp_path / "medical" / name)
    assert stages(tmp_path) == set()


@pytest.mark.slow
def test_runs_are_in_an_experiment_of_their_own(inside: Path) -> None:
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{inside}/runs.db")
    experiment = client.get_experiment_by_name("medical")
    assert experiment is not None
    runs = client.search_runs([experiment.experiment_id])
    found = {
        (run.data.tags["stage"], run.data.tags["task"], run.data.tags["method"])
        for run in runs
        if "task" in run.data.tags
    }
    stages = ("train_medical", "evaluate_medical")
    tasks = ("mri-ct", "mri-pet")
    each = {(stage, task, method) for stage in stages for task in tasks for method in METHODS}
    taken = {("train_medical", task, method) for task in tasks for method in SHARED}
    assert found == each - taken | {("train_medical", "shared", method) for method in SHARED}
    others = {run.info.run_name for run in runs if "task" not in run.data.tags}
    assert others == {"measure_cost_medical@mmif_amin", "report_medical@table_4"}


@pytest.mark.slow
def test_pipeline_has_a_stage_for_each_task_and_method(inside: Path) -> None:
    shutil.copy(PROJECT / "medical/dvc.yaml", inside / "medical/dvc.yaml")
    tasks = ("mri-ct", "mri-pet")
    each = {f"{task}-{method}" for task in tasks for method in METHODS}
    assert stages(inside) == {
        *(f"{stage}_medical@{task}" for stage in ("code", "prepare") for task in tasks),
        *(f"{stage}_medical@{one}" for stage in ("train", "fuse", "evaluate") for one in each),
        *(f"{stage}_medical@table_4" for stage in ("code_table", "report")),
        *(f"{stage}_shared_medical@{one}" for stage in ("code", "train") for one in METHODS),
        *(f"{stage}_medical@{one}" for stage in ("code_cost", "measure_cost") for one in METHODS),
    }
