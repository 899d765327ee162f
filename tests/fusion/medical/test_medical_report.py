"""The medical report on metrics and images that are known: tables, significance, page."""

import io
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from fusion.medical import report, tasks
from pipeline.images.pixels import write_png
from pipeline.images.whole import write_json, write_text
from pipeline.params import MedicalParams

pytestmark = pytest.mark.slow

SIZE = 48
NAMES = ["1", "2", "3", "4"]
SIX = ["SD", "AG", "SF", "SCD", "VIFF", "SSIM"]
MEANS = {"average": 10.0, "strong": 20.0, "weak": 5.0}
"""Of every metric, by method; `ir`, the MRI alone, is above all and must not be ranked."""


def write_task(task: str) -> None:
    rng = np.random.default_rng(len(task))
    folder = tasks.data(task)
    rows = pd.DataFrame({"name": NAMES})
    write_text(folder / "test/names.csv", rows.to_csv(index=False))
    for name in NAMES:
        mri, partner = rng.integers(0, 200, (2, SIZE, SIZE), dtype=np.uint8)
        write_png(folder / f"test/ir/{name}.png", mri)
        write_png(folder / f"test/vi/{name}.png", np.stack([partner] * 3, axis=2))
        for place, method in enumerate(MEANS):
            fused = np.full((SIZE, SIZE, 3), 50 * place + 10 * int(name), np.uint8)
            write_png(tasks.fused(task, method) / f"{name}.png", fused)
    for method, mean in (MEANS | {"ir": 99.0}).items():
        noise = rng.normal(0, 0.1, len(NAMES))
        frame = pd.DataFrame({"name": NAMES} | dict.fromkeys(MedicalParams().metrics, mean + noise))
        write_text(tasks.metrics(task, method), frame.to_csv(index=False))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    here = tmp_path_factory.mktemp("medical_report")
    medical = {
        "root": "atlas",
        "tasks": ["mri-ct", "mri-spect"],
        "methods": {"ir": {}, **{name: {"type": "average"} for name in MEANS}},
        "tables": {"table_4": SIX},
        "significance": {"proposed": "strong"},
    }
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(io.StringIO()):
        patch.chdir(here)
        patch.setenv("MLFLOW_TRACKING_URI", "sqlite:///runs.db")
        write_text(Path("params.yaml"), "fusion: {methods: {average: {}}}\n")
        write_text(Path("medical/params.yaml"), yaml.safe_dump(medical, sort_keys=False))
        for task in medical["tasks"]:
            write_task(task)
        sizes = {
            "256x256": {
                "image": [256, 256], "flops": 2e9, "gpu": None, "onnx": {"not_measured": "x"},
                "cpu": {"median_ms": 7.0, "low_ms": 6.0, "high_ms": 8.0, "peak_mib": 1.0,
                        "runs": 3, "threads": 1},
            }
        }  # fmt: skip
        write_json(tasks.cost("strong"), {"parameters": 5000, "sizes": sizes})
        report.main(["table_4"])
    return here


def table(name: str) -> pd.DataFrame:
    path = f"reports_medical/table_4/tables/{name}.csv"
    return pd.read_csv(path, keep_default_na=False, na_values=[""]).set_index("method")


def test_table_4_has_the_printed_rows_below_the_measured_ones(inside: Path) -> None:
    found = table("table_4")
    measured = found[found["source"].isna()]
    assert list(measured.index) == ["ir", *MEANS]
    assert measured.loc["strong", "mri-ct_SD"] == pytest.approx(20, abs=0.2)
    he = found[found["source"].fillna("").str.startswith("He et al.")]
    assert len(he) == 9
    assert he.loc["DM-FNet", "mri-ct_SCD"] == 1.440
    assert "doubtful in print" in he.loc["DM-FNet", "notes"]
    assert "50 pairs" in he.loc["DM-FNet", "source"]
    text = Path("reports_medical/table_4/tables/table_4.md").read_text()
    assert "4 of MRI-CT, 4 of MRI-SPECT" in text


def test_table_7_has_cost_and_the_rank_sum_of_each_task(inside: Path) -> None:
    found = table("table_7")
    measured = found[found["source"].isna()]
    assert list(measured.index) == list(MEANS)
    assert measured.loc["strong", "parameters"] == 5
    # Best, second and third in each of six metrics.
    assert measured["rank_mri-ct"].to_dict() == {"average": 12, "strong": 6, "weak": 18}
    assert measured["rank_mri-spect"].to_dict() == {"average": 12, "strong": 6, "weak": 18}
    assert measured["rank_mri-pet"].isna().all()
    assert found.loc["MMDRFuse", "rank_mri-pet"] == 45
    assert found.loc["MMDRFuse", "gpu_ms"] == 0.4  # printed, though no GPU was measured here
    text = Path("reports_medical/table_4/tables/table_7.md").read_text()
    assert "over the paper's six metrics, SD, AG, SF, SCD, VIFF, SSIM" in text


def test_significance_is_of_the_proposed_method_in_a_family_each_task(inside: Path) -> None:
    tests = pd.read_csv("reports_medical/table_4/tables/significance.csv")
    assert set(tests["method"]) == {"strong"}
    assert set(tests["other"]) == {"average", "weak"}
    assert tests.groupby("set").size().to_dict() == {"mri-ct": 12, "mri-spect": 12}
    assert set(tests["tests"]) == {12}
    assert (tests["r"] == 1).all()
    for task in ("mri_ct", "mri_spect"):
        figure = f"significance_{task.replace('_', '-')}_strong.png"
        assert (inside / "reports_medical/table_4/figures" / figure).is_file()


def test_the_page_slides_between_mri_its_partner_and_the_methods(inside: Path, chromium) -> None:
    from selenium.webdriver.support.select import Select

    chromium.get((inside / "reports_medical/table_4/index.html").as_uri())
    by = chromium.find_element
    options = [option.text for option in Select(by("css selector", "#left")).options]
    assert options == ["CT or SPECT", "MRI", *MEANS]
    groups = [option.text for option in Select(by("css selector", "#order")).options]
    assert groups[-2:] == ["mri-ct first", "mri-spect first"]
    Select(by("css selector", "#order")).select_by_value("mri-spect")
    texts = [one.text for one in chromium.find_elements("css selector", "#images small")]
    assert [text.split(",")[0] for text in texts] == ["mri-spect"] * 4 + ["mri-ct"] * 4
    assert not by("css selector", "#overlay-label").is_displayed()  # there are no classes
    layer = by("css selector", "#side-left .layer")
    assert chromium.execute_script("return arguments[0].naturalWidth", layer) == SIZE
    titles = [one.text for one in chromium.find_elements("css selector", "h2, h3")]
    assert "Significance on mri-ct" in titles
    assert "Which input segments best?" not in titles

    rows = chromium.find_elements("css selector", "#table-table_4 tr.published")
    notes = by("css selector", "[data-published-of=table-table_4]")
    assert not rows[0].is_displayed() and not notes.is_displayed()
    by("css selector", "input[data-published=table-table_4]").click()
    assert rows[0].is_displayed() and notes.is_displayed()
    assert "doubtful in print" in notes.text
    by("css selector", "#table-table_4 thead th:nth-child(2) button").click()
    labels = chromium.find_elements("css selector", "#table-table_4 tbody tr")
    published = ["published" in row.get_attribute("class") for row in labels]
    assert published == sorted(published)  # printed numbers stay below, however it is sorted
    assert chromium.get_log("browser") == []
