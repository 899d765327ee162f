"""Batches shared out among processes, and which may be."""

import pytest

from pipeline.stage.errors import UserError
from pipeline.training.order import check_shares, epoch_batches


@pytest.mark.parametrize("count", [8, 12, 13, 14, 16])
@pytest.mark.parametrize("batch_size", [4, 6, 8])
@pytest.mark.parametrize("processes", [1, 2, 3, 4])
def test_what_is_allowed_is_what_gives_equal_shares(
    count: int, batch_size: int, processes: int
) -> None:
    shares = [
        [len(step) for step in epoch_batches(count, batch_size, 0, 0, rank, processes)]
        for rank in range(processes)
    ]
    equal = all(len(set(sizes)) == 1 and sizes[0] >= 2 for sizes in zip(*shares, strict=True))
    if equal or processes == 1:
        check_shares(count, batch_size, processes, "key", least=2)
    else:
        with pytest.raises(UserError, match=r"^key: \d: .* processes"):
            check_shares(count, batch_size, processes, "key", least=2)
