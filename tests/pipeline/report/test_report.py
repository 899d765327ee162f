import json
import re
import shutil
import subprocess

import pandas as pd
import pytest
import report_case
from PIL import Image

from pipeline import params
from pipeline.report import from_disk as results
from pipeline.report.__main__ import main
from pipeline.report.page import segmented
from pipeline.report.page.verdict import verdict
from pipeline.report.statistics import disagreement, judges
from pipeline.report.tables.segmentation import headline
from pipeline.results import paths
from pipeline.stage.errors import UserError


@pytest.fixture
def case(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)

    def build(**options):
        return report_case.build(tmp_path, **options)

    return build


@pytest.fixture
def loaded(case):
    case()
    return results.load(params.load())


def main_table(found):
    return headline(found, judges.retrained(found)[0])


def test_iou_is_the_share_counted_by_hand(loaded):
    table = main_table(loaded)
    rows = {row.label: row.cells for row in table.rows}
    # A person is 32 rows high; IR misses 16 of them with one seed and 18 with the other.
    person = rows["ir"]["person"]
    assert person.value == pytest.approx(100 * (16 / 32 + 14 / 32) / 2)
    assert person.std == pytest.approx(100 * 2 / 32 / 2**0.5)
    # What is missed becomes unlabeled, 8 pixels a row, in each of 6 images of 48 x 64 pixels.
    ground = 6 * 48 * 64 - 6 * 32 * 8 - 20 * sum(20 + i for i in range(6)) - 6 * 10
    unlabeled = [ground / (ground + 6 * 8 * missed) for missed in (16, 18)]
    assert rows["ir"]["unlabeled"].value == pytest.approx(100 * sum(unlabeled) / 2)
    assert rows["ir"]["car"].value == rows["ir"]["bike"].value == 100
    assert rows["ir"]["guardrail"].value is None
    # Four classes are in the truth: mIoU is their mean.
    assert rows["ir"]["miou"].value == pytest.approx(
        (rows["ir"]["unlabeled"].value + 200 + person.value) / 4
    )


def test_differences_are_those_of_the_miou_column(loaded):
    rows = {row.label: row.cells for row in main_table(loaded).rows}
    for source in ("ir", "vis"):
        difference = rows["alpha"][f"delta_{source}"]
        expected = rows["alpha"]["miou"].value - rows[source]["miou"].value
        assert difference.value == pytest.approx(expected)
        low, high = difference.interval
        assert low <= difference.value <= high
    assert "delta_ir" not in rows["ir"]


@pytest.mark.parametrize(
    ("inputs", "told"),
    [(("ir", "vis", "alpha"), ["Δ IR", "Δ VIS"]), (("vis", "alpha"), ["Δ VIS"]), (("vis",), []),
     (("alpha",), [])],
)  # fmt: skip
def test_there_is_a_difference_to_each_camera_that_was_judged(loaded, inputs, told):
    for name in loaded.segmented.keys() - set(inputs):
        del loaded.segmented[name]
    table = main_table(loaded)
    assert [column.title for column in table.columns if "Δ" in column.title] == told
    assert ("Δ" in table.caption) == bool(told)


def test_other_images_are_no_pairs(loaded):
    loaded.segmented["alpha"].names.reverse()
    with pytest.raises(UserError, match="alpha and ir were evaluated on different images"):
        main_table(loaded)


def test_a_left_out_input_keeps_its_reason(loaded):
    assert loaded.left_out == {"beta": "only test images are given"}
    assert list(loaded.segmented) == ["ir", "vis", "alpha"]
    assert list(loaded.fusion) == ["ir", "vis", "alpha", "beta"]


def test_results_of_methods_that_params_do_not_name_are_ignored(case):
    root = case(left_out=False)
    report_case.write_fusion(root, "stale", 0.3)
    report_case.write_segmentation(root, "stale", [[0] * 6] * 2)
    found = results.load(params.load())
    assert "stale" not in found.segmented
    assert "stale" not in found.fusion


def test_confusion_of_another_number_of_seeds_is_refused(case):
    root = case()
    path = root / paths.segmentation_metrics("deeplabv3", "ir")
    content = json.loads(path.read_text())
    del content["per_seed"]["1"]
    path.write_text(json.dumps(content))
    with pytest.raises(UserError, match=r"confusion \(2, 6, 9, 9\).*\(1, 6, 9, 9\)"):
        results.load(params.load())


