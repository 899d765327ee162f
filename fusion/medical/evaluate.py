"""Stage `evaluate_medical`: all metrics of one method's fused test images of one task.

`python -m fusion.medical.evaluate TASK METHOD`.
"""

from __future__ import annotations

from fusion.medical import tasks
from fusion.metrics.files import evaluate_files, means, write_table
from pipeline import tracking
from pipeline.data import pairs
from pipeline.params import Params, load_medical
from pipeline.stage.command import stage


@stage
def main(params: Params, task: str, method: str) -> None:
    """Judge one method of medical/params.yaml by its fused test images of one task."""
    medical = load_medical()
    medical.spec_of(method)
    directory, path = tasks.data(task), tasks.metrics(task, method)
    files = [
        (
            pairs.image_path(directory, "test", "ir", name),
            pairs.image_path(directory, "test", "vi", name),
            tasks.fused(task, method) / f"{name}.png",
        )
        for name in pairs.names(directory, "test")
    ]
    subject = f"{task}-{method}"
    with tracking.run(params, "evaluate_medical", subject, experiment="medical") as run:
        run.tag("task", task)
        run.tag("method", method)
        title = f"evaluate {task} {method}"
        table = evaluate_files(files, medical.convention, title, medical.metrics)
        write_table(path, table)
        run.metrics(means(table))
        run.artifact(path)


if __name__ == "__main__":
    main()
