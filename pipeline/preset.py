"""Switch to a preset: `python -m pipeline.preset NAME` makes `params.yaml` that file."""

import argparse
from pathlib import Path

from pipeline.errors import UserError
from pipeline.files import write_bytes
from pipeline.params import load
from pipeline.stage import fail

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


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.preset", description=__doc__)
    parser.add_argument("name")
    try:
        switch(parser.parse_args().name)
    except UserError as error:
        fail(str(error))


if __name__ == "__main__":
    main()
