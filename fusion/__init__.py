"""Fusion of infrared and visible images: methods, training, metrics, stages.

Public names, which stay whatever moves inside; each is looked up when asked for, so that
`import fusion` is quick and ties no stage to all of them:

- `create(name, **params)`: a fusion method by its registered name;
- `load_pretrained(name)`: a network with the weights that come with it, ready to fuse;
- `pretrained_names()`: which networks those are;
- `load_released(path_or_state_dict)`: LKC-FUNet with its authors' weights;
- `LargeKernelConv2d`: `nn.Conv2d` for large kernels, fast;
- `metrics.evaluate(fused, ir, vis, convention)`: all fusion metrics of one image;
- `set_up_process()`: allocator and threads as the stages have them; call it once, first;
- `__version__`: that of the installed distribution.

Example:
    >>> import torch
    >>> import fusion
    >>> method = fusion.create("average", ir_weight=0.25)
    >>> ir, vis = torch.zeros(1, 1, 2, 2), torch.ones(1, 3, 2, 2)
    >>> method(ir, vis).mean().item()
    0.75
"""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import pipeline as pipeline  # how threads wait is set before PyTorch loads

if TYPE_CHECKING:
    from fusion import metrics
    from fusion.apply.pretrained import load_pretrained
    from fusion.apply.pretrained import names as pretrained_names
    from fusion.layers.large_kernel import LargeKernelConv2d
    from fusion.methods.base.registry import create
    from fusion.methods.lkc_funet.released import load_released
    from pipeline.stage.process import set_up as set_up_process

__all__ = [
    "LargeKernelConv2d",
    "create",
    "load_pretrained",
    "load_released",
    "metrics",
    "pretrained_names",
    "set_up_process",
]

_HOMES = {
    "LargeKernelConv2d": ("fusion.layers.large_kernel", "LargeKernelConv2d"),
    "create": ("fusion.methods.base.registry", "create"),
    "load_pretrained": ("fusion.apply.pretrained", "load_pretrained"),
    "load_released": ("fusion.methods.lkc_funet.released", "load_released"),
    "metrics": ("fusion.metrics", None),
    "pretrained_names": ("fusion.apply.pretrained", "names"),
    "set_up_process": ("pipeline.stage.process", "set_up"),
}


def __getattr__(name: str) -> Any:
    """The public name, from its home. Raises AttributeError for any other."""
    if name == "__version__":
        return version("ivif-bench")
    if name not in _HOMES:
        raise AttributeError(f"module 'fusion' has no attribute {name!r}")
    module, attribute = _HOMES[name]
    home = import_module(module)
    return home if attribute is None else getattr(home, attribute)
