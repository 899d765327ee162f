"""Places of the inputs by each judge, joined by lines: parallel where the order survives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.report.figures.style import colours
from pipeline.report.statistics.judges import Judge

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def places(judge: Judge, names: list[str]) -> dict[str, float]:
    """Place of each of the inputs by mIoU, 1 the best; equals share the mean place."""
    from scipy.stats import rankdata

    ranked = rankdata([-judge.resampled[name].miou for name in names])
    return dict(zip(names, ranked.tolist(), strict=True))


def common(judges: list[Judge]) -> list[str]:
    """Inputs that every judge has judged, in their order."""
    return [name for name in judges[0].segmented if all(name in j.segmented for j in judges)]


def draw(judges: list[Judge]) -> Figure:
    """One column a judge, one line an input that all of them judged, the best on top."""
    from matplotlib import pyplot as plt

    names = common(judges)
    by_judge = [places(judge, names) for judge in judges]
    palette = colours(names)
    size = (2.2 + 2.2 * len(judges), 1.2 + 0.35 * len(names))
    figure, axes = plt.subplots(figsize=size, layout="constrained")
    across = range(len(judges))
    for name in names:
        heights = [found[name] for found in by_judge]
        axes.plot(across, heights, marker="o", color=palette[name], label=name)
        axes.text(len(judges) - 0.92, heights[-1], name, va="center", color=palette[name])
    axes.set_xticks(across, [judge.title for judge in judges])
    axes.set(
        ylabel="place by mIoU", yticks=range(1, len(names) + 1), ylim=(len(names) + 0.5, 0.5),
        xlim=(-0.3, len(judges) - 0.2),
    )  # fmt: skip
    return figure
