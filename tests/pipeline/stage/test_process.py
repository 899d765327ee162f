"""Importing the project changes nothing in the process; `set_up` does, when it is called."""

import json
import os
import subprocess
import sys

import pytest

from pipeline.stage import process
from pipeline.stage.errors import UserError

OURS = """
import pkgutil
from importlib import import_module

def ours():
    for package in ("pipeline", "fusion", "segmentation"):
        yield package
        for module in pkgutil.walk_packages(import_module(package).__path__, package + "."):
            yield module.name
"""

# Modules of others that ours bring along; what these change is not ours to answer for.
OTHERS = """
import json, sys
for name in ours():
    import_module(name)
names = list(sys.modules)
own = ("pipeline", "fusion", "segmentation", "__main__")
print(json.dumps([name for name in names if name.split(".")[0] not in own]))
"""

CHANGES = """
import contextlib, json, os, random, signal, sys, warnings
for name in json.load(sys.stdin):
    with contextlib.suppress(Exception):
        import_module(name)
import cv2, matplotlib, numpy, torch
sys.modules.pop("torchmetrics", None)  # to see one that is set to None

def state():
    return {f"environment {key}": os.environ[key] for key in sorted(os.environ)} | {
        "threads of OpenCV": cv2.getNumThreads(),
        "threads of PyTorch": torch.get_num_threads(),
        "torchmetrics hidden": sys.modules.get("torchmetrics", "") is None,
        "warnings": [str(one) for one in warnings.filters],
        "signals": [str(signal.getsignal(one)) for one in (signal.SIGINT, signal.SIGTERM)],
        "random numbers": [hash(random.getstate()), torch.get_rng_state().sum().item(),
                           int(numpy.random.get_state()[1].sum())],
        "determinism": [torch.are_deterministic_algorithms_enabled(),
                        torch.backends.cudnn.benchmark, torch.backends.cudnn.deterministic],
        "type": str(torch.get_default_dtype()),
        "matplotlib": {k: str(v) for k, v in matplotlib.rcParams.items() if k != "backend"},
    }

before = state()
imported = 0
for name in ours():
    import_module(name)
    imported += 1
after = state()
changed = {k: after.get(k) for k in before | after if before.get(k) != after.get(k)}
print(json.dumps({"imported": imported, "changed": changed}))
"""

SET_UP = """
import json, os, sys
import cv2
cv2.setNumThreads(3)
import fusion
fusion.set_up_process()
print(json.dumps([cv2.getNumThreads(), os.environ["NO_ALBUMENTATIONS_UPDATE"]]))
"""


def python(code: str, given: object = None) -> object:
    """What `code` prints as JSON in a process that knows none of the project's settings."""
    names = ("GOMP_SPINCOUNT", "NO_ALBUMENTATIONS_UPDATE", "THP_MEM_ALLOC_ENABLE")
    environment = {key: value for key, value in os.environ.items() if key not in names}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, input=json.dumps(given),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
def test_importing_every_module_changes_nothing() -> None:
    found = python(OURS + CHANGES, python(OURS + OTHERS))
    assert found["imported"] > 100
    assert found["changed"] == {"environment GOMP_SPINCOUNT": "1000"}


def test_set_up_sets_opencv_to_one_thread() -> None:
    assert python(SET_UP) == [1, "1"]


def test_how_threads_wait_is_set_before_pytorch_and_only_where_nobody_chose() -> None:
    code = "import json, os; import pipeline; print(json.dumps(os.environ['GOMP_SPINCOUNT']))"
    assert python(code) == "1000"
    assert python("import os; os.environ['GOMP_SPINCOUNT'] = '7'; " + code) == "7"


def test_a_system_that_was_never_tried_gets_a_sentence(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(UserError, match="win32: not tried on this system; supported are Linux"):
        process.set_up()
