"""A temporary clone with tiny params, and commands run in it."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pandas as pd
import yaml

ROOT = Path(__file__).resolve().parents[2]
TINY = {
    "preset": "demo",
    "data": {
        "dataset": "demo",
        "demo": {"train": 6, "test": 4, "height": 64, "width": 80, "seed": 0},
    },
    "fusion": {
        "methods": {
            "ir": {},
            "vis": {},
            "lkc_funet": {"width": 32, "init_width": 32, "kernels": [5, 3]},
        },
        "training": {"epochs": 2, "batch_size": 4, "crop": 32, "learning_rate": 0.001},
        "evaluation": {"convention": "paper", "pairs": {}, "cost": False},
    },
    "segmentation": {
        "networks": {"deeplabv3": {}},
        "one_for_all": [],
        "encoder": "tu-test_efficientnet",
        "decoder_channels": 32,
        "size": [64, 80],
        "epochs": 2,
        "seeds": [0, 1],
    },
    "runtime": {"workers": 0, "checkpoint_seconds": 0},
}


def small(epochs: int = 2) -> dict:
    """`TINY` with a classical and a learned input and one seed; six epochs take some seconds."""
    methods = {"vis": {}, "lkc_funet": TINY["fusion"]["methods"]["lkc_funet"]}
    training = TINY["fusion"]["training"] | {"epochs": epochs}
    fusion = TINY["fusion"] | {"methods": methods, "training": training}
    segmentation = TINY["segmentation"] | {"epochs": epochs, "seeds": [0]}
    return TINY | {"fusion": fusion, "segmentation": segmentation}


def environment() -> dict[str, str]:
    """This interpreter's programs first, and a store of the clone's own."""
    bin_folder = str(Path(sys.executable).parent)
    kept = {key: value for key, value in os.environ.items() if not key.startswith("MLFLOW")}
    return kept | {"PATH": f"{bin_folder}:{os.environ['PATH']}", "PYTHONPATH": "."}


def run(clone: Path, *command: str, check: bool = True) -> str:
    """Standard output and error of a command in the clone."""
    result = subprocess.run(
        command, cwd=clone, env=environment(), text=True, capture_output=True, check=False
    )
    output = result.stdout + result.stderr
    if check:
        assert result.returncode == 0, output[-4000:]
    return output


def make_clone(folder: Path, params: dict = TINY) -> Path:
    """A clone of what is committed, with these params."""
    clone = folder / "clone"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    (clone / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))
    return clone


def stages_of(name: str, seeds: tuple[int, ...] = (0, 1)) -> list[str]:
    """Names of the stages of one input, each after those that it needs."""
    trainings = [f"train_segmentation@deeplabv3-{name}-{seed}" for seed in seeds]
    fusion = [f"{group}@{name}" for group in ("train_fusion", "measure_cost", "fuse")]
    evaluation = f"evaluate_segmentation@deeplabv3-{name}"
    return [*fusion, f"evaluate_fusion@{name}", *trainings, evaluation]


def metrics(clone: Path) -> dict[str, object]:
    """Everything that the pipeline measured, but for times."""
    found: dict[str, object] = {}
    for path in sorted((clone / "metrics" / "segmentation" / "deeplabv3").glob("*.json")):
        found[path.stem] = json.loads(path.read_text())
    for path in sorted((clone / "metrics" / "segmentation" / "one_for_all").glob("*/*.json")):
        found[f"for all {path.stem}"] = json.loads(path.read_text())
    for path in sorted((clone / "metrics" / "fusion").glob("*.csv")):
        found[f"fusion {path.stem}"] = pd.read_csv(path).to_dict()
    for path in sorted((clone / "metrics" / "pairs").glob("*/*.csv")):
        found[f"pairs {path.parent.name} {path.stem}"] = pd.read_csv(path).to_dict()
    return found


ON_ITS_OWN = ("measure_cost", "report")
"""Stages whose results no two runs share: times, and links to MLflow's runs."""


def lock(clone: Path) -> dict:
    """Stages of the clone's `dvc.lock` but for those that no two runs share."""
    stages = yaml.safe_load((clone / "dvc.lock").read_text())["stages"]
    return {name: value for name, value in stages.items() if not name.startswith(ON_ITS_OWN)}


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def running_in(clone: Path) -> dict[int, str]:
    """Command lines of what runs in the clone, by process."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            inside = (process / "cwd").resolve() == clone.resolve()
            line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if inside and "multiprocessing.resource_tracker" not in line and line:
            found[int(process.name)] = line
    return found


def hears_ctrl_c() -> None:
    """A process started in the background, as by `nohup … &`, leaves its children deaf to it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
