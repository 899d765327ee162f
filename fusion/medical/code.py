"""Stage `code_medical`: what a task's stages and methods are made of, see `pipeline.code`.

`python -m fusion.medical.code TASK`. One for each task, so that there is none without tasks.
"""

from __future__ import annotations

from pathlib import Path

from fusion.medical import tasks
from fusion.medical.provenance import made_of
from pipeline.images.whole import write_json
from pipeline.params import Params, load_medical
from pipeline.stage.command import stage


@stage
def main(params: Params, task: str) -> None:
    """Write what one medical task's stages and methods are made of."""
    for path, content in made_of(load_medical(), tasks.check_task(task)).items():
        write_json(Path(path), content)


if __name__ == "__main__":
    main()
