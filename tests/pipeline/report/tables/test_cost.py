"""The cost table: two sizes, ONNX Runtime beside PyTorch, and why a cell is a dash."""

import pandas as pd
import pytest

from pipeline.params import Params
from pipeline.report.collected import Results
from pipeline.report.tables.cost import cost_table


def times(median, **more):
    return {"median_ms": median, "low_ms": median - 0.5, "high_ms": median + 1, "runs": 20} | more


def cost(parameters, cpu, onnx, gpu=None):
    """What `measure_cost` writes; the larger size takes four times as much."""
    sizes = {}
    for factor, size in ((1, "256x256"), (4, "480x640")):
        runtime = {"not_measured": onnx} if isinstance(onnx, str) else times(factor * onnx)
        sizes[size] = {
            "image": [int(side) for side in size.split("x")],
            "flops": factor * 2_000_000_000 if parameters else None,
            "cpu": times(factor * cpu, peak_mib=10.0 * factor, threads=2),
            "gpu": gpu and times(factor * gpu, peak_mib=5.0, name="a GPU"),
            "onnx": runtime,
        }
    return {"parameters": parameters, "sizes": sizes}


def table(**costs):
    methods = {"vis": {}} | {name: {"type": "average"} for name in costs}
    params = Params.model_validate({"fusion": {"methods": methods}})
    results = Results(params, list(methods), pd.DataFrame(), cost=costs)
    return cost_table(results)


NOTHING = "nothing learned, so nothing to export"


@pytest.fixture
def made():
    outside = {"not_measured": "the images come from outside"}
    return table(
        net=cost(9288, 5.0, 3.0), pyramid=cost(0, 1.5, NOTHING), mean=cost(0, 0.5, NOTHING),
        theirs=outside,
    )  # fmt: skip


def test_a_row_a_method_with_both_sizes(made):
    net, pyramid, mean = made.rows
    assert [row.label for row in made.rows] == ["net", "pyramid", "mean"]
    numbers = {key: cell.value for key, cell in net.cells.items()}
    assert numbers == {
        "parameters": 9.288, "flops": 2.0, "cpu_ms": 5.0, "cpu_mib": 10.0, "onnx_ms": 3.0,
        "cpu_ms_480x640": 20.0, "cpu_mib_480x640": 40.0, "onnx_ms_480x640": 12.0,
    }  # fmt: skip
    assert net.cells["onnx_ms_480x640"].interval == (11.5, 13.0)
    assert "onnx_ms" not in pyramid.cells
    assert mean.cells["flops"].value is None


def test_the_columns_name_their_size(made):
    titles = [column.title for column in made.columns]
    assert titles == [
        "Parameters (k)", "GFLOPs", "CPU time (ms)", "CPU memory (MiB)", "ONNX Runtime time (ms)",
        "CPU time at 480×640 (ms)", "CPU memory at 480×640 (MiB)",
        "ONNX Runtime time at 480×640 (ms)",
    ]  # fmt: skip


def test_the_caption_says_why_a_cell_is_a_dash(made):
    assert "one 256×256 pair, and where it says so one of 480×640" in made.caption
    assert f"Without its time: pyramid, mean: {NOTHING}." in made.caption
    assert "Not measured: theirs: the images come from outside." in made.caption


def test_a_gpu_has_its_columns_where_there_is_one():
    made = table(net=cost(9288, 5.0, 3.0, gpu=0.25), mean=cost(0, 0.5, NOTHING))
    keys = [column.key for column in made.columns]
    assert [key for key in keys if "gpu" in key] == [
        "gpu_ms", "gpu_mib", "gpu_ms_480x640", "gpu_mib_480x640",
    ]  # fmt: skip
    assert made.rows[0].cells["gpu_ms_480x640"].value == 1.0
    assert "gpu_ms" not in made.rows[1].cells


def test_no_table_without_a_measurement():
    assert table(theirs={"not_measured": "the images come from outside"}) is None
