"""LKC-FUNet: a U-Net of large kernels under instance and group normalisation, for luminance.

D. He et al., "Rethinking normalization strategies and convolutional kernels for multimodal image
fusion", Pattern Recognition 173, 2026, arXiv 2411.10036. `LKCFUNet` is the network,
`load_released` makes it from the authors' weights. The registered fusion method around it, with
its loss, is `fusion.methods.lkc_funet.method`.
"""

from fusion.methods.lkc_funet.architecture import Architecture
from fusion.methods.lkc_funet.method import LKCFUNetFusion
from fusion.methods.lkc_funet.network import LKCFUNet
from fusion.methods.lkc_funet.released import load_released

__all__ = ["Architecture", "LKCFUNet", "LKCFUNetFusion", "load_released"]
