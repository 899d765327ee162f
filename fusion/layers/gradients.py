"""Both gradients of a convolution whose images are one tile each, as crops are in training.

There the forward pass has all that the backward pass needs: the spectrum of the input is little
larger than the input, and that of the output's gradient serves both gradients.
"""

from torch import Tensor

from fusion.layers.dft import (
    along,
    along_w,
    parts_of,
    product,
    read_matrix,
    spectrum_of,
    synthesis,
)
from fusion.layers.frequency import taps_of
from fusion.layers.tiles import Cut, join_tiles, pad, stack_tiles, tile_rows


def one_tile(cut: Cut) -> bool:
    """Whether each image is one tile."""
    return cut[0].count == cut[1].count == 1


def gradients(
    grad: Tensor, kept: list[Tensor], spectrum: list[Tensor], cut: Cut
) -> tuple[Tensor, Tensor]:
    """Gradients of the input (N,C,H,W) and of the weights (O,C,kh,kw).

    Args:
        grad: the output's gradient, (N,O,H,W) float32.
        kept: spectra of the input, from `correlate`.
        spectrum: of the weights, from `kernel_spectrum` with the same cut.
        cut: of H and W, of one tile.
    """
    high, wide = cut
    columns = along_w(tile_rows(pad(grad, cut, range(1), outputs=True), wide.outputs), wide.outputs)
    columns = stack_tiles(columns, high.outputs)
    frequencies, images, out = columns.shape[2:]
    channels = kept[0].shape[3]
    matrix, device = read_matrix(high.outputs, grad.device), grad.device
    # Products with the conjugate of `right` run backwards in space, so they are read backwards.
    to_x = synthesis(high.size, -1, high.length, device, -(high.kernel // 2))
    to_weight = synthesis(high.size, -1, high.kernel, device)
    of_x = grad.new_empty(frequencies, high.length, images, channels)
    of_weight = grad.new_empty(frequencies, high.kernel, channels, out)
    first = 0
    for tiles, weights in zip(kept, spectrum, strict=True):
        count = tiles.shape[1] // (high.size + 1)
        part = slice(2 * first, 2 * (first + count))
        right = spectrum_of(along(matrix, columns[:, :, part]))
        back = product(right, weights.transpose(2, 3), conjugate=True)
        along(to_x, parts_of(back, count), out=of_x[part])
        back = product(tiles.transpose(2, 3), right, conjugate=True)
        along(to_weight, parts_of(back, count), out=of_weight[part])
        first += count
    return _image(of_x, cut), taps_of(of_weight, wide)


def _image(of_x: Tensor, cut: Cut) -> Tensor:
    """The transform along w undone: (N,C,H,W), channels last in memory."""
    wide = cut[1]
    matrix = synthesis(wide.size, -1, wide.length, of_x.device, -(wide.kernel // 2)) / 2
    tiles = along(matrix, of_x.transpose(0, 1)).unflatten(2, (1, -1, 1))
    image = of_x.new_empty(tiles.shape[3], cut[0].length, wide.length, tiles.shape[5])
    join_tiles(tiles, image, cut)
    return image.permute(0, 3, 1, 2)
