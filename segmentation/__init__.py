"""DeepLabV3 on IR, VIS and fused images under one protocol."""
