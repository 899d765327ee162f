"""`ivif-fuse` and `ivif-metrics`: files and folders in, images and numbers out, one-line errors."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from safetensors.torch import save_file
from scipy import ndimage

import fusion
from fusion import fuse_images, judge_images
from fusion.apply import jobs
from fusion.apply.files import fuse_pair
from fusion.metrics import ALL, NAMES, evaluate
from pipeline.images.pixels import read_gray, read_rgb, write_png
from pipeline.images.whole import write_json
from pipeline.training.devices import device

NAMES_OF_PAIRS = ("a", "b", "c")


def _drawn(seed: int, channels: tuple[int, ...] = ()) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(size=(48, 56, *channels))
    smooth = ndimage.gaussian_filter(noise, (2, 2, *(0 for _ in channels)))
    return (255 * (smooth - smooth.min()) / np.ptp(smooth)).astype(np.uint8)


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder outside the project with three pairs and two methods' fused images of them."""
    monkeypatch.chdir(tmp_path)
    for seed, name in enumerate(NAMES_OF_PAIRS):
        write_png(f"ir/{name}.png", _drawn(seed))
        write_png(f"vis/{name}.png", _drawn(seed + 10, (3,)))
        write_png(f"one/{name}.png", _drawn(seed + 20, (3,)))
        write_png(f"two/{name}.png", _drawn(seed + 30))
    return tmp_path


def stopped(capsys: pytest.CaptureFixture, main, *arguments: str) -> str:
    with pytest.raises(SystemExit) as stop:
        main(list(arguments))
    assert stop.value.code == 2
    error = capsys.readouterr().err
    assert error.count("error: ") == 1
    return error


def expected(folder: str, name: str, convention: str, metrics=NAMES) -> dict[str, float]:
    images = (
        read_rgb(f"{folder}/{name}.png"),
        read_gray(f"ir/{name}.png"),
        read_rgb(f"vis/{name}.png"),
    )
    return evaluate(*images, convention, metrics)


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("convention", ["evaluator", "paper"])
def test_csv_has_a_row_for_each_fused_image(inside, capsys, convention, jobs) -> None:
    options = ["--format", "csv", "--out", "m.csv", "--convention", convention, "--jobs", jobs]
    judge_images.main(["ir", "vis", "one", "two", *options])
    table = pd.read_csv("m.csv")
    assert tuple(table) == ("fused", "name", *NAMES)
    assert list(table.fused) == ["one"] * 3 + ["two"] * 3
    assert list(table.name) == [*NAMES_OF_PAIRS] * 2
    for row in table.to_dict("records"):
        values = expected(row.pop("fused"), row.pop("name"), convention)
        assert row == pytest.approx(values, rel=1e-8)
    assert capsys.readouterr().out == "m.csv: 3 pairs, 2 times fused\n"


def test_json_has_means_and_images_of_chosen_metrics(inside, capsys) -> None:
    judge_images.main(
        ["ir", "vis", "two", "--format", "json", "--metrics", "Nabf,SD", "--jobs", "1"]
    )
    content = json.loads(capsys.readouterr().out)
    assert content["convention"] == "evaluator"
    found = content["fused"]["two"]
    assert [row["name"] for row in found["images"]] == list(NAMES_OF_PAIRS)
    for metric in ("Nabf", "SD"):
        values = [expected("two", n, "evaluator", [metric])[metric] for n in NAMES_OF_PAIRS]
        assert found["mean"][metric] == pytest.approx(np.mean(values))
        assert [row[metric] for row in found["images"]] == pytest.approx(values)


def test_the_table_shows_means_and_which_way_is_better(inside, capsys) -> None:
    judge_images.main(["ir/a.png", "vis/a.png", "one/a.png", "two/a.png", "--metrics", "SD,Qcv"])
    shown = capsys.readouterr().out.replace("\u00a0", " ")
    assert "SD ↑" in shown
    assert "Qcv ↓" in shown
    for folder in ("one", "two"):
        assert folder in shown
        assert f"{expected(folder, 'a', 'evaluator')['SD']:.3f}" in shown


def test_all_metrics_by_one_word_and_default_by_none() -> None:
    assert judge_images.chosen("all") == ALL
    assert judge_images.chosen("default") == NAMES


def test_columns_are_named_apart() -> None:
    labels = jobs.labels_of
    assert labels([Path("x/one"), Path("y/two")]) == ["one", "two"]
    assert labels([Path("x/fused"), Path("y/fused")]) == ["x", "y"]
    assert labels([Path("a/x/fused"), Path("b/x/fused")]) == ["a/x/fused", "b/x/fused"]


