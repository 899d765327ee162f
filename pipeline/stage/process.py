"""What the project sets in its process, all of it, in one visible place.

Importing the project changes nothing but `GOMP_SPINCOUNT` (see `pipeline/__init__.py`), which
must precede PyTorch. Stages and benchmarks call `set_up` when they start; who uses a part as a
library calls it too, or leaves its process as it is and is slower for it.
"""

import os
import sys
from functools import partialmethod

from pipeline.stage import allocator
from pipeline.stage.errors import UserError

SUPPORTED = ("linux", "darwin")
"""Systems that stages run on: links, process groups and renames are used as they have them."""


def set_up(progress: bool = True) -> None:
    """Set the process up for large tensors and small images; call it before either.

    Freed memory is kept for the next tensor (`pipeline.stage.allocator`); OpenCV works on one
    thread, for images are small and its threads cost more than they bring; albumentations does
    not ask the package index for news.

    Args:
        progress: False shows no progress bars.

    Raises:
        UserError: a system that is not supported.
    """
    if sys.platform not in SUPPORTED:
        raise UserError(
            f"{sys.platform}: not tried on this system; supported are Linux and, for what needs no "
            "GPU, macOS; on Windows use WSL 2"
        )
    os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"
    allocator.prepare()
    import cv2

    cv2.setNumThreads(1)
    if not progress:
        from tqdm import tqdm

        tqdm.__init__ = partialmethod(tqdm.__init__, disable=True)  # type: ignore[assignment,method-assign]
