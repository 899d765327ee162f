import numpy as np

from pipeline.report.figures.confusion import confusion_figure


def test_confusion_figure_shows_shares_of_the_truth() -> None:
    confusion = np.array([[3, 1, 0], [0, 2, 0], [0, 0, 0]])
    axes = confusion_figure(confusion, ("road", "car_stop", "person"), "ir").axes[0]
    shown = {text.get_position(): text.get_text() for text in axes.texts}
    assert shown == {  # by (prediction, truth), cell centres; nobody is a person
        (0.5, 0.5): "75", (1.5, 0.5): "25", (2.5, 0.5): "0",
        (0.5, 1.5): "0", (1.5, 1.5): "100", (2.5, 1.5): "0",
    }  # fmt: skip
    assert [label.get_text() for label in axes.get_yticklabels()] == ["road", "car stop", "person"]
    assert axes.yaxis_inverted()  # the first class stands at the top
    assert axes.get_title() == "ir"
