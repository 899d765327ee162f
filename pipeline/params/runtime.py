"""`runtime:` — how stages run on this machine.

`devices` and `deterministic` count for what a training is made of, the others for nothing.
"""

from typing import Literal

from pydantic import NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from pipeline.params.base import Section

Devices = PositiveInt | Literal["auto"]
COMPUTED = {"devices", "deterministic"}
"""Keys that a training's result depends on."""


class RuntimeParams(Section):
    """The `runtime` section.

    Attributes:
        workers: data-loading processes of a segmentation training; 0 loads in the training itself.
        cache_mib: memory for decoded images, MiB.
        checkpoint_seconds: time between the checkpoints of a training: what a kill may cost.
        travel_seconds: time between the checkpoints of a training to the DVC remote, for workers in
            clones of their own: what the loss of a machine may cost.
        progress: show progress bars.
        devices: that share one training, or the fusing of pairs: 1, a number of GPUs (of processes
            where there is none) on each machine, or `auto`, all GPUs that are seen. The batch stays
            that of the params; the last bits are others, and batch norm and Dice, which are no
            sums over images, see each device's share.
        deterministic: reproducible algorithms in training: `auto` takes them on a CPU, and on a GPU
            whichever is fastest; true or false is for both.
        register_models: enter each network that is judged in MLflow's model registry, as
            `<dataset>-<network>-<input>`, a new version every time.
    """

    workers: NonNegativeInt = 0
    cache_mib: NonNegativeInt = 2048
    checkpoint_seconds: NonNegativeFloat = 60.0
    travel_seconds: PositiveFloat = 300.0
    progress: bool = True
    devices: Devices = 1
    deterministic: Literal["auto"] | bool = "auto"
    register_models: bool = False
