"""Spectra of weights that stay from one image to the next, in inference.

A layer's spectrum takes a fifth of its time and ten times the memory of its weights, so that only
some fit: those of the tallest kernels, which save most for their bytes. They belong to the process,
not to the layers: copies, pickles and state dicts are as without them.
"""

from dataclasses import dataclass
from threading import Lock
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from fusion.layers.frequency import BAND, kernel_spectrum
from fusion.layers.tiles import Cut

LIMIT = 256 * 2**20
"""Bytes that all kept spectra may take together, with the weights that they are of."""


@dataclass(frozen=True)
class Kept:
    """A spectrum, and what it is the spectrum of."""

    weight: Tensor
    cut: Cut
    spectrum: list[Tensor]

    @property
    def bytes(self) -> int:
        """What keeping it costs."""
        return sum(tensor.nbytes for tensor in (self.weight, *self.spectrum))

    @property
    def gain(self) -> float:
        """What keeping it saves for each byte: multiplications for each number of the spectrum."""
        high, wide = self.cut
        return 2 * high.kernel * (1 + wide.kernel / (high.size + 1))


def pays(batch: int, cut: Cut) -> bool:
    """Whether a kept spectrum is worth its memory: for as many tiles as are transformed together.

    With more of them the transform is under a tenth of the layer, and the maps need the memory.
    """
    return batch * cut[0].count * cut[1].count <= BAND


_kept: WeakKeyDictionary[nn.Module, Kept] = WeakKeyDictionary()
_lock = Lock()


def spectrum_of_layer(layer: nn.Module, weight: Tensor, cut: Cut) -> list[Tensor]:
    """`kernel_spectrum(weight, cut)`, which may be the one of the last call.

    Weights are compared number by number, which takes a fiftieth of the transform's time: an edit
    through `.data` or NumPy changes neither version nor address.

    Args:
        layer: whose weights these are; what is kept goes when it goes.
        weight: (O,C,kh,kw) float32, on a CPU.
        cut: of the image.
    """
    kept = _kept.get(layer)
    if kept is not None and kept.cut == cut and torch.equal(kept.weight, weight):
        return kept.spectrum
    _kept.pop(layer, None)
    spectrum = kernel_spectrum(weight, cut)
    with _lock:
        _keep(layer, Kept(weight.detach().clone(), cut, spectrum))
    return spectrum


def kept_bytes() -> int:
    """What all kept spectra take."""
    return sum(kept.bytes for kept in _kept.values())


def forget() -> None:
    """Free them all."""
    _kept.clear()


def _keep(layer: nn.Module, new: Kept) -> None:
    """Keep `new` if it fits, at the cost of what gains less; who came first stays among equals."""
    room = LIMIT - kept_bytes()
    lesser = sorted(
        ((kept.gain, other) for other, kept in _kept.items() if kept.gain < new.gain),
        key=lambda pair: pair[0],
    )
    if room + sum(_kept[other].bytes for _, other in lesser) < new.bytes:
        return
    for _, other in lesser:
        if room >= new.bytes:
            break
        room += _kept.pop(other).bytes
    _kept[layer] = new
