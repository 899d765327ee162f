"""MMIF-AMIN: multi-scale invertible dense network with an adaptive loss, for medical images.

T. Luo, W. Xu, "MMIF-AMIN: Adaptive Loss-Driven Multi-Scale Invertible Dense Network for
Multimodal Medical Image Fusion", arXiv:2508.08679, 2025.
"""
