"""Stage `evaluate_fusion`: how good one method's fused test images are.

`python -m fusion.evaluate METHOD` writes, for METHOD, `metrics/fusion/METHOD.csv` (one row an
image) and `METHOD.json` (means).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fusion.metrics.files import evaluate_files, means, write_table
from pipeline import tracking
from pipeline.data import pairs
from pipeline.images.whole import write_json
from pipeline.params import Params, flatten
from pipeline.report.figures.distributions import distributions
from pipeline.results import paths
from pipeline.stage.command import stage

if TYPE_CHECKING:
    from fusion.apply.own_pairs import Triple


def test_files(params: Params, method: str) -> list[Triple]:
    """Files of all test pairs with the method's fused images, in the manifest's order."""
    directory = params.data.directory
    return [
        (
            pairs.image_path(directory, "test", "ir", name),
            pairs.image_path(directory, "test", "vi", name),
            paths.fused_image(method, "test", name),
        )
        for name in pairs.names(directory, "test")
    ]


@stage
def main(params: Params, method: str) -> None:
    """Judge one method of params.yaml by its fused test images."""
    params.fusion.spec_of(method)
    evaluation = params.fusion.evaluation
    with tracking.run(params, "evaluate_fusion", method, flatten(evaluation)) as run:
        files, title = test_files(params, method), f"evaluate {method}"
        table = evaluate_files(files, evaluation.convention, title, evaluation.metrics)
        averages = means(table)
        write_table(paths.fusion_metrics(method), table)
        write_json(paths.fusion_means(method), averages)
        run.metrics(averages)
        run.artifact(paths.fusion_metrics(method))
        run.figure(distributions({method: table}), "distributions.png")


if __name__ == "__main__":
    main()