@pytest.mark.parametrize(
    ("change", "arguments", "message"),
    [
        (None, ["ir", "vis", "none"], "none: no such file or folder"),
        (None, ["ir", "vis/a.png", "one"], "vis/a.png is a file"),
        ("two/b.png", ["ir", "vis", "one", "two"], "3 and 2 images, b in one of them only"),
        ("vis/c.png", ["ir", "vis", "one"], "vis: no image c, which one has"),
        (None, ["ir", "vis", "one", "--metrics", "SD,Q"], "metric 'Q'; allowed are SD, "),
        (None, ["ir", "vis", "one", "--metrics", "MS-SSIM"], "MS-SSIM needs 176×176"),
        (None, ["ir", "vis", "one", "--out", "x"], "--out: a table is for the screen"),
    ],
)
def test_what_cannot_be_judged_is_one_line(inside, capsys, change, arguments, message) -> None:
    if change is not None:
        (inside / change).unlink()
    assert message in stopped(capsys, judge_images.main, *arguments, "--jobs", "1")


def test_a_broken_image_is_named_also_from_another_process(inside, capsys) -> None:
    (inside / "one/b.png").write_bytes(b"no image")
    error = stopped(capsys, judge_images.main, "ir", "vis", "one", "--format", "csv", "--jobs", "2")
    assert "one/b.png: not a readable image" in error


def test_fuse_writes_what_the_method_gives(inside, capsys) -> None:
    fuse_images.main(["ir", "vis", "--method", "average", "--out", "mine"])
    method = fusion.create("average")
    for name in NAMES_OF_PAIRS:
        pair = read_gray(f"ir/{name}.png"), read_rgb(f"vis/{name}.png")
        np.testing.assert_array_equal(read_rgb(f"mine/{name}.png"), fuse_pair(method, *pair))
    assert capsys.readouterr().out == "mine: 3 fused images\n"


def test_fuse_is_the_pretrained_network_unless_told_otherwise(inside) -> None:
    fuse_images.main(["ir/a.png", "vis/a.png", "--format", "bmp"])
    method = fusion.load_pretrained(fuse_images.METHOD)
    pair = read_gray("ir/a.png"), read_rgb("vis/a.png")
    np.testing.assert_array_equal(read_rgb("fused/a.bmp"), fuse_pair(method, *pair))


def test_fuse_makes_images_of_an_earlier_call_again(inside) -> None:
    for method in ("ir", "vis"):
        fuse_images.main(["ir", "vis", "--method", method])
    np.testing.assert_array_equal(read_rgb("fused/b.png"), read_rgb("vis/b.png"))


def test_fuse_takes_the_folder_that_training_wrote(inside) -> None:
    method = fusion.create(fuse_images.METHOD)
    write_json("trained/config.json", {"type": fuse_images.METHOD, "weights": None, "training": {}})
    save_file(method.state_dict(), "trained/model.safetensors")
    fuse_images.main(["ir/a.png", "vis/a.png", "--model", "trained"])
    pair = read_gray("ir/a.png"), read_rgb("vis/a.png")
    expected = fuse_pair(method.eval().to(device()), *pair)
    np.testing.assert_array_equal(read_rgb("fused/a.png"), expected)


def test_fuse_takes_the_parameters_of_a_method_that_does_not_learn(inside) -> None:
    write_json("trained/config.json", {"type": "average", "training": None, "ir_weight": 0.9})
    fuse_images.main(["ir/a.png", "vis/a.png", "--model", "trained"])
    pair = read_gray("ir/a.png"), read_rgb("vis/a.png")
    expected = fuse_pair(fusion.create("average", ir_weight=0.9), *pair)
    np.testing.assert_array_equal(read_rgb("fused/a.png"), expected)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--method", "none"], "fusion method 'none' is not known; allowed are "),
        (["--method", "lkc_funet"], "pretrained 'lkc_funet': no such weights"),
        (["--method", "precomputed"], "fusion method precomputed, parameter path"),
        (["--method", "average", "--model", "x"], "--method and --model"),
        (["--model", "x"], "x/config.json: no such file"),
        (["--method", "average", "--out", "vis"], "vis/a.png: is a source itself"),
    ],
)
def test_what_cannot_be_fused_is_one_line(inside, capsys, arguments, message) -> None:
    assert message in stopped(capsys, fuse_images.main, "ir", "vis", *arguments)
    assert not (inside / "fused").exists()
