"""Stage `evaluate_pairs`: one method, as trained, on other pair sets (TNO, M3FD, RoadScene, ...).

`python -m fusion.evaluate_pairs METHOD SET` fuses the set `fusion.evaluation.pairs.SET` into
`artifacts/pairs/METHOD/SET/` and writes `metrics/pairs/METHOD/SET.csv`, one row an image.
"""

from __future__ import annotations

from pathlib import Path

from fusion.apply.files import fuse_own, own_pairs
from fusion.apply.load import load_method
from fusion.metrics.files import evaluate_files, means, write_table
from pipeline import tracking
from pipeline.images.whole import put_in_place
from pipeline.params import Params, flatten
from pipeline.provenance.dependencies import stage_fingerprint
from pipeline.results import paths
from pipeline.stage.command import stage
from pipeline.stage.errors import UserError
from pipeline.stage.home import resolve
from pipeline.training import checkpoint
from pipeline.training.devices import use_threads


def fuse_set(params: Params, method: str, pair_set: str, source: Path) -> str | None:
    """Fuse a pair set into its folder, going on where a killed run stopped.

    Returns:
        None, or why a method from outside has no such images.
    """
    out = paths.pair_images(method, pair_set)
    mark = stage_fingerprint(params, "evaluate_pairs", method=method, set=pair_set)
    made = paths.unfinished(out, mark) / pair_set  # a method from outside goes by this name
    made.mkdir(parents=True, exist_ok=True)
    files, title = own_pairs(source / "ir", source / "vi", made), f"fuse {method} {pair_set}"
    reason = fuse_own(load_method(params, method), files, made, title)
    put_in_place(made, out)
    checkpoint.forget(out, mark)
    return reason


def find_set(params: Params, pair_set: str) -> Path:
    """Folder of a pair set. Raises UserError if there is no such set, or it lacks a folder."""
    sets = params.fusion.evaluation.pairs
    if pair_set not in sets:
        allowed = ", ".join(sets) or "none"
        raise UserError(f"fusion.evaluation.pairs: no set {pair_set!r}; there are {allowed}")
    source = resolve(sets[pair_set])
    if not (source / "ir").is_dir() or not (source / "vi").is_dir():
        raise UserError(f"fusion.evaluation.pairs.{pair_set}: {source}: needs folders ir and vi")
    return source


@stage
def main(params: Params, method: str, pair_set: str) -> None:
    """Fuse and judge a further pair set with one method of params.yaml, without retraining."""
    import pandas as pd

    use_threads(params.fusion.training.threads)
    source, evaluation = find_set(params, pair_set), params.fusion.evaluation
    path = paths.pair_metrics(method, pair_set)
    logged = flatten(evaluation)
    with tracking.run(params, "evaluate_pairs", method, logged, part=pair_set) as run:
        reason = fuse_set(params, method, pair_set, source)
        if reason is None:
            files = own_pairs(source / "ir", source / "vi", paths.pair_images(method, pair_set))
            title = f"evaluate {method} {pair_set}"
            table = evaluate_files(files, evaluation.convention, title, evaluation.metrics)
            run.metrics(means(table))
        else:
            print(f"{method}: left out of {pair_set}: {reason}")
            table = pd.DataFrame(columns=["name", *evaluation.metrics])
        write_table(path, table)
        run.artifact(path)


if __name__ == "__main__":
    main()
