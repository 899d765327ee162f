"""Every row of `docs/what-reruns.md` against DVC's own answer.

The project is set up as after a whole `dvc repro`: `code` and `prepare` have run, the files of all
other stages are stand-ins that DVC was told to take as theirs.
"""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml
from clone_case import ROOT, make_clone, run
from PIL import Image

from pipeline.provenance.dependencies import PROJECT

pytestmark = pytest.mark.long

NETWORKS = ("deeplabv3", "unet")
METHODS = ("ir", "net", "laplacian", "pre", "mine")


def draw(path: Path, seed: int, channels: int = 3) -> None:
    rng = np.random.default_rng(seed)
    shape = (48, 64, 3) if channels == 3 else (48, 64)
    high = 9 if path.parent.name == "label" else 256
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(rng.integers(0, high, shape, dtype=np.uint8)).save(path)


def draw_data(root: Path) -> None:
    for number, (split, name) in enumerate(
        (split, name) for split in ("train", "test") for name in ("00001D", "00002N")
    ):
        name = f"{split[1]}{name}"
        for kind, channels in (("ir", 1), ("vi", 3), ("label", 1)):
            draw(root / split / kind / f"{name}.png", number, channels)


def params(outside: Path) -> dict:
    return {
        "preset": "demo",
        "data": {"dataset": "folder", "root": str(outside / "data")},
        "fusion": {
            "methods": {
                "ir": {},
                "net": {"type": "lkc_funet", "width": 8, "init_width": 8, "groups": 4},
                "laplacian": {},
                "pre": {"type": "precomputed", "path": str(outside / "fused")},
                "mine": {
                    "type": "command",
                    "run": f"python {outside}/fuse.py {{ir}} {{vi}} {{out}}",
                },
            },
            "training": {"epochs": 2, "learning_rate": 0.001},
            "evaluation": {"convention": "paper", "pairs": {"extra": str(outside / "extra")}},
        },
        "segmentation": {
            "networks": {"deeplabv3": {}, "unet": {}},
            "one_for_all": ["deeplabv3"],
            "encoder": "tu-test_efficientnet",
            "epochs": 2,
            "seeds": [0, 1],
        },
    }


def stand_ins(clone: Path) -> None:
    """Some file at the place of every output."""
    files = ["reports/index.html", "metrics/summary.json"]
    for m in METHODS:
        files += [f"artifacts/fusion/{m}/config.json"]
        for network in (*NETWORKS, "one_for_all/deeplabv3"):
            files += [f"artifacts/evaluation/{network}/{m}/confusion.npz"]
            files += [f"metrics/segmentation/{network}/{m}.json"]
        files += [
            f"artifacts/segmentation/{network}/{m}/seed-{k}/config.json"
            for network in NETWORKS
            for k in (0, 1)
        ]
        files += [f"artifacts/fused/{m}/{split}/a.png" for split in ("train", "test")]
        files += [f"metrics/{kind}/{m}.json" for kind in ("fusion", "cost")]
        files += [f"metrics/fusion/{m}.csv", f"metrics/pairs/{m}/extra.csv"]
        files += [f"artifacts/pairs/{m}/extra/a.png"]
    files += [f"artifacts/segmentation/one_for_all/deeplabv3/seed-{k}/config.json" for k in (0, 1)]
    for file in files:
        path = clone / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"stands": "in", "for": file}))


