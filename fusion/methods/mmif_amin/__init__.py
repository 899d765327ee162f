"""MMIF-AMIN: multi-scale invertible dense network with an adaptive loss, for medical images.

T. Luo, W. Xu, "MMIF-AMIN: Adaptive Loss-Driven Multi-Scale Invertible Dense Network for
Multimodal Medical Image Fusion", arXiv:2508.08679, 2025.
"""

from fusion.methods.mmif_amin.method import mmif_amin
from fusion.methods.mmif_amin.network import MmifAmin

__all__ = ["MmifAmin", "mmif_amin"]
