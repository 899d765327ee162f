"""Every picture of the report, with its words."""

from __future__ import annotations

from pipeline.report.collected import Results
from pipeline.report.figures import curves, examples
from pipeline.report.figures.confusion import confusion_figure
from pipeline.report.figures.picture import Picture
from pipeline.report.figures.style import themed
from pipeline.report.figures.verdict import pareto, ranked
from pipeline.report.figures.verdict.iou_bars import iou_bars
from pipeline.report.tables.table import Table


def of_segmentation(table: Table) -> list[Picture]:
    """All inputs in their order, and the IoU per class of each."""
    return [
        Picture(
            "results",
            themed(ranked.draw, table),
            "Each input's mIoU with its spread, the best on top, and its difference to a camera "
            "alone with the interval; its numbers are in the table above",
            "The inputs from the best down. An interval across the line leaves open whether the "
            "input is better or worse than that camera alone.",
            wide=True,
        ),
        Picture(
            "iou",
            themed(iou_bars, table),
            "Bar chart of the IoU of each class and the mIoU for each input; its numbers are in "
            "the table above",
            "IoU per class and mIoU; whiskers are ± one standard deviation over seeds.",
            wide=True,
        ),
    ]


def of_cost(cost: Table | None, headline: Table | None) -> list[Picture]:
    """What a method is worth beside what it costs, where two at least have both."""
    if cost is None or headline is None or not pareto.drawn(cost):
        return []
    return [
        Picture(
            "pareto",
            themed(pareto.draw, cost, headline),
            "Scatter plot of each method's mIoU over the milliseconds that it takes to fuse a "
            "pair; the numbers are in the table above",
            "mIoU over the time of fusing one pair; whiskers are ± one standard deviation over "
            "seeds. Filled: no other method is both as fast and as good. Across: each camera "
            "alone, which costs nothing.",
            wide=True,
        )
    ]


def of_examples(results: Results, disagreement: dict[str, float]) -> list[Picture]:
    """A few test images, chosen by disagreement."""
    names = examples.choose(results, disagreement)
    if not names:
        return []
    return [
        Picture(
            "examples",
            themed(examples.draw, results, names),
            f"Test images {', '.join(names)}: sources, fused image, label and predictions",
            "The test images by day and by night on which the inputs disagree most, whichever "
            "input wins.",
            wide=True,
        )
    ]


def of_confusion(results: Results) -> list[Picture]:
    """One matrix an input."""
    return [
        Picture(
            f"confusion_{name}",
            themed(confusion_figure, one.confusion.sum(axis=(0, 1)), results.classes, name),
            f"Confusion matrix of {name}",
            f"{name}: share of each true class (row) given to each class, percent, over all seeds.",
        )
        for name, one in results.segmented.items()
    ]


def of_training(results: Results) -> list[Picture]:
    """Losses of segmentation networks and of fusion networks."""
    pictures = []
    segmented = {name: seeds for name, seeds in results.segmentation_history.items() if seeds}
    if segmented:
        pictures.append(
            Picture(
                "curves_segmentation",
                themed(curves.segmentation_curves, segmented),
                "Training loss of the segmentation by epoch, one line an input",
                "Loss of the segmentation on its train images; the shade spans the seeds.",
            )
        )
    if results.fusion_history:
        pictures.append(
            Picture(
                "curves_fusion",
                themed(curves.fusion_curves, results.fusion_history),
                f"Training loss by epoch of {', '.join(results.fusion_history)}",
                "Loss of each learned fusion method and its weighted terms.",
                wide=len(results.fusion_history) > 1,
            )
        )
    return pictures