class Project:
    """A finished project, changes to it, and DVC's answers."""

    def __init__(self, folder: Path) -> None:
        self.outside = folder / "outside"
        draw_data(self.outside / "data")
        for kind in ("ir", "vi"):
            draw(self.outside / "extra" / kind / "x.png", 7, 1 if kind == "ir" else 3)
        draw(self.outside / "fused" / "test" / "e00001D.png", 8)
        (self.outside / "fuse.py").write_text("print('fuse')\n")
        self.clone = make_clone(folder, params(self.outside))
        run(self.clone, "dvc", "repro", "prepare")
        stand_ins(self.clone)
        run(self.clone, "dvc", "commit", "--force")

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.clone / file
        text = path.read_text()
        assert old in text, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new, 1))

    def put(self, key: str, value: object) -> None:
        path = self.clone / "params.yaml"
        content = yaml.safe_load(path.read_text())
        *parents, last = key.split(".")
        section = content
        for parent in parents:
            section = section.setdefault(parent, {})
        section[last] = value
        path.write_text(yaml.safe_dump(content, sort_keys=False))

    def add(self, file: str, text: str) -> None:
        (self.clone / file).write_text(text)

    def append(self, file: str, text: str) -> None:
        path = self.clone / file
        path.write_text(path.read_text() + text)

    def answer(self) -> set[str]:
        """Stages that DVC would run, once `code` and `prepare` are up to date."""
        run(self.clone, "dvc", "repro", "prepare")
        status = json.loads(run(self.clone, "dvc", "status", "--json").splitlines()[-1])
        assert not {"code", "prepare"} & set(status), "they are never up to date"
        return set(status)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(tmp_path_factory.mktemp("reruns"))


@pytest.fixture
def project(finished: Project) -> Project:
    """The finished project; afterwards as before, and DVC says so."""
    kept = finished.outside.with_name("kept")
    shutil.copytree(finished.outside, kept)
    written = (finished.clone / "params.yaml").read_text()
    yield finished
    run(finished.clone, "git", "checkout", "--quiet", ".")
    run(finished.clone, "git", "clean", "-fdq", "fusion", "pipeline", "segmentation")
    (finished.clone / "params.yaml").write_text(written)
    shutil.rmtree(finished.outside)
    kept.rename(finished.outside)
    assert finished.answer() == set()


Change = Callable[[Project], None]

