"""Stage `evaluate_pairs`: how good one method's fused images of a further pair set are.

`python -m fusion.evaluate_pairs METHOD SET` writes, for the images of the stage `fuse_pairs`,
`metrics/pairs/METHOD/SET.csv`, one row an image.
"""

from __future__ import annotations

from fusion.apply.own_pairs import own_pairs
from fusion.apply.pair_sets import find_set
from fusion.metrics.files import evaluate_files, means, write_table
from pipeline import tracking
from pipeline.params import Params, flatten
from pipeline.results import left_out, paths
from pipeline.stage.command import stage


@stage
def main(params: Params, method: str, pair_set: str) -> None:
    """Judge one method of params.yaml by its fused images of a further pair set."""
    import pandas as pd

    source, evaluation = find_set(params, pair_set), params.fusion.evaluation
    images, path = paths.pair_images(method, pair_set), paths.pair_metrics(method, pair_set)
    logged = flatten(evaluation)
    with tracking.run(params, "evaluate_pairs", method, logged, part=pair_set) as run:
        if left_out.read(images) is None:
            files = own_pairs(source / "ir", source / "vi", images)
            title = f"evaluate {method} {pair_set}"
            table = evaluate_files(files, evaluation.convention, title, evaluation.metrics)
            run.metrics(means(table))
        else:
            table = pd.DataFrame(columns=["name", *evaluation.metrics])
        write_table(path, table)
        run.artifact(path)


if __name__ == "__main__":
    main()
