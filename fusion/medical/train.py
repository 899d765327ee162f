"""Stages `train_medical` and `train_shared_medical`: the network that fuses one task, or several.

`python -m fusion.medical.train TASK METHOD`, or `shared METHOD` for the network that `trained_on`
asks for, which the tasks' own stages then take as it is.
"""

from __future__ import annotations

import shutil

from fusion.learning.learn import fresh, train_if_needed
from fusion.medical import tasks
from fusion.medical.provenance import medical_fingerprint
from pipeline import tracking
from pipeline.images.whole import whole_folder, write_json
from pipeline.params import MedicalParams, Params, flatten, load_medical
from pipeline.results import paths
from pipeline.stage.command import stage
from pipeline.stage.errors import UserError


def take_shared(task: str, method: str) -> None:
    """Let a task's network be the one that was trained for several."""
    source = tasks.trained(tasks.SHARED, method)
    if not (source / paths.CONFIG).is_file():
        raise UserError(f"{source}: no such network; run `python -m fusion.medical.train shared`")
    with whole_folder(tasks.trained(task, method)) as out:
        shutil.copytree(source, out, dirs_exist_ok=True)
    print(f"{task} {method}: takes the network of {source}")


def train(params: Params, medical: MedicalParams, task: str, method: str) -> None:
    """Train a method for a task, or for `SHARED` ones."""
    training = medical.training_of(method)
    fuse, config = fresh(method, medical.spec_of(method), training)
    seen = medical.tasks_of(method, task)  # type: ignore[arg-type]
    config["trained_on"] = list(seen)
    directories, out = [tasks.data(one) for one in seen], tasks.trained(task, method)
    stage_name = "train_shared_medical" if task == tasks.SHARED else "train_medical"
    subject = f"{task}-{method}"
    with tracking.run(params, "train_medical", subject, flatten(config), "medical") as run:
        run.tag("task", task)
        run.tag("method", method)
        mark = medical_fingerprint(medical, stage_name, task, method)
        name, runtime = f"{task} {method}", params.runtime
        train_if_needed(fuse, name, training, directories, config, mark, run, out, runtime)


@stage
def main(params: Params, task: str, method: str) -> None:
    """Train one method of medical/params.yaml for one task, or for `shared` ones."""
    medical = load_medical()
    medical.spec_of(method)
    shared = medical.source_of(method) != "each"
    if task != tasks.SHARED and shared:
        take_shared(tasks.check_task(task), method)
    elif task == tasks.SHARED and not shared:
        write_json(tasks.trained(task, method) / paths.CONFIG, {"trained_on": "each"})
    else:
        train(params, medical, task, method)


if __name__ == "__main__":
    main()
