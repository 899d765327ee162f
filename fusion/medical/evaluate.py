"""Stage `evaluate_medical`: all metrics of one method's fused test images of one task.

`python -m fusion.medical.evaluate TASK METHOD`.
"""

from __future__ import annotations

import pandas as pd
from tqdm import tqdm

from fusion import metrics
from fusion.medical import places
from pipeline import pairs, tracking
from pipeline.files import write_text
from pipeline.images import read_gray, read_rgb
from pipeline.params import Params
from pipeline.stage import stage


def measure(task: str, method: str, convention: metrics.Convention) -> pd.DataFrame:
    """One row a test image: `name`, then the metrics under `convention`."""
    directory = places.data(task)
    rows = []
    names = pairs.names(pairs.read_manifest(directory), "test")
    for name in tqdm(names, desc=f"evaluate {task} {method}", unit="image", dynamic_ncols=True):
        mri = read_gray(pairs.image_path(directory, "test", "ir", name))
        partner = read_rgb(pairs.image_path(directory, "test", "vi", name))
        fused = read_rgb(places.fused(task, method) / f"{name}.png")
        rows.append({"name": name} | metrics.evaluate(fused, mri, partner, convention))
    return pd.DataFrame(rows)


@stage
def main(params: Params, task: str, method: str) -> None:
    """Measure one method's fused test images of one medical task."""
    places.spec_of(params, method)
    table = measure(task, method, params.fusion.evaluation.convention)
    path = places.metrics(task, method)
    write_text(path, table.to_csv(index=False, lineterminator="\n"))
    with tracking.run(params, "evaluate_medical", f"{task}-{method}") as run:
        run.tag("task", task)
        run.tag("method", method)
        means = table.drop(columns="name").mean()
        run.metrics({str(metric): float(value) for metric, value in means.items()})
        run.artifact(path)


if __name__ == "__main__":
    main()
