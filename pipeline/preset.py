"""Switch to a preset: `python -m pipeline.preset NAME` makes `params.yaml` that file."""

from pathlib import Path

from pipeline.images.whole import write_bytes
from pipeline.params import load
from pipeline.stage.command import command
from pipeline.stage.errors import UserError

PRESETS = Path("presets")


def switch(name: str) -> None:
    """Replace `params.yaml` by `presets/NAME.yaml`.

    Raises:
        UserError: no such preset, or it does not validate; `params.yaml` is left as it was.
    """
    path = PRESETS / f"{name}.yaml"
    if not path.is_file():
        names = ", ".join(sorted(file.stem for file in PRESETS.glob("*.yaml")))
        raise UserError(f"{path}: no such preset; there are {names}")
    load(path)
    write_bytes("params.yaml", path.read_bytes())
    print(f"params.yaml is now {path}; `dvc params diff` shows what changed, `dvc repro` runs it")


@command
def main(name: str) -> None:
    """Make `presets/NAME.yaml` the project's `params.yaml`."""
    switch(name)


if __name__ == "__main__":
    main()
