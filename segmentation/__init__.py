"""DeepLabV3 on IR, VIS and fused images under one protocol."""

import pipeline as pipeline  # how threads wait is set before PyTorch loads