CHANGES: dict[str, Change] = {
    "nothing": lambda p: None,
    "a comment in a stage's code": lambda p: p.append("fusion/train.py", "\n# a comment\n"),
    "a docstring in a stage's code": lambda p: p.edit(
        "segmentation/train.py",
        '"""Stage `train_segmentation`',
        '"""The stage `train_segmentation`',
    ),
    "an open editor's swap file beside the code": lambda p: p.add("fusion/.train.py.swp", "x"),
    "how runs are logged to MLflow (`pipeline/tracking/`)": lambda p: p.append(
        "pipeline/tracking/context.py", "\nNEW = 1\n"
    ),
    "the page's style sheet": lambda p: p.append(
        "pipeline/report/page/html/style.css", "\nb { color: red }\n"
    ),
    "a table of the report": lambda p: p.append("pipeline/report/tables/cost.py", "\nNEW = 1\n"),
    "the loss of the fusion networks": lambda p: p.append(
        "fusion/learning/losses.py", "\nNEW = 1\n"
    ),
    "the code of one method": lambda p: p.append("fusion/methods/laplacian.py", "\nNEW = 1\n"),
    "a new method's file": lambda p: p.add("fusion/methods/mean.py", "NEW = 1\n"),
    "a fusion metric": lambda p: p.append("fusion/metrics/ssim.py", "\nNEW = 1\n"),
    "the loss of the segmentation": lambda p: p.append("segmentation/model/loss.py", "\nNEW = 1\n"),
    "the training loop": lambda p: p.append("pipeline/training/loop.py", "\nNEW = 1\n"),
    "a default of `segmentation` in the schema": lambda p: p.edit(
        "pipeline/params/segmentation.py", "5e-4", "6e-4"
    ),
    "a comment in `params.yaml`": lambda p: p.append("params.yaml", "\n# a comment\n"),
    "a default written out in `params.yaml`": lambda p: p.put("segmentation.momentum", 0.9),
    "`runtime.workers`, `runtime.cache_mib`, `runtime.progress`": lambda p: p.put(
        "runtime", {"workers": 1, "cache_mib": 100, "progress": False}
    ),
    "`runtime.devices`, `runtime.deterministic`": lambda p: p.put(
        "runtime", {"devices": 2, "deterministic": False}
    ),
    "`preset`": lambda p: p.put("preset", "other"),
    "`segmentation.learning_rate`": lambda p: p.put("segmentation.learning_rate", 0.5),
    "a network's own `learning_rate`": lambda p: p.put(
        "segmentation.networks.unet", {"learning_rate": 0.5}
    ),
    "a network more in `segmentation.networks`": lambda p: p.put("segmentation.networks.fpn", {}),
    "a network less in `segmentation.one_for_all`": lambda p: p.put("segmentation.one_for_all", []),
    "`segmentation.primary`": lambda p: p.put(
        "segmentation.primary", {"input": "net", "against": "ir", "smallest": 1.0}
    ),
    "a seed more in `segmentation.seeds`": lambda p: p.put("segmentation.seeds", [0, 1, 2]),
    "`fusion.training.learning_rate`": lambda p: p.put("fusion.training.learning_rate", 0.5),
    "a method's own `training`": lambda p: p.put("fusion.methods.net.training", {"epochs": 3}),
    "a method's own parameter": lambda p: p.put("fusion.methods.laplacian", {"levels": 2}),
    "a method more in `fusion.methods`": lambda p: p.put("fusion.methods.average", {}),
    "`fusion.evaluation.convention`": lambda p: p.put("fusion.evaluation.convention", "evaluator"),
    "`fusion.evaluation.cost`": lambda p: p.put("fusion.evaluation.cost", False),
    "`data.ignore`, a value of labels in both splits": lambda p: p.put("data.ignore", 3),
    "`data.palette`": lambda p: p.put("data.palette", {"car": "#ffffff"}),
    "`data.times`, the time of a test image": lambda p: (
        (p.outside / "night.txt").write_text("e00001D"),
        p.put("data.times", str(p.outside / "night.txt")),
    ),
    "a label of a test image below `data.root`": lambda p: draw(
        p.outside / "data/test/label/e00001D.png", 50, 1
    ),
    "a label of a train image below `data.root`": lambda p: draw(
        p.outside / "data/train/label/r00001D.png", 51, 1
    ),
    "a test image below `data.root`": lambda p: draw(p.outside / "data/test/vi/e00001D.png", 52),
    "a train image below `data.root`": lambda p: draw(p.outside / "data/train/vi/r00001D.png", 53),
    "an image of a `precomputed` folder": lambda p: draw(p.outside / "fused/test/e00001D.png", 54),
    "the program of a `command`": lambda p: (p.outside / "fuse.py").write_text("print('new')\n"),
    "an image of a further pair set": lambda p: draw(p.outside / "extra/vi/x.png", 55),
}


def table() -> dict[str, str]:
    """The document's rows: what is changed, what runs again."""
    text = (ROOT / "docs/what-reruns.md").read_text()
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", text, re.MULTILINE)
    return {change: again for change, again in rows if change != "I change"}


def stages(again: str, project: Project) -> set[str]:
    """The stages that a cell of the table names; a group is all of its stages."""
    named = set(re.findall(r"`([^`]+)`", again))
    listed = run(project.clone, "dvc", "stage", "list", "--all", "--name-only").split()
    every = {name for name in listed if "medical" not in name}
    return {one for one in every if one in named or one.partition("@")[0] in named}


def test_the_table_and_the_changes_are_the_same_rows() -> None:
    assert len(CHANGES) >= 20
    assert list(table()) == list(CHANGES)


@pytest.mark.parametrize("change", CHANGES)
def test_what_reruns(project: Project, change: str) -> None:
    CHANGES[change](project)
    assert project.answer() == stages(table()[change], project)


def test_the_project_of_this_test_is_the_clones() -> None:
    assert PROJECT == ROOT
