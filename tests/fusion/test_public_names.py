"""The names that users import stay where they are, and cost nothing until they are asked for."""

import json
import subprocess
import sys

import pytest
import torch

import fusion
from fusion.layers import large_kernel
from fusion.methods.base import registry
from fusion.methods.lkc_funet import released
from fusion.metrics import pair
from pipeline.stage import process


def fresh(code: str) -> object:
    """What `code` prints as JSON in a process of its own."""
    command = [sys.executable, "-c", "import json, sys\n" + code]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_names_are_those_of_their_homes() -> None:
    assert fusion.create is registry.create
    assert fusion.load_released is released.load_released
    assert fusion.LargeKernelConv2d is large_kernel.LargeKernelConv2d
    assert fusion.metrics.evaluate is pair.evaluate
    assert fusion.set_up_process is process.set_up
    assert set(fusion.__all__) == set(fusion._HOMES)


def test_a_method_made_by_its_public_name_fuses() -> None:
    ir, vis = torch.zeros(1, 1, 4, 5), torch.ones(1, 3, 4, 5)
    fused = fusion.create("average", ir_weight=0.25)(ir, vis)
    torch.testing.assert_close(fused, torch.full((1, 3, 4, 5), 0.75))


def test_importing_fusion_imports_neither_its_parts_nor_torch() -> None:
    loaded = fresh("import fusion; print(json.dumps(list(sys.modules)))")
    ours = {name for name in loaded if name.split(".")[0] in ("fusion", "pipeline", "segmentation")}
    assert ours == {"fusion", "pipeline"}
    assert not {"torch", "numpy", "cv2"} & set(loaded)


def test_metrics_are_found_without_importing_them_by_name() -> None:
    code = """
import fusion, numpy
image = numpy.arange(4096, dtype=numpy.uint8).reshape(64, 64)
print(json.dumps(fusion.metrics.evaluate(image, image, image)["MSE"]))
"""
    assert fresh(code) == 0


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'fusion' has no attribute 'registry_'"):
        fusion.registry_  # noqa: B018
    with pytest.raises(ImportError):
        from fusion import nothing  # noqa: F401
