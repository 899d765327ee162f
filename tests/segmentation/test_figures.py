import numpy as np

from segmentation.figures import confusion_figure


def test_confusion_figure_shows_shares_of_the_truth() -> None:
    confusion = np.array([[3, 1, 0], [0, 2, 0], [0, 0, 0]])
    axes = confusion_figure(confusion, ("road", "car", "person"), "ir").axes[0]
    shown = {text.get_position(): text.get_text() for text in axes.texts}
    assert shown == {
        (0, 0): "75", (1, 0): "25", (2, 0): "0", (0, 1): "0", (1, 1): "100", (2, 1): "0",
    }  # fmt: skip
    assert [label.get_text() for label in axes.get_yticklabels()] == ["road", "car", "person"]
