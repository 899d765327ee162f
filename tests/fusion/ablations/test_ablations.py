"""The command of the ablations: rows, editing the file of params, the table beside the paper's."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from safetensors.torch import save_file

from fusion.ablations import __main__ as command
from fusion.ablations import pair_set as places
from fusion.ablations.figure import ROWS, figure_3
from fusion.ablations.params_file import added, with_entries
from fusion.ablations.results import comparison
from fusion.ablations.rows import AblationRow, Ablations, name_of, read
from fusion.methods.base import registry
from pipeline import params
from pipeline.images.pixels import read_rgb, write_png
from pipeline.stage.errors import UserError

KEYS = ("fusion", "methods")
NORMS = {"BN": "batch", "IN": "instance"}
TINY = """\
# mine
fusion:
  training: {epochs: 1}
  methods:   # the compared

    # ours
    lkc_funet: {width: 16, init_width: 8, kernels: [5, 3], groups: 4, training: {epochs: 3}}
    average: {}
  evaluation:
    cost: false
"""
MEDICAL = """\
root: atlas
tasks: [mri-ct]
methods:
  mmif_amin: {blocks: 1, training: {epochs: 2}}
training: {epochs: 1}
"""


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "params.yaml"
    path.write_text(TINY)
    return path


@pytest.mark.parametrize(
    ("method", "table", "only", "message"),
    [
        (
            "average",
            "2",
            None,
            "average: has no ablations; allowed are lkc_funet, lkc_funet_lite, mmif_amin",
        ),
        ("lkc_funet", "4", None, "allowed are 2, 3"),
        ("mmif_amin", "2", None, "not of MMIF-AMIN; allowed are 4, 5"),
        ("lkc_funet", "3", "c,z", "no row z in table 3; allowed are c, d, e"),
    ],
)
def test_what_there_is_not_is_named(method, table, only, message) -> None:
    with pytest.raises(UserError, match=message):
        read(method).rows(table, only)


def test_entries_stand_in_the_file_only_inside_the_block(tiny) -> None:
    new = {"one": {"type": "lkc_funet", "lkc": False}, "two": {"type": "lkc_funet"}}
    with pytest.raises(KeyboardInterrupt), added(tiny, new, KEYS):
        inside = yaml.safe_load(tiny.read_text())
        assert inside["fusion"]["methods"] == yaml.safe_load(TINY)["fusion"]["methods"] | new
        tiny.write_text(tiny.read_text() + "# edited meanwhile\n")
        raise KeyboardInterrupt
    assert tiny.read_text() == TINY + "# edited meanwhile\n"


def test_lines_of_a_killed_run_are_no_obstacle(tiny) -> None:
    entry = {"one": {"type": "lkc_funet"}}
    tiny.write_text(with_entries(TINY, entry, KEYS))
    with added(tiny, entry, KEYS):
        pass
    assert tiny.read_text() == TINY


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fusion: {methods: {average: {}}}\n", "fusion.methods: must be in block style"),
        ("fusion:\n  methods:\n    one: {}\n", "one taken"),
    ],
)
def test_files_that_cannot_be_edited_stay_as_they_are(tmp_path, text, message) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(text)
    with pytest.raises(UserError, match=message), added(path, {"one": {}}, KEYS):
        raise AssertionError("not reached")
    assert path.read_text() == text


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (KEYS, {"methods": {"x": 1}, "fusion": {"methods": {"average": {}, "new": {}}}}),
        (("methods",), {"methods": {"x": 1, "new": {}}, "fusion": {"methods": {"average": {}}}}),
    ],
)
def test_another_key_methods_is_not_mistaken(keys, expected) -> None:
    text = "methods:\n  x: 1\nfusion:\n  methods:\n    average: {}\n"
    assert yaml.safe_load(with_entries(text, {"new": {}}, keys)) == expected


def write_metrics(path: Path, sd: list[float]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    frame = pd.DataFrame({"name": ["1", "2"], "SD": sd, "MSE": [0.5, 0.5]})
    frame.to_csv(path, index=False)
    return path


def test_a_printed_row_stands_below_the_measured_one(tmp_path) -> None:
    file = write_metrics(tmp_path / "a.csv", [40.0, 44.0])
    chosen = {
        "a": AblationRow(label="BN", params={}, printed={"row": "a"}),
        "mine": AblationRow(label="ours", params={}),
    }
    ours = Ablations(paper="Ours", note="Letters are theirs.", tables={"2": chosen})
    table = comparison(ours, "lkc_funet", "2", chosen, {key: [[file]] for key in chosen}, "t")
    measured, printed, mine = table.rows
    assert (measured.label, measured.published, mine.published) == ("(a) BN", "", "")
    assert measured.cells["SD"].value == 42
    assert measured.cells["SD"].std == pytest.approx(8**0.5)
    assert printed.cells["SD"].printed == "76.553"  # Table 2, row a
    assert printed.published.startswith("He et al., arXiv 2411.10036, Table 2; 3 × 50")
    assert (printed.ranked, measured.ranked) == (False, True)
    assert {column.key: column.better for column in table.columns} == {
        "SD": "higher", "MSE": "lower",
        "AG": "higher", "SF": "higher", "SCD": "higher", "VIFF": "higher", "SSIM": "higher",
        "ranking": "lower",
    }  # fmt: skip
    assert table.caption.endswith("Letters are theirs.")


def test_sets_of_pairs_weigh_the_same_however_many_images_they_have(tmp_path) -> None:
    one = write_metrics(tmp_path / "one.csv", [1.0, 3.0])
    many = tmp_path / "many.csv"
    pd.DataFrame({"name": list("abcd"), "SD": [8.0] * 4, "MSE": [1.0] * 4}).to_csv(
        many, index=False
    )
    chosen = {"mine": AblationRow(label="ours", params={})}
    ours = Ablations(paper="Ours", note="", tables={"1": chosen})
    (row,) = comparison(ours, "ours", "1", chosen, {"mine": [[one, many]]}, "t").rows
    assert row.cells["SD"].value == 5  # of 2 and 8
    assert row.cells["SD"].std == pytest.approx(np.std([1, 3, 8, 8, 8, 8], ddof=1))


def test_of_several_seeds_the_spread_is_over_them(tmp_path) -> None:
    files = [write_metrics(tmp_path / f"{n}.csv", [n, n + 2.0]) for n in (1.0, 5.0, 6.0)]
    chosen = {"mine": AblationRow(label="ours", params={})}
    ours = Ablations(paper="Ours", note="", tables={"1": chosen})
    metrics = {"mine": [[file] for file in files]}
    table = comparison(ours, "ours", "1", chosen, metrics, "t")
    assert table.rows[0].cells["SD"].value == 5  # of 2, 6 and 7
    assert table.rows[0].cells["SD"].std == pytest.approx(7**0.5)
    assert "mean ± std over 3 seeds" in table.caption


def test_places_are_summed_among_the_measured_and_among_the_printed_rows(tmp_path) -> None:
    """Over the metrics that all rows have; equals share the mean place."""
    better = write_metrics(tmp_path / "a.csv", [9.0, 9.0])
    worse = write_metrics(tmp_path / "b.csv", [4.0, 4.0])
    found = read("lkc_funet")
    files = {"a": [[worse]], "b": [[worse]], "f": [[better]]}
    table = comparison(found, "lkc_funet", "2", found.rows("2", "a,b,f"), files, "t")
    sums = [row.cells["ranking"].value for row in table.rows]
    assert sums[::2] == [2.5, 2.5, 1]  # SD alone, which both have
    assert sums[1::2] == [1, 3, 2]  # 76.553, 73.995, 74.086
    assert "places in SD among" in table.caption


class FakeDvc:
    """In the place of `dvc repro`: remembers the targets and params that DVC would see."""

    def __init__(self, read_methods, metrics) -> None:
        self.read_methods, self.metrics = read_methods, metrics

    def __call__(self, targets: list[str]) -> None:
        self.targets, self.methods = targets, self.read_methods()
        for name in self.methods:
            write_metrics(self.metrics / f"{name}.csv", [1.0, 2.0])


@pytest.mark.slow
def test_the_command_reproduces_the_rows_and_writes_the_table(tiny, monkeypatch) -> None:
    dvc = FakeDvc(lambda: params.load(tiny).fusion.methods, Path("metrics/fusion"))
    monkeypatch.setattr(command, "reproduce", dvc)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{Path.cwd()}/runs.db")
    command.main(["--table", "2", "--only", "a,k", "--task", "infrared"])
    assert dvc.targets == ["evaluate_fusion@lkc_funet_t2_a", "evaluate_fusion@lkc_funet_t2_k"]
    assert dvc.methods["lkc_funet_t2_k"].own["recalibrate"] == "encoder"
    assert tiny.read_text() == TINY
    written = pd.read_csv("metrics/ablations/demo/lkc_funet_table_2.csv")
    assert list(written["variant"]) == [
        "(a) BN, MPAFM", "(a) BN, MPAFM", "(k) IN + GN, LKC, MPAFM", "(k) IN + GN, LKC, MPAFM",
    ]  # fmt: skip
    assert list(written["SD"]) == [1.5, 76.553, 1.5, 83.422]


@pytest.mark.slow
def test_seeds_are_trainings_of_their_own_and_the_claims_have_intervals(tiny, monkeypatch) -> None:
    dvc = FakeDvc(lambda: params.load(tiny).fusion.methods, Path("metrics/fusion"))
    monkeypatch.setattr(command, "reproduce", dvc)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{Path.cwd()}/runs.db")
    command.main(["--table", "2", "--only", "a,b", "--task", "infrared", "--seeds", "0,1"])
    assert dvc.targets == [
        f"evaluate_fusion@lkc_funet_t2_{row}_s{seed}" for seed in (0, 1) for row in ("a", "b")
    ]
    assert dvc.methods["lkc_funet_t2_b_s1"].training == {"epochs": 3, "seed": 1}
    written = pd.read_csv("metrics/ablations/demo/lkc_funet_table_2_claims.csv")
    assert list(written["claim"]) == ["BN is worse with large kernels: a − b"] * 2
    assert list(written["SD"]) == [0, 2.558]  # ours are all alike; 76.553 − 73.995
    assert list(written["SD_low"].dropna()) == [0]
    assert written.loc[0, ["held", "against", "undecided"]].tolist() == [0, 0, 2]


@pytest.mark.slow
def test_the_command_runs_mmif_amin_on_a_medical_task(tiny, monkeypatch) -> None:
    file = tiny.parent / "medical/params.yaml"
    file.parent.mkdir()
    file.write_text(MEDICAL)
    dvc = FakeDvc(lambda: params.load_medical().methods, Path("metrics/medical/mri-ct"))
    monkeypatch.setattr(command, "reproduce", dvc)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{Path.cwd()}/runs.db")
    arguments = ["--method", "mmif_amin", "--table", "4", "--only", "ours,cbam_0"]
    command.main([*arguments, "--task", "mri-ct"])
    assert dvc.targets == [
        f"medical/dvc.yaml:evaluate_medical@mri-ct-mmif_amin_t4_{key}" for key in ("ours", "cbam_0")
    ]
    row = dvc.methods["mmif_amin_t4_cbam_0"]
    assert (row.type, row.training, row.own) == (
        "mmif_amin", {"epochs": 2}, {"blocks": 1, "cbam": False},
    )  # fmt: skip
    assert (file.read_text(), tiny.read_text()) == (MEDICAL, TINY)
    written = pd.read_csv("metrics/ablations/mri-ct/mmif_amin_table_4.csv")
    assert list(written["variant"]) == [
        "(ours) as proposed", "(ours) as proposed", "(cbam_0) no CBAM", "(cbam_0) no CBAM",
    ]  # fmt: skip


@pytest.mark.slow
def test_lkc_funet_s_rows_are_one_network_each_for_all_medical_tasks(tiny, monkeypatch) -> None:
    """The paper's pairs are what the command takes without a word."""
    file = tiny.parent / "medical/params.yaml"
    file.parent.mkdir()
    file.write_text(MEDICAL.replace("[mri-ct]", "[mri-ct, mri-pet]"))

    def read_methods() -> dict:
        for task in ("mri-ct", "mri-pet"):
            for name in params.load_medical().methods:
                write_metrics(Path(f"metrics/medical/{task}/{name}.csv"), [1.0, 2.0])
        return params.load_medical().methods

    dvc = FakeDvc(read_methods, Path("elsewhere"))
    monkeypatch.setattr(command, "reproduce", dvc)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{Path.cwd()}/runs.db")
    command.main(["--table", "3", "--only", "g"])
    assert dvc.targets == [
        f"medical/dvc.yaml:evaluate_medical@{task}-lkc_funet_t3_g" for task in ("mri-ct", "mri-pet")
    ]
    row = dvc.methods["lkc_funet_t3_g"]
    assert (row.trained_on, row.own["groups"], row.own["lkdc_groups"]) == ("all", 128, 1)
    written = pd.read_csv("metrics/ablations/all/lkc_funet_table_3.csv")
    assert list(written["SD"]) == [1.5, 68.829]


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one line with which the command ends."""
    with pytest.raises(SystemExit) as stopped:
        command.main(arguments)
    assert stopped.value.code == 2
    return capsys.readouterr().err


def test_a_row_that_cannot_be_built_stops_before_any_training(tiny, monkeypatch, capsys) -> None:
    monkeypatch.setattr(command, "reproduce", lambda names: pytest.fail("trained"))
    tiny.write_text(TINY.replace("groups: 4", "groups: 5"))
    line = refused(["--table", "2", "--only", "k", "--task", "infrared"], capsys)
    assert "lkc_funet_t2_k: groups: 5 does not divide 16" in line


@pytest.mark.parametrize("seeds", ["0,x", "1,1", "", "-1"])
def test_seeds_are_whole_numbers_each_once(tiny, seeds, capsys) -> None:
    line = refused(["--table", "2", "--task", "infrared", f"--seeds={seeds}"], capsys)
    assert f"--seeds {seeds}: allowed are different whole numbers, as 0,1,2" in line


def test_a_task_that_does_not_run_is_refused(tiny, capsys) -> None:
    file = tiny.parent / "medical/params.yaml"
    file.parent.mkdir()
    file.write_text(MEDICAL)
    assert "tasks: no mri-pet" in refused(["--table", "2", "--task", "mri-pet"], capsys)
    file.write_text("{}\n")
    line = refused(["--table", "2"], capsys)  # the paper's own
    assert "tasks: no all, which the table is made on; there are none; --task infrared" in line
    file.write_text(MEDICAL)
    assert "allowed are mri-ct" in refused(["--table", "2", "--task", "ct"], capsys)


def test_figure_3_is_drawn_from_both_trained_rows_alone(tiny) -> None:
    place = places.infrared(params.load(tiny))
    write_png(place.data / "test/ir/1.png", np.zeros((16, 20), np.uint8))
    write_png(place.data / "test/vi/1.png", np.full((16, 20, 3), 90, np.uint8))
    (place.data / "test/names.csv").write_text("name\n1\n")
    base = {"type": "lkc_funet", "width": 16, "init_width": 8, "kernels": [5, 3], "groups": 4}
    names = {norm: name_of("lkc_funet", "2", key) for norm, key in ROWS.items()}
    variants = {names[norm]: base | {"init_norm": kind} for norm, kind in NORMS.items()}
    for name, entry in variants.items():
        own = {key: value for key, value in entry.items() if key != "type"}
        place.trained(name).mkdir(parents=True)
        network = registry.create("lkc_funet", **own)
        assert isinstance(network, torch.nn.Module)
        save_file(network.state_dict(), place.trained(name) / "model.safetensors")
    out = Path("figure.png")
    assert figure_3(place, {names["BN"]: variants[names["BN"]]}, out) == []
    assert not out.exists()
    assert figure_3(place, variants, out) == [out]
    assert read_rgb(out).std() > 0
