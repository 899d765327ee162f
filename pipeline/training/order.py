"""The order of images in an epoch: a function of seed and epoch alone."""

import numpy as np

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
