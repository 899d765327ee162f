"""Label maps of whole images by a trained network."""

from __future__ import annotations

import torch
from torch.nn import functional

from pipeline.images.pixels import Uint8
from segmentation.data.resize import Size, resize_image, working_size
from segmentation.model.networks import Segmenter


@torch.inference_mode()
def predict_labels(model: Segmenter, image: Uint8, training_size: Size) -> Uint8:
    """Segment one image at its own resolution.

    The network sees objects in the size it was trained on: the image is brought to as many
    pixels as in training, and the logits, not the labels, are brought back (bilinear).

    Args:
        model: in eval mode.
        image: (H,W,3) uint8 RGB, any size.
        training_size: `segmentation.size` of its training.

    Returns:
        (H,W) uint8 class indices.
    """
    height, width = image.shape[:2]
    worked_on = resize_image(image, working_size((height, width), training_size))
    where = model.mean.device
    tensor = torch.from_numpy(worked_on).to(where)[None].permute(0, 3, 1, 2).float() / 255
    logits = model(tensor)
    if logits.shape[-2:] != (height, width):
        logits = functional.interpolate(logits, (height, width), mode="bilinear")
    labels: Uint8 = logits[0].argmax(dim=0).byte().cpu().numpy()
    return labels
