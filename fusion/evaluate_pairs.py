"""Stage `evaluate_pairs`: one method, as trained, on other pair sets (TNO, M3FD, RoadScene, ...).

`python -m fusion.evaluate_pairs METHOD SET` fuses the set `fusion.evaluation.pairs.SET` into
`artifacts/pairs/METHOD/SET/` and writes `metrics/pairs/METHOD/SET.csv`, one row an image.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fusion import registry
from fusion.evaluate import evaluate_files, means
from fusion.external import External
from fusion.fuse import LOGS, fuse_files, load_method, own_pairs
from fusion.metrics import NAMES
from pipeline import tracking
from pipeline.errors import UserError
from pipeline.files import write_text
from pipeline.params import Params, flatten
from pipeline.stage import stage

if TYPE_CHECKING:
    import pandas as pd

ROOT = Path("artifacts/pairs")
METRICS = Path("metrics/pairs")


def _fuse(method: registry.Method, source: Path, out: Path, title: str) -> str | None:
    """Fuse all pairs of `source` into `out`; the reason if a method from outside has none."""
    files = own_pairs(source / "ir", source / "vi", out)
    if not isinstance(method, External):
        fuse_files(method, files, title)
        return None
    names = [fused.stem for *_, fused in files]
    return method.fuse_split(source / "ir", source / "vi", names, out, LOGS / f"{title}.log")


def evaluate_set(
    params: Params, method: registry.Method, name: str, chosen: str
) -> pd.DataFrame | None:
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
    out = ROOT / name / chosen
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

    (ROOT / method / chosen).mkdir(parents=True, exist_ok=True)
    evaluation = flatten(params.fusion.evaluation)
    with tracking.run(params, "evaluate_pairs", f"{method}-{chosen}", evaluation) as run:
        table = evaluate_set(params, load_method(params, method), method, chosen)
        if table is None:
            table = pd.DataFrame(columns=["name", *NAMES])
        else:
            run.metrics(means(table))
        path = METRICS / method / f"{chosen}.csv"
        write_text(path, table.to_csv(index=False, float_format="%.9g"))
        run.artifact(path)


if __name__ == "__main__":
    main()
