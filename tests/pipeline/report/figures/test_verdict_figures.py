"""Figures of the verdict: what is drawn is what the tables say."""

import pytest
from matplotlib import pyplot as plt

from pipeline.report.figures.verdict import by_class, pareto, ranked
from pipeline.report.tables.table import Cell, Column, Row, Table

COST = {"slow": (900.0, 40.0), "fast": (1.0, 38.0), "worse": (5.0, 37.0), "even": (900.0, 40.0)}
MIOU = {"ir": 27.7, "vis": 37.7, "slow": 40.0, "fast": 38.0, "worse": 37.0, "even": 40.0}


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def cost(**more: Cell) -> Table:
    rows = [
        Row(name, {"cpu_ms": Cell(time), "miou": Cell(miou)} | more)
        for name, (time, miou) in COST.items()
    ]
    return Table("cost", "", "Method", [], [*rows, Row("untimed", {"miou": Cell(50.0)})])


def headline() -> Table:
    rows = []
    for name, value in MIOU.items():
        gain = value - MIOU["vis"]
        cells = {"miou": Cell(value, 0.5), "delta_vis": Cell(gain, interval=(gain - 2, gain + 1))}
        rows.append(Row(name, cells if name != "vis" else {"miou": Cell(value, 0.5)}))
    return Table("segmentation", "", "Input", [], rows)


def test_the_front_is_what_nothing_beats_in_both() -> None:
    found = pareto.points(cost(), "cpu_ms")
    assert found == COST
    assert pareto.front(found) == ["fast", "slow", "even"]


def test_a_method_that_is_as_good_and_slower_is_off_the_front() -> None:
    assert pareto.front({"a": (1.0, 5.0), "b": (2.0, 5.0), "c": (2.0, 6.0)}) == ["a", "c"]


def test_a_device_with_one_time_is_not_drawn() -> None:
    assert pareto.drawn(cost()) == ["cpu_ms"]
    assert pareto.drawn(cost(gpu_ms=Cell(2.0))) == ["cpu_ms", "gpu_ms"]


def test_the_cameras_are_lines_across_and_the_methods_points() -> None:
    figure = pareto.draw(cost(), headline())
    (axes,) = figure.axes
    texts = [text.get_text() for text in axes.texts]
    assert texts == [*COST, "IR alone", "VIS alone"]
    levels = {line.get_ydata()[0] for line in axes.lines if len(set(line.get_ydata())) == 1}
    assert {27.7, 37.7} <= levels
    assert axes.get_xscale() == "log"


def dots(axes) -> list[tuple[float, float]]:
    marked = (line for line in axes.lines if line.get_marker() == "o")
    return [(line.get_xdata()[0], line.get_ydata()[0]) for line in marked]


def test_inputs_are_ranked_from_the_best_down() -> None:
    left, right = ranked.draw(headline()).axes
    order = ["slow", "even", "fast", "VIS", "worse", "IR"]
    assert [label.get_text() for label in left.get_yticklabels()] == order
    assert [x for x, _ in dots(left)] == sorted(MIOU.values(), reverse=True)
    gains = {height: x for x, height in dots(right)}
    assert gains.keys() == {0, 1, 2, 4, 5}  # VIS is not against itself
    assert gains[5] == pytest.approx(27.7 - 37.7)


def test_without_vis_the_other_camera_is_the_measure() -> None:
    rows = [Row("ir", {"miou": Cell(1.0)}), Row("a", {"miou": Cell(2.0), "delta_ir": Cell(1.0)})]
    table = Table("segmentation", "", "Input", [], rows)
    assert ranked.camera(table) == "ir"
    assert "IR" in ranked.draw(table).axes[1].get_xlabel()


def test_a_panel_a_class_with_a_dot_an_input_that_has_it() -> None:
    columns = [Column(name, name) for name in ("car", "person", "bike", "bump")]
    cells = {c.key: Cell(10.0 * i, interval=(9.0 * i, 11.0 * i)) for i, c in enumerate(columns)}
    part = {"car": cells["car"]}
    table = Table("by_class", "", "Input", columns, [Row("ir", cells), Row("a", part)])
    panels = {axes.get_title(): axes for axes in by_class.draw(table).axes if axes.axison}
    assert list(panels) == ["car", "person", "bike", "bump"]
    assert dots(panels["bump"]) == [(30.0, 0)]
    assert len(dots(panels["car"])) == 2
    assert tuple(panels["bump"].lines[0].get_xdata()) == (27.0, 33.0)
