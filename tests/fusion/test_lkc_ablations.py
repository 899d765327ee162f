"""Ablation rows as entries of params.yaml, the file's editing, and the table beside the paper's."""

import pandas as pd
import pytest
import torch
import yaml

from fusion import registry
from fusion.ablations import __main__ as command
from fusion.ablations import results
from fusion.ablations.params_file import added, with_entries
from fusion.ablations.rows import AblationRow, entries, rows
from fusion.lkc_funet.norms import BatchChannelNorm
from pipeline import params
from pipeline.errors import UserError
from pipeline.params import MethodSpec

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


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "params.yaml"
    path.write_text(TINY)
    return path


def build(entry):
    return registry.create(entry["type"], **MethodSpec.model_validate(entry).own)


@pytest.mark.parametrize("table", ["2", "3"])
def test_every_row_trains_at_a_small_size(tiny, table) -> None:
    chosen = rows(table)
    assert list(chosen) == list("abcdefghijk" if table == "2" else "cdefghi")
    for name, entry in entries(params.load(tiny), table, chosen).items():
        if entry["groups"] > 8:
            continue  # divides the paper's widths, not these
        torch.manual_seed(0)
        method = build(entry)
        sum(method.losses(torch.rand(2, 1, 16, 16), torch.rand(2, 3, 16, 16)).values()).backward()
        assert all(p.grad is not None for p in method.parameters()), name


def test_rows_fit_the_released_size_and_mean_what_their_labels_say() -> None:
    with torch.device("meta"):
        built = {
            row.label: registry.create("lkc_funet", **row.params).network
            for table in "23"
            for row in rows(table).values()
        }
    counts = {label: sum(p.numel() for p in net.parameters()) for label, net in built.items()}
    assert counts["IN + GN, LKC, MPAFM"] == counts["32 groups"] == 41_174_438
    kinds = {label: {type(m).__name__ for m in net.modules()} for label, net in built.items()}
    assert not kinds["no normalisation"] & {"GroupNorm", "BatchNorm2d", "BatchChannelNorm"}
    assert kinds["BN"] & {"GroupNorm", "BatchNorm2d"} == {"BatchNorm2d"}
    assert sum(isinstance(m, BatchChannelNorm) for m in built["BCN"].modules()) > 40
    for label, net in built.items():
        kernels = {m.kernel_size[0] for m in net.modules() if isinstance(m, torch.nn.Conv2d)}
        assert (15 in kernels) == ("LKC" in label or "group" in label)
        assert ("MPAFM" in kinds[label]) == ("MPAFM" in label or "group" in label)
    groups = {
        label: {m.num_groups for m in net.final_conv.modules() if hasattr(m, "num_groups")}
        for label, net in built.items()
        if "group" in label
    }
    assert groups == {
        **{f"{g} groups": {g} for g in (2, 4, 8, 16, 32)},
        "1 group": {1},
        "a group a channel": {128},
    }


def test_rows_are_laid_over_the_user_s_own_network(tiny) -> None:
    entry = entries(params.load(tiny), "2", rows("2", "a"))["lkc_t2_a"]
    assert entry == {
        "type": "lkc_funet", "training": {"epochs": 3},
        "width": 16, "init_width": 8, "kernels": [5, 3], "groups": 4,
        "init_norm": "batch", "norm": "batch", "lkc": False, "mpafm": False,
    }  # fmt: skip


def test_unknown_table_and_row_say_what_is_allowed() -> None:
    with pytest.raises(UserError, match="allowed are 2, 3"):
        rows("4")
    with pytest.raises(UserError, match="no row z in table 3; allowed are c, d, e"):
        rows("3", "c,z")


