"""`runtime:` — how stages run on this machine; no result and no checkpoint depends on it."""

from pydantic import NonNegativeFloat, NonNegativeInt

from pipeline.params.base import Section


class RuntimeParams(Section):
    """The `runtime` section.

    Attributes:
        workers: data-loading processes of a segmentation training; 0 loads in the training itself.
        cache_mib: memory for decoded images, MiB.
        checkpoint_seconds: time between the checkpoints of a training: what a kill may cost.
        progress: show progress bars.
    """

    workers: NonNegativeInt = 0
    cache_mib: NonNegativeInt = 2048
    checkpoint_seconds: NonNegativeFloat = 60.0
    progress: bool = True
