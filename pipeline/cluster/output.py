"""What a stage prints: its progress bar, whether DVC ran it, and how it failed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO, NamedTuple

_BAR = re.compile(
    r"^(?P<title>.*?):?\s+\d+%\|.*\| (?P<done>\d+)/(?P<total>\d+) \[[\d:]+<(?P<left>[\d:?]+)"
)
_EXCEPTION = re.compile(r"^[\w.]+(Error|Exception|Interrupt|Killed)\b")


class Bar(NamedTuple):
    """One state of a progress bar of tqdm's.

    Attributes:
        title: what it counts.
        done: of `total`.
        total: steps, pairs or whatever the stage counts.
        left: seconds, as tqdm estimates; None if it does not.
    """

    title: str
    done: int
    total: int
    left: float | None


def bar_of(line: str) -> Bar | None:
    """The bar that a line shows, if it shows one."""
    found = _BAR.match(line)
    if found is None:
        return None
    parts = found["left"].split(":")
    left = None
    if "?" not in found["left"]:
        left = float(sum(int(part) * 60**power for power, part in enumerate(reversed(parts))))
    return Bar(found["title"], int(found["done"]), int(found["total"]), left)


def lines(stream: IO[bytes]) -> Iterator[str]:
    """Lines as they come, also those that the next one overwrites, as a bar's."""
    rest = b""
    while chunk := stream.read1(65536):  # type: ignore[attr-defined]
        *whole, rest = re.split(rb"[\r\n]+", rest + chunk)
        yield from (line.decode(errors="replace") for line in whole if line)
    if rest:
        yield rest.decode(errors="replace")


def first_error(printed: list[str]) -> str:
    """The line that says best why a stage failed: its own, an exception's, or DVC's."""
    for line in printed:
        if line.startswith("error: "):
            return line.removeprefix("error: ")
    exceptions = [line for line in printed if _EXCEPTION.match(line)]
    if exceptions:
        return exceptions[-1]
    told = [line for line in printed if line.startswith("ERROR: ")]
    return told[0].removeprefix("ERROR: ") if told else (printed or ["it printed nothing"])[-1]
