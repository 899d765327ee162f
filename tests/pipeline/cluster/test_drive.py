"""What the command does with Dask's futures."""

import pytest
from distributed import Client, LocalCluster

from pipeline.cluster.drive import keep

pytestmark = pytest.mark.slow


def test_a_result_outlives_the_worker_that_made_it() -> None:
    """Without `keep` Dask would compute it again: here it would draw another number."""
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0",
        ) as cluster,
        Client(cluster) as client,
    ):  # fmt: skip
        makers = list(client.scheduler_info(n_workers=-1)["workers"])
        future = client.submit(
            lambda: __import__("os").urandom(8), workers=makers[:1], allow_other_workers=True
        )
        made = future.result()
        assert list(client.who_has()[future.key]) == makers[:1]
        keep(client, future)
        assert sorted(client.who_has()[future.key]) == sorted(makers)
        client.retire_workers(makers[:1], close_workers=True)
        assert future.result() == made
