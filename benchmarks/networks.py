"""LKC-FUNet as the project runs it, and as the released code does: direct, channels outermost."""

import copy

from torch import Tensor, nn

from fusion.layers.large_kernel import LargeKernelConv2d
from fusion.methods.lkc_funet import Architecture, LKCFUNet

# Not 15×15: of a depthwise one oneDNN takes minutes to make its bf16 kernel on a CPU with AMX.
SMALL = Architecture(width=8, init_width=8, groups=4, kernels=(11, 5))


def _outermost(_: nn.Module, inputs: tuple[Tensor]) -> tuple[Tensor]:
    return (inputs[0].contiguous(),)


def pair(tiny: bool) -> tuple[LKCFUNet, LKCFUNet]:
    """(released, ours) with the same weights; 41 M parameters unless `tiny`."""
    ours = LKCFUNet(SMALL) if tiny else LKCFUNet()
    released = copy.deepcopy(ours)
    # All layers keep the memory layout that the first one gets.
    released.init_conv.register_forward_pre_hook(_outermost)
    for module in released.modules():
        if isinstance(module, LargeKernelConv2d):
            module.conv = "direct"
    return released, ours
