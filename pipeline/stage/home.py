"""The project's own folder, also for a stage that DVC runs in a temporary copy of it.

`dvc exp run --temp` and the experiments' queue run stages in a copy below `.dvc/tmp`, which DVC
deletes afterwards, and hand them the project's folder in `DVC_ROOT`. What must outlive the copy, as
MLflow's store and checkpoints, and relative paths that the user wrote, belong to the project.
"""

import os
from pathlib import Path


def home() -> Path:
    """The project's folder; the working directory, unless DVC works in a copy."""
    root, here = os.environ.get("DVC_ROOT"), Path.cwd()
    if root and (Path(root) / ".dvc" / "tmp") in here.parents:
        return Path(root)
    return here


def resolve(path: Path) -> Path:
    """A path that the user wrote: relative ones start in `home`, whatever copy a stage runs in."""
    here = home()
    return path if here == Path.cwd() else here / path
