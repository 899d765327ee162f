"""Stage `code`: which of the project's files each stage and each fusion method is made of.

DVC tracks only the code that a stage lists. Lists by hand go stale, and whole packages would
retrain every network when one more method is added. So this stage writes, for each, the hashes
of just the files that it imports; the other stages depend on those small files.
"""

from __future__ import annotations

from pipeline.images.whole import write_json
from pipeline.params import Params
from pipeline.provenance.modules import closure, hashes, method_module
from pipeline.results import paths
from pipeline.stage.command import stage

STAGES = (
    "pipeline.prepare",
    "fusion.train",
    "fusion.fuse",
    "fusion.evaluate",
    "fusion.evaluate_pairs",
    "segmentation.train",
    "segmentation.evaluate",
    "pipeline.report.__main__",
)


@stage
def main(params: Params) -> None:
    """Write the hashes of the code of every stage and every fusion method."""
    for module in STAGES:
        write_json(paths.CODE / f"{module.removesuffix('.__main__')}.json", hashes(closure(module)))
    for name, spec in params.fusion.methods.items():
        own = closure(method_module(spec.type or name))
        write_json(paths.CODE / "methods" / f"{name}.json", hashes(own))


if __name__ == "__main__":
    main()
