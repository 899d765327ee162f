"""Stage `evaluate_pairs`: one method, as trained, on other pair sets (TNO, M3FD, RoadScene, ...).

`python -m fusion.evaluate_pairs METHOD SET` fuses the set `fusion.evaluation.pairs.SET` into
`artifacts/pairs/METHOD/SET/` and writes `metrics/pairs/METHOD/SET.csv`, one row an image.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fusion.apply.files import fuse_files, own_pairs
from fusion.apply.load import load_method
from fusion.methods.base import Method
from fusion.methods.external.adopt import External
from fusion.metrics import NAMES
from fusion.metrics.files import evaluate_files, means, write_table
from pipeline import tracking
from pipeline.params import Params, flatten
from pipeline.results import paths
from pipeline.stage.command import stage
from pipeline.stage.errors import UserError

if TYPE_CHECKING:
    import pandas as pd


def _fuse(method: Method, source: Path, out: Path, title: str) -> str | None:
    """Fuse all pairs of `source` into `out`; the reason if a method from outside has none."""
    files = own_pairs(source / "ir", source / "vi", out)
    if not isinstance(method, External):
        fuse_files(method, files, title)
        return None
    names = [fused.stem for *_, fused in files]
    return method.fuse_split(source / "ir", source / "vi", names, out, paths.log(title))


def evaluate_set(params: Params, method: Method, name: str, chosen: str) -> pd.DataFrame | None:
    """Fuse and judge one pair set.

    Args:
        params: the project's params.
        method: ready to fuse.
        name: the method's, for files and titles.
        chosen: the set's, a key of `fusion.evaluation.pairs`.

    Returns:
        Columns name and the metrics; None for a method from outside without such images.

    Raises:
        UserError: no such folder, a name without its partner, or images that cannot be judged.
    """
    evaluation = params.fusion.evaluation
    if chosen not in evaluation.pairs:
        allowed = ", ".join(evaluation.pairs) or "none"
        raise UserError(f"fusion.evaluation.pairs: no set {chosen!r}; there are {allowed}")
    source = evaluation.pairs[chosen]
    if not (source / "ir").is_dir() or not (source / "vi").is_dir():
        raise UserError(f"fusion.evaluation.pairs.{chosen}: {source}: needs folders ir and vi")
    out = paths.pair_images(name, chosen)
    reason = _fuse(method, source, out, f"fuse {name} {chosen}")
    if reason is not None:
        print(f"{name}: left out of {chosen}: {reason}")
        return None
    files = own_pairs(source / "ir", source / "vi", out)
    return evaluate_files(files, evaluation.convention, f"evaluate {name} {chosen}")


@stage
def main(params: Params, method: str, chosen: str) -> None:
    """Fuse and judge a further pair set with one method of params.yaml, without retraining."""
    import pandas as pd

    paths.pair_images(method, chosen).mkdir(parents=True, exist_ok=True)
    evaluation = flatten(params.fusion.evaluation)
    with tracking.run(params, "evaluate_pairs", f"{method}-{chosen}", evaluation) as run:
        table = evaluate_set(params, load_method(params, method), method, chosen)
        if table is None:
            table = pd.DataFrame(columns=["name", *NAMES])
        else:
            run.metrics(means(table))
        path = paths.pair_metrics(method, chosen)
        write_table(path, table)
        run.artifact(path)


if __name__ == "__main__":
    main()
