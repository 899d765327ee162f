"""Stage `train_medical`: train one method for one medical task.

`python -m fusion.medical.train TASK METHOD`.
"""

from __future__ import annotations

from fusion.learning.learn import fresh, train_if_needed
from fusion.medical import tasks
from fusion.medical.provenance import medical_fingerprint
from pipeline import tracking
from pipeline.params import Params, flatten, load_medical
from pipeline.stage.command import stage


@stage
def main(params: Params, task: str, method: str) -> None:
    """Train one method of medical/params.yaml on the train pairs of one task."""
    medical = load_medical()
    spec = medical.spec_of(method)
    training = medical.training_of(method)
    fuse, config = fresh(method, spec, training)
    directory, out = tasks.data(task), tasks.trained(task, method)
    subject = f"{task}-{method}"
    with tracking.run(params, "train_medical", subject, flatten(config), "medical") as run:
        run.tag("task", task)
        run.tag("method", method)
        mark = medical_fingerprint(medical, "train_medical", task, method)
        name, seconds = f"{task} {method}", params.runtime.checkpoint_seconds
        train_if_needed(fuse, name, training, directory, config, mark, run, out, seconds)


if __name__ == "__main__":
    main()
