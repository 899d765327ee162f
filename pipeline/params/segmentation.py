"""`segmentation:` — the one protocol under which every input trains DeepLabV3."""

from typing import Literal

from pydantic import (
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    field_validator,
)

from pipeline.params.base import Section
from pipeline.params.fusion import Precision


class Augmentation(Section):
    """Joint augmentation of image and label, see `segmentation.data.augment`.

    Attributes:
        flip: probability of a horizontal flip.
        scale: smallest and largest zoom before the crop.
        brightness: largest relative change of brightness and contrast.
        blur: probability of a slight Gaussian blur.
    """

    flip: float = Field(default=0.5, ge=0, le=1)
    scale: tuple[PositiveFloat, PositiveFloat] = (0.75, 1.5)
    brightness: float = Field(default=0.2, ge=0, lt=1)
    blur: float = Field(default=0.0, ge=0, le=1)

    @field_validator("scale")
    @classmethod
    def _smallest_first(cls, scale: tuple[float, float]) -> tuple[float, float]:
        if scale[0] > scale[1]:
            raise ValueError("the smallest zoom comes first")
        return scale


class SegmentationParams(Section):
    """The `segmentation` section; the same for IR, VIS and every fused input.

    Attributes:
        encoder: name of a segmentation-models-pytorch encoder.
        encoder_weights: null, `imagenet` (download) or `imagenet-package` (the ImageNet weights
            of EfficientNet-Lite0 from the extra `[pretrained]`).
        output_stride: how much smaller than the image the encoder's last features are.
        decoder_channels: of the atrous spatial pyramid and after it; 256 in the DeepLabV3 paper.
        size: height and width of training images, pixels; evaluation is at full size.
        epochs: passes over the train images.
        batch_size: images a step, at least two for batch norm; an incomplete last step is left out.
        optimizer: `sgd` (momentum) or `adamw`.
        learning_rate: at the start.
        encoder_rate: factor on the learning rate for the encoder.
        momentum: of SGD.
        weight_decay: of either optimiser.
        schedule: `constant`, `poly` (power 0.9) or `cosine`.
        loss: `cross_entropy` or `cross_entropy+dice`.
        class_weights: `none`, or `median_frequency` (of pixel counts on train, clipped to
            [0.1, 10], see `segmentation.model.loss`).
        label_smoothing: of the cross entropy.
        augmentation: see `Augmentation`.
        seeds: one training a seed; results are mean ± std over them.
        precision: of the training arithmetic, in Fabric's words.
        threads: of CPU arithmetic; another number gives other last bits. One is faster for small
            images and networks, and leaves the other cores to other stages.
    """

    encoder: str = "resnet50"
    encoder_weights: Literal["imagenet", "imagenet-package"] | None = None
    output_stride: Literal[8, 16] = 8
    decoder_channels: PositiveInt = 256
    size: tuple[PositiveInt, PositiveInt] = (480, 640)
    epochs: PositiveInt = 500
    batch_size: int = Field(default=4, ge=2)
    optimizer: Literal["sgd", "adamw"] = "sgd"
    learning_rate: PositiveFloat = 1e-3
    encoder_rate: PositiveFloat = 1.0
    momentum: float = Field(default=0.9, ge=0, lt=1)
    weight_decay: NonNegativeFloat = 5e-4
    schedule: Literal["constant", "poly", "cosine"] = "poly"
    loss: Literal["cross_entropy", "cross_entropy+dice"] = "cross_entropy"
    class_weights: Literal["none", "median_frequency"] = "none"
    label_smoothing: float = Field(default=0.0, ge=0, lt=1)
    augmentation: Augmentation = Augmentation()
    seeds: tuple[NonNegativeInt, ...] = Field(default=(0,), min_length=1)
    precision: Precision = "32-true"
    threads: PositiveInt = 2
