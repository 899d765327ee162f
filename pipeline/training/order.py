"""The order of images in an epoch: a function of seed and epoch alone."""

import numpy as np

from pipeline.stage.errors import UserError
from pipeline.training.seeds import derive


def epoch_batches(
    count: int, batch_size: int, seed: int, epoch: int, rank: int = 0, world_size: int = 1
) -> list[list[int]]:
    """Indices of one epoch, shuffled and cut into batches.

    Args:
        count: images.
        batch_size: images a step, over all ranks together.
        seed: the training's seed.
        epoch: from 0.
        rank: this process among `world_size`; each takes its share of every batch.
        world_size: processes that train together.

    Returns:
        One list of indices a step; the last step takes what is left.
    """
    order = np.random.default_rng(derive(seed, epoch)).permutation(count).tolist()
    steps = (order[start : start + batch_size] for start in range(0, count, batch_size))
    return [step[rank::world_size] for step in steps]


def check_shares(
    count: int, batch_size: int, processes: int, key: str, least: int = 1, last: bool = True
) -> None:
    """Refuse batches that processes cannot share equally.

    Gradients are averaged over the processes: with unequal shares an image would count more than
    another.

    Args:
        count: images an epoch.
        batch_size: images a step.
        processes: that share each step.
        key: of the batch size in the params.
        least: images that each must have, two for batch norm.
        last: whether an incomplete last step is taken.

    Raises:
        UserError: one line with the key, the sizes and what is allowed.
    """
    sizes = {min(batch_size, count)} | ({count % batch_size} if last else set()) - {0}
    for size in sorted(sizes, reverse=True) if processes > 1 else ():
        if size % processes or size // processes < least:
            kind = "a step" if size == batch_size else f"the last step of {count}"
            raise UserError(
                f"{key}: {batch_size}: {kind} has {size} images, which {processes} processes "
                f"(runtime.devices) cannot share; allowed are multiples of {processes} with at "
                f"least {least} each"
            )
