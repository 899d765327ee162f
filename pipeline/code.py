"""Stage `code`: what each stage and each method is made of, and links to what lies outside.

DVC tracks only what a stage lists. Lists of code by hand go stale, and whole packages would
retrain every network when one more method is added. So this stage writes, for each, the hashes of
just the modules that it imports, and its params with their defaults; the other stages depend on
those small files (`pipeline.provenance`).
"""

from __future__ import annotations

from pipeline.images.whole import whole_folder, write_json
from pipeline.params import Params
from pipeline.provenance.inputs import link_all
from pipeline.provenance.stages import of_all
from pipeline.results import paths
from pipeline.stage.command import stage


@stage
def main(params: Params) -> None:
    """Write what every stage and every fusion method is made of; link inputs from outside."""
    made_of = of_all(params)
    link_all(params)
    with whole_folder(paths.CODE) as folder:
        for name, content in made_of.items():
            write_json(folder / name, content)


if __name__ == "__main__":
    main()
