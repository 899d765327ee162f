"""Stage `evaluate_medical`: all metrics of one method's fused test images of one task.

`python -m fusion.medical.evaluate TASK METHOD`.
"""

from __future__ import annotations

from fusion.evaluate import evaluate_files, means
from fusion.medical import places
from pipeline import pairs, tracking
from pipeline.files import write_text
from pipeline.params import Params, load_medical
from pipeline.stage import stage


@stage
def main(params: Params, task: str, method: str) -> None:
    """Judge one method of medical/params.yaml by its fused test images of one task."""
    medical = load_medical()
    places.spec_of(medical, method)
    directory, path = places.data(task), places.metrics(task, method)
    files = [
        (
            pairs.image_path(directory, "test", "ir", name),
            pairs.image_path(directory, "test", "vi", name),
            places.fused(task, method) / f"{name}.png",
        )
        for name in pairs.names(pairs.read_manifest(directory), "test")
    ]
    subject = f"{task}-{method}"
    with tracking.run(params, "evaluate_medical", subject, experiment="medical") as run:
        run.tag("task", task)
        run.tag("method", method)
        table = evaluate_files(files, medical.convention, f"evaluate {task} {method}")
        write_text(path, table.to_csv(index=False, float_format="%.9g"))
        run.metrics(means(table))
        run.artifact(path)


if __name__ == "__main__":
    main()
