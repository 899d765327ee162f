"""A training's checkpoint travels to the remote now and then, and from there to who goes on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FOLDER = Path("checkpoints")
NAME = "last.pt"


class Store:
    """Checkpoints of one stage in the DVC remote, under the names that they have here.

    Args:
        stage: its name.
    """

    def __init__(self, stage: str) -> None:
        from dvc.repo import Repo

        with Repo() as repo:
            remote = repo.cloud.get_remote()
            outs = [Path(str(out)) for one in repo.index.stages if one.addressing == stage
                    for out in one.outs]  # fmt: skip
        self.fs: Any = remote.fs
        below = [out.relative_to("artifacts") for out in outs if out.parts[0] == "artifacts"]
        self.here = FOLDER / below[0] if below else None
        self.there = self.fs.join(remote.path, *self.here.parts) if self.here else ""
        self._sent: dict[Path, int] = {}

    def fetch(self) -> None:
        """Bring what another clone left of this stage, if this one has nothing."""
        if self.here is None or list(self.here.rglob(NAME)) or not self.fs.exists(self.there):
            return
        for source in self.fs.find(self.there):
            if self.fs.name(source) == NAME:
                target = self.here / self.fs.name(self.fs.parent(source)) / NAME
                target.parent.mkdir(parents=True, exist_ok=True)
                partial = target.with_suffix(".part")
                self.fs.get_file(source, str(partial))
                partial.replace(target)

    def send(self) -> None:
        """Bring checkpoints that are new since the last time to the remote, whole or not at all."""
        for file in self.here.rglob(NAME) if self.here else ():
            changed = file.stat().st_mtime_ns
            if self._sent.get(file) != changed:
                target = self.fs.join(self.there, file.parent.name, NAME)
                self.fs.makedirs(self.fs.parent(target))
                self.fs.put_file(str(file), f"{target}.part")
                self.fs.move(f"{target}.part", target)
                self._sent[file] = changed

    def forget(self) -> None:
        """Remove them from the remote: the stage has ended well."""
        if self.here is not None and self.fs.exists(self.there):
            self.fs.remove(self.there, recursive=True)


@contextmanager
def travelling(stage: str, seconds: float) -> Iterator[Store]:
    """Fetch what there is; meanwhile send every so often.

    A checkpoint that does not get through costs time only, and is tried again.
    """
    store, over = Store(stage), threading.Event()

    def send_now_and_then() -> None:
        while not over.wait(seconds):
            try:
                store.send()
            except OSError as error:
                print(f"warning: {stage}: no checkpoint sent: {error}", flush=True)

    store.fetch()
    thread = threading.Thread(target=send_now_and_then, daemon=True)
    thread.start()
    try:
        yield store
    finally:
        over.set()
        thread.join()