def test_disagreement_is_the_share_of_pixels_counted_by_hand(loaded):
    found = disagreement.measure(loaded)
    # By day rows 4 to 16 of the person differ (alpha misses 4, IR 16), at night 4 or 8 to 24.
    pixels = 48 * 64
    assert found["00001D"] == pytest.approx(100 * 8 * (16 - 4) / pixels)
    assert found["00004N"] == pytest.approx(100 * 8 * (24 - 4) / pixels)
    assert found["00006N"] == pytest.approx(100 * 8 * (24 - 8) / pixels)


def test_gallery_is_sorted_by_disagreement_and_bounded(loaded):
    found = disagreement.measure(loaded)
    items = segmented.items(loaded, found)
    assert [item["name"] for item in items] == [
        "00004N", "00005N", "00006N", "00001D", "00002D", "00003D",
    ]  # fmt: skip
    assert set(items[0]["layers"]) == {layer["key"] for layer in segmented.layers(loaded)}
    one = sum(map(len, items[0]["layers"].values())) + len(items[0]["thumbnail"])
    assert len(segmented.items(loaded, found, budget=one)) == 1
    assert len(segmented.items(loaded, found, budget=1)) == 1


def test_scores_of_one_image_count_only_its_classes(loaded):
    item = next(
        i for i in segmented.items(loaded, disagreement.measure(loaded)) if i["name"] == "00002D"
    )
    alpha = next(score for score in item["scores"] if score["input"] == "alpha")
    ground = 48 * 64 - 32 * 8 - 20 * 21
    miou = (ground / (ground + 4 * 8) + 1 + 28 / 32) / 3
    assert alpha["miou"] == pytest.approx(100 * miou)
    assert alpha["accuracy"] == pytest.approx(100 * (1 - 4 * 8 / (48 * 64)))


@pytest.mark.slow
def test_the_stage_writes_everything(report):
    root, printed = report
    files = {str(p.relative_to(root / "reports")) for p in (root / "reports").rglob("*.*")}
    names = ("segmentation", "day_night", "fusion")
    tables = {f"tables/{name}.{kind}" for name in names for kind in ("csv", "md", "tex")}
    figures = {"iou", "examples", "confusion_ir", "confusion_vis", "confusion_alpha",
               "curves_segmentation", "fusion_distributions", "significance_alpha"}  # fmt: skip
    assert tables | {f"figures/{name}.png" for name in figures} | {"index.html"} <= files
    with Image.open(root / "reports/figures/examples.png") as image:
        image.load()
        assert image.width > image.height
    summary = json.loads((root / "metrics/summary.json").read_text())
    frame = pd.read_csv(root / "reports/tables/segmentation.csv").set_index("input")
    assert summary["miou"] == pytest.approx(frame["miou"].to_dict(), rel=1e-5)
    assert "alpha segments best" in printed
    assert "guardrail" in printed


@pytest.mark.slow
def test_the_page_needs_nothing_beside_itself(report):
    root, _ = report
    page = (root / "reports/index.html").read_text()
    links = re.findall(r"""(?:src|srcset|href)=["']([^"']+)""", page)
    own = ("data:", "#", "http://127.0.0.1:5000")
    assert [link for link in links if not link.startswith(own)] == []
    assert "url(" not in page
    assert "only test images are given" in page
    assert str(root) not in page


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex here")
def test_all_tables_compile_into_a_paper(report, tmp_path):
    root, _ = report
    inputs = "".join(
        rf"\input{{{path}}}" for path in sorted((root / "reports/tables").glob("*.tex"))
    )
    document = r"\documentclass[twocolumn]{article}\usepackage{booktabs}\begin{document}"
    (tmp_path / "paper.tex").write_text(document + inputs + r"\end{document}")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert result.returncode == 0, result.stdout.decode(errors="replace")[-2000:]


def test_one_seed_has_no_spread(case):
    case(seeds=1)
    table = main_table(results.load(params.load()))
    assert [cell.std for row in table.rows for cell in row.cells.values() if cell.std] == []
    assert "one seed" in table.caption
    assert "One seed" in verdict(table, True)


@pytest.mark.slow
def test_without_labels_only_fusion_is_reported(case):
    root = case(labels=False)
    main([])
    page = (root / "reports/index.html").read_text()
    assert "The data set has no labels" in page
    assert not (root / "reports/tables/segmentation.csv").exists()
    assert (root / "reports/tables/fusion.csv").exists()
    assert "prediction-" not in page.partition('id="gallery-data"')[2].partition("</script>")[0]
    assert "miou" not in json.loads((root / "metrics/summary.json").read_text())


def test_without_the_data_set_the_stage_says_so(case, capsys):
    root = case()
    (root / "data/demo/test/times.csv").unlink()
    with pytest.raises(SystemExit) as stopped:
        main([])
    assert stopped.value.code == 2
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert error.startswith("error: data/demo/test/times.csv: no such file")
