"""Stages `code_medical` and `code_table_medical`: what stages are made of, see `pipeline.code`.

`python -m fusion.medical.code TASK`, or `TABLE --table`. One for each, so that there is none
without tasks and tables.
"""

from __future__ import annotations

from pathlib import Path

from fusion.medical import tasks
from fusion.medical.provenance import made_of, table_made_of
from pipeline.images.whole import write_json
from pipeline.params import Params, load_medical
from pipeline.provenance.inputs import link_methods
from pipeline.stage.command import stage


@stage
def main(params: Params, name: str, table: bool = False) -> None:
    """Write what a medical task's stages and methods are made of, or what a table is."""
    medical = load_medical()
    if table:
        write_json(tasks.table_code(name), table_made_of(medical, name))
        return
    made = made_of(medical, tasks.check_task(name))
    link_methods(tasks.inputs(name), medical)
    for path, content in made.items():
        write_json(Path(path), content)


if __name__ == "__main__":
    main()
