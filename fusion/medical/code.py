"""Stages `code_medical` and their like: what stages are made of, see `pipeline.code`.

`python -m fusion.medical.code TASK`, `METHOD --shared`, `METHOD --cost` or `TABLE --table`. One for
each, so that there is none without tasks, methods and tables.
"""

from __future__ import annotations

from pathlib import Path

from fusion.medical import tasks
from fusion.medical.provenance import cost_made_of, made_of, shared_made_of, table_made_of
from pipeline.images.whole import write_json
from pipeline.params import Params, load_medical
from pipeline.provenance.inputs import link_methods
from pipeline.stage.command import stage


@stage
def main(
    params: Params, name: str, table: bool = False, shared: bool = False, cost: bool = False
) -> None:
    """Write what a medical task's stages and methods are made of, or a table, network or cost."""
    medical = load_medical()
    if cost:
        write_json(tasks.cost_code(name), cost_made_of(medical, name))
        return
    if shared:
        medical.spec_of(name)
        write_json(tasks.shared_code(name), shared_made_of(medical, name))
        return
    if table:
        write_json(tasks.table_code(name), table_made_of(medical, name))
        return
    made = made_of(medical, tasks.check_task(name))
    link_methods(tasks.inputs(name), medical)
    for path, content in made.items():
        write_json(Path(path), content)


if __name__ == "__main__":
    main()
