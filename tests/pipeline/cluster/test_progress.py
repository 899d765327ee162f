"""What is shown of a run: events come in another thread, and never wait for it."""

import io
from pathlib import Path
from threading import Thread

import pytest
from rich.console import Console

from pipeline.cluster.graph import Task
from pipeline.cluster.outcome import Outcome
from pipeline.cluster.progress import LOG, Shown
from pipeline.cluster.times import Times


def test_an_event_comes_while_the_cluster_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    tasks = [Task("a", ()), Task("b", ("a",))]

    def places() -> int:
        """Dask answers in the thread that brings the events: one that waits would stop both."""
        event = Thread(target=shown.event, args=({"stage": "b", "where": "here"},), daemon=True)
        event.start()
        event.join(10)
        assert not event.is_alive()
        return 1

    with Shown(tasks, Times.read(), places, Console(file=io.StringIO())) as shown:
        shown.event({"stage": "a", "where": "here"})
        shown.tick()
        assert set(shown.running) == {"a"}
        shown.ended(Outcome("a", "ran", "here", 2.0))
        shown.tick()
        assert set(shown.running) == {"b"}
    told = [line.split(" ", 1)[1] for line in LOG.read_text().splitlines()]
    assert told == ["a: started on here", "b: started on here", "a: ran in 0:02 on here"]
