"""Dask's settings for a cluster that this command starts."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import dask


@contextmanager
def settings(more: Mapping[str, object]) -> Iterator[None]:
    """Set `more`, and what holds for every such cluster, until the end.

    A machine that slept, or was stopped, goes on; Dask's own files are not the project's.
    """
    with tempfile.TemporaryDirectory(prefix="ivif-bench-") as scratch:
        ours = {"distributed.scheduler.worker-ttl": None, "temporary-directory": scratch}
        with dask.config.set(ours | dict(more)):
            yield
