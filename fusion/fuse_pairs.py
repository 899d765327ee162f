"""Stage `fuse_pairs`: one method, as trained, on a further pair set (TNO, M3FD, RoadScene, ...).

`python -m fusion.fuse_pairs METHOD SET` fuses the set `fusion.evaluation.pairs.SET` into
`artifacts/pairs/METHOD/SET/`.
"""

from __future__ import annotations

from fusion.apply.files import fuse_own
from fusion.apply.load import load_method
from fusion.apply.own_pairs import own_pairs
from fusion.apply.pair_sets import find_set
from fusion.apply.share import shared_out
from pipeline import tracking
from pipeline.images.whole import put_in_place
from pipeline.params import Params, flatten
from pipeline.provenance.dependencies import stage_fingerprint
from pipeline.results import left_out, paths
from pipeline.stage import rank
from pipeline.stage.command import stage
from pipeline.training import checkpoint
from pipeline.training.devices import use_threads


def fuse_set(params: Params, method: str, pair_set: str) -> None:
    """Fuse a pair set into its folder, going on where a killed run stopped.

    A method from outside that has no such images leaves `left_out.json` instead.
    """
    source, out = find_set(params, pair_set), paths.pair_images(method, pair_set)
    mark = stage_fingerprint(params, "fuse_pairs", method=method, set=pair_set)
    made = paths.unfinished(out, mark) / pair_set  # a method from outside goes by this name
    made.mkdir(parents=True, exist_ok=True)
    files, title = own_pairs(source / "ir", source / "vi", made), f"fuse {method} {pair_set}"
    ready = load_method(params, method)
    with shared_out(ready, params.runtime) as share:
        reason = fuse_own(ready, files[share], made, title)
    if not rank.first():
        return
    if reason is not None:
        print(f"{method}: left out of {pair_set}: {reason}")
        left_out.write(made, reason)
    put_in_place(made, out)
    checkpoint.forget(out, mark)


@stage
def main(params: Params, method: str, pair_set: str) -> None:
    """Fuse a further pair set with one method of params.yaml, without retraining."""
    use_threads(params.fusion.training.threads)
    logged = flatten(params.fusion.spec_of(method).model_dump(mode="json"))
    with tracking.run(params, "fuse_pairs", method, logged, part=pair_set):
        fuse_set(params, method, pair_set)


if __name__ == "__main__":
    main()
