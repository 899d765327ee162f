"""Switch to a preset: `python -m pipeline.preset NAME` makes `params.yaml` that file."""

from itertools import count
from pathlib import Path

from pipeline.images.whole import write_bytes
from pipeline.params import load
from pipeline.stage.command import command
from pipeline.stage.errors import UserError

PRESETS = Path("presets")


def keep_own(params: Path) -> None:
    """Copy `params.yaml` aside unless it is a preset's, so that nothing written by hand is lost."""
    if not params.is_file():
        return
    content = params.read_bytes()
    if any(preset.read_bytes() == content for preset in PRESETS.glob("*.yaml")):
        return
    taken = (params.with_name(f"params.kept-{number}.yaml") for number in count(1))
    free = next(path for path in taken if not path.exists())
    write_bytes(free, content)
    print(f"your own params.yaml is kept as {free}")


def switch(name: str) -> None:
    """Replace `params.yaml` by `presets/NAME.yaml`; one that was edited is kept beside it.

    Raises:
        UserError: no such preset, or it does not validate; `params.yaml` is left as it was.
    """
    path = PRESETS / f"{name}.yaml"
    if not path.is_file():
        names = ", ".join(sorted(file.stem for file in PRESETS.glob("*.yaml")))
        raise UserError(f"{path}: no such preset; there are {names}")
    load(path)
    keep_own(Path("params.yaml"))
    write_bytes("params.yaml", path.read_bytes())
    print(f"params.yaml is now {path}; `dvc params diff` shows what changed, `dvc repro` runs it")


@command
def main(name: str) -> None:
    """Make `presets/NAME.yaml` the project's `params.yaml`."""
    switch(name)


if __name__ == "__main__":
    main()
