"""LKC-FUNet lite: fewer than 10,000 weights, for fusion in real time on a CPU.

Not of the paper: a network of this project beside LKC-FUNet, with the same terms in its loss and
three more. `pretrained.safetensors` beside this file holds weights trained on MSRS, see
`fusion.load_pretrained`.
"""

from fusion.methods.lkc_funet_lite.method import LKCFUNetLite

__all__ = ["LKCFUNetLite"]