def test_entries_stand_in_the_file_only_inside_the_block(tiny) -> None:
    new = {"lkc_t2_a": {"type": "lkc_funet", "lkc": False}, "lkc_t2_b": {"type": "lkc_funet"}}
    with pytest.raises(KeyboardInterrupt), added(tiny, new):
        inside = yaml.safe_load(tiny.read_text())
        assert inside["fusion"]["methods"] == yaml.safe_load(TINY)["fusion"]["methods"] | new
        tiny.write_text(tiny.read_text() + "# edited meanwhile\n")
        raise KeyboardInterrupt
    assert tiny.read_text() == TINY + "# edited meanwhile\n"


def test_lines_of_a_killed_run_are_no_obstacle(tiny) -> None:
    entry = {"lkc_t2_a": {"type": "lkc_funet"}}
    tiny.write_text(with_entries(TINY, entry))
    with added(tiny, entry):
        pass
    assert tiny.read_text() == TINY


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fusion: {methods: {average: {}}}\n", "block style"),
        ("fusion:\n  methods:\n    lkc_t2_a: {}\n", "lkc_t2_a taken"),
    ],
)
def test_files_that_cannot_be_edited_stay_as_they_are(tmp_path, text, message) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(text)
    with pytest.raises(UserError, match=message), added(path, {"lkc_t2_a": {"type": "lkc_funet"}}):
        raise AssertionError("not reached")
    assert path.read_text() == text


def test_another_key_methods_is_not_mistaken() -> None:
    text = "other:\n  methods:\n    x: 1\nfusion:\n  methods:\n    average: {}\n"
    changed = yaml.safe_load(with_entries(text, {"new": {"type": "ir"}}))
    assert changed == {
        "other": {"methods": {"x": 1}},
        "fusion": {"methods": {"average": {}, "new": {"type": "ir"}}},
    }


def write_metrics(folder, name: str, sd: list[float]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    frame = pd.DataFrame({"name": ["1", "2"], "SD": sd, "MSE": [0.5, 0.5]})
    frame.to_csv(folder / f"{name}.csv", index=False)


def test_a_printed_row_stands_below_the_measured_one(tiny) -> None:
    write_metrics(results.METRICS, "lkc_t2_a", [40.0, 44.0])
    row = AblationRow(label="BN", params={}, paper={"SD": 43.5})
    table = results.comparison("2", {"a": row})
    measured, printed = table.rows
    assert (measured.label, measured.published) == ("(a) BN", "")
    assert measured.cells["SD"].value == 42
    assert measured.cells["SD"].std == pytest.approx(8**0.5)
    assert (printed.cells["SD"].value, printed.published) == (43.5, "paper")
    assert {column.key: column.better for column in table.columns} == {
        "SD": "higher",
        "MSE": "lower",
    }


@pytest.mark.slow
def test_the_command_reproduces_the_rows_and_writes_the_table(tiny, monkeypatch) -> None:
    """With `dvc repro` replaced by a fake that sees params.yaml as DVC would."""
    seen = {}

    def fake(names: list[str]) -> None:
        seen.update(params.load(tiny).fusion.methods)
        for name in names:
            write_metrics(results.METRICS, name, [1.0, 2.0])

    monkeypatch.setattr(command, "reproduce", fake)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///runs.db")
    command.main(["--table", "2", "--only", "a,k"])
    assert seen["lkc_t2_k"].own["recalibrate"] == "encoder"
    assert tiny.read_text() == TINY
    written = pd.read_csv("metrics/ablations/table_2.csv")
    assert list(written["variant"]) == ["(a) BN", "(k) IN + GN, LKC, MPAFM"]
    assert list(written["SD"]) == [1.5, 1.5]


def test_a_row_that_cannot_be_built_stops_before_any_training(tiny, monkeypatch, capsys) -> None:
    monkeypatch.setattr(command, "reproduce", lambda names: pytest.fail("trained"))
    with pytest.raises(SystemExit) as stopped:
        command.main(["--table", "3", "--only", "h"])
    assert stopped.value.code == 2
    assert "lkc_t3_h: groups: 32 does not divide 16" in capsys.readouterr().err
