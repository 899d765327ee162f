"""What a data set's label files hold, values or colours, as class indices: the one way in.

Prepared labels are coded alike for all data sets: the place of a class in `data.classes`, and
`IGNORED` for pixels that count nowhere. So no later stage knows `data.label_map` or `data.ignore`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.images.palette import rgb
from pipeline.images.pixels import IGNORED, Uint8, read_label, read_rgb
from pipeline.params import DataParams

_MOST = 5
"""Foreign values that a message lists."""


@dataclass(frozen=True)
class Coding:
    """How label files are read.

    Attributes:
        classes: names in label order.
        label_map: values, or colours as `#rrggbb`, to names of classes or to None, which is
            ignored; None: a value is the place of its class.
        ignore: a further value that is ignored.
    """

    classes: tuple[str, ...]
    label_map: Mapping[int | str, str | None] | None = None
    ignore: int | None = None

    @property
    def as_stored(self) -> bool:
        """Whether files hold already what prepared labels hold."""
        return self.label_map is None and self.ignore in (None, IGNORED)

    @property
    def by_colour(self) -> bool:
        """Whether files are read by their colours."""
        return any(isinstance(key, str) for key in self.label_map or {})

    @property
    def allowed(self) -> str:
        """What a file may hold, in words."""
        if self.label_map is None:
            values = f"0 to {len(self.classes) - 1}"
        else:
            values = f"those of data.label_map: {', '.join(map(str, self.label_map))}"
        return values if self.ignore is None else f"{values}, and {self.ignore} (ignored)"

    def _index(self, name: str | None) -> int:
        return IGNORED if name is None else self.classes.index(name)

    def _codes(self) -> dict[int, int]:
        """Class index, or `IGNORED`, by value or by red, green and blue as one number."""
        if self.label_map is None:
            codes = {place: place for place in range(len(self.classes))}
        else:
            codes = {_number(key): self._index(name) for key, name in self.label_map.items()}
        return codes if self.ignore is None else codes | {self.ignore: IGNORED}

    def read(self, path: Path) -> tuple[Uint8, list[str]]:
        """Read a label file.

        Returns:
            (H, W) class indices, `IGNORED` where a pixel counts nowhere; and the values or colours
            that are neither, for which `IGNORED` stands too.

        Raises:
            UserError: as `read_label` and `read_rgb`.
        """
        place: NDArray[np.integer]
        if self.by_colour:
            colours = _numbers(read_rgb(path))
            values, place = np.unique(colours, return_inverse=True)
            place = place.reshape(colours.shape)
        else:  # of so few values each has its place, without sorting the pixels
            values, place = np.arange(256), read_label(path)
        codes = self._codes()
        table = np.array([codes.get(int(value), IGNORED) for value in values], np.uint8)
        there = values[np.bincount(place.ravel(), minlength=len(values)) > 0].tolist()
        foreign = [self._printed(value) for value in there if value not in codes]
        more = [f"and {len(foreign) - _MOST} more"] if len(foreign) > _MOST else []
        return table[place], foreign[:_MOST] + more

    def _printed(self, value: int) -> str:
        return f"#{value:06x}" if self.by_colour else str(value)


def _number(key: int | str) -> int:
    """A value as it is, a colour as one number."""
    return key if isinstance(key, int) else int(_numbers(np.array(rgb(key), np.uint8)))


def _numbers(colours: Uint8) -> NDArray[np.int64]:
    """(..., 3) red, green and blue as one number each."""
    numbers: NDArray[np.int64] = colours.astype(np.int64) @ np.array([65536, 256, 1])
    return numbers


def coding(data: DataParams) -> Coding:
    """How the data set's labels are read."""
    return Coding(data.class_names, data.label_map, data.ignore)
