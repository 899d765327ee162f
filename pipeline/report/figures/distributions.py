"""How per-image metrics are spread: one small panel a metric."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

_COLUMNS = 5


def distributions(frames: dict[str, pd.DataFrame], colours: dict[str, str] | None = None) -> Figure:
    """Draw each metric's distribution over images, one violin a method with its quartiles.

    Args:
        frames: metrics per image by method; columns `name` and `set` are not metrics.
        colours: of the methods; seaborn's if None.
    """
    import pandas as pd
    import seaborn as sns
    from matplotlib.figure import Figure

    joined = pd.concat([frame.assign(method=method) for method, frame in frames.items()])
    metrics = [name for name in joined.columns if name not in ("name", "set", "method")]
    rows = math.ceil(len(metrics) / _COLUMNS)
    height = 0.9 + 0.32 * len(frames)
    figure = Figure(figsize=(2.3 * _COLUMNS, height * rows))
    panels = figure.subplots(rows, _COLUMNS, squeeze=False, sharey=True).ravel()
    for panel, metric in zip(panels, metrics, strict=False):
        sns.violinplot(
            joined, x=metric, y="method", hue="method", palette=colours, order=list(frames),
            hue_order=list(frames), legend=False, inner="quart", cut=0, linewidth=0.8, ax=panel,
        )  # fmt: skip
        panel.set(title=metric, xlabel="", ylabel="")
    for panel in panels[len(metrics) :]:
        panel.remove()
    figure.tight_layout()
    return figure
