"""`segmentation:` — the one protocol under which every input trains each network."""

from typing import Annotated, Any, Literal, get_args

from pydantic import (
    BeforeValidator,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    field_validator,
    model_validator,
)

from pipeline.params.base import Name, Section
from pipeline.params.fusion import Precision
from pipeline.stage.errors import UserError

Decoder = Literal["deeplabv3", "deeplabv3plus", "segformer", "upernet", "fpn", "unet"]

ONE_FOR_ALL = "one_for_all"
"""A folder's name beside those of the networks, and so the name of none."""


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


class NetworkParams(Section):
    """One network and how it trains; the same for IR, VIS and every fused input.

    Attributes:
        decoder: of segmentation-models-pytorch.
        encoder: name of a segmentation-models-pytorch encoder.
        encoder_weights: null, `imagenet` (download) or `imagenet-package` (the ImageNet weights
            of EfficientNet-Lite0 from the extra `[pretrained]`).
        output_stride: how much smaller than the image the encoder's last features are, for
            `deeplabv3` and `deeplabv3plus`; encoders of other decoders keep their own.
        decoder_channels: the decoder's widest; 256 gives each decoder the width it has in
            segmentation-models-pytorch.
        size: height and width of training images, pixels; evaluation is at full size.
        epochs: passes over the train images.
        frozen_epochs: of these, the first ones, in which the encoder's weights stay.
        batch_size: images a step, at least two for batch norm; an incomplete last step is left out.
        optimizer: `sgd` (momentum) or `adamw`.
        learning_rate: at the start.
        encoder_rate: factor on the learning rate for the encoder.
        momentum: of SGD.
        weight_decay: of either optimiser.
        schedule: `constant`, `poly` (power 0.9) or `cosine`.
        warmup_steps: the first steps, in which the rate rises linearly to that of the schedule.
        loss: `cross_entropy` or `cross_entropy+dice`.
        class_weights: `none`, or `median_frequency` (of pixel counts on train, clipped to
            [0.1, 10], see `segmentation.model.loss`).
        label_smoothing: of the cross entropy.
        augmentation: see `Augmentation`.
        precision: of the training arithmetic, in Fabric's words; float32 is whole with `32-true`,
            and with `tf32` a GPU's products have TF32's ten bits of fraction.
        threads: of CPU arithmetic; another number gives other last bits. One is faster for small
            images and networks, and leaves the other cores to other stages.
    """

    decoder: Decoder = "deeplabv3"
    encoder: str = "resnet50"
    encoder_weights: Literal["imagenet", "imagenet-package"] | None = None
    output_stride: Literal[8, 16] = 8
    decoder_channels: PositiveInt = 256
    size: tuple[PositiveInt, PositiveInt] = (480, 640)
    epochs: PositiveInt = 500
    frozen_epochs: NonNegativeInt = 0
    batch_size: int = Field(default=4, ge=2)
    optimizer: Literal["sgd", "adamw"] = "sgd"
    learning_rate: PositiveFloat = 1e-3
    encoder_rate: PositiveFloat = 1.0
    momentum: float = Field(default=0.9, ge=0, lt=1)
    weight_decay: NonNegativeFloat = 5e-4
    schedule: Literal["constant", "poly", "cosine"] = "poly"
    warmup_steps: NonNegativeInt = 0
    loss: Literal["cross_entropy", "cross_entropy+dice"] = "cross_entropy"
    class_weights: Literal["none", "median_frequency"] = "none"
    label_smoothing: float = Field(default=0.0, ge=0, lt=1)
    augmentation: Augmentation = Augmentation()
    precision: Precision = "32-true"
    threads: PositiveInt = 2

    @model_validator(mode="after")
    def _some_epochs_train_all(self) -> "NetworkParams":
        if self.frozen_epochs >= self.epochs:
            raise ValueError(
                f"frozen_epochs: {self.frozen_epochs} of {self.epochs} epochs; allowed are fewer"
            )
        return self


Changes = Annotated[dict[str, Any], BeforeValidator(lambda entry: entry or {})]
"""Keys of `NetworkParams` that differ for one network; an empty entry changes nothing."""


class Contrast(Section):
    """The one comparison that a run is made for, named before it; all others are exploratory.

    Attributes:
        input: a method.
        against: another.
        smallest: the smallest difference of mIoU that would be worth having, points.
    """

    input: Name
    against: Name
    smallest: PositiveFloat


class SegmentationParams(NetworkParams):
    """The `segmentation` section: what all networks share, and the networks.

    Attributes:
        networks: by name, the keys that differ; `decoder` is the name's own if it is one. The
            first is that of the report's main table.
        one_for_all: names of those that are also trained once on both cameras' images and judge
            every input, see docs/protocol.md.
        seeds: one training a seed; results are mean ± std over them.
        primary: the comparison that the run is made for; null calls all of them exploratory.
    """

    networks: dict[Name, Changes] = Field(default={"deeplabv3": {}}, min_length=1)
    one_for_all: tuple[Name, ...] = ()
    seeds: tuple[NonNegativeInt, ...] = Field(default=(0,), min_length=1)
    primary: Contrast | None = None

    @model_validator(mode="after")
    def _names(self) -> "SegmentationParams":
        there = ", ".join(self.networks)
        if ONE_FOR_ALL in self.networks:
            raise ValueError(f"networks: {ONE_FOR_ALL} is the name of a folder beside them")
        for name in self.one_for_all:
            if name not in self.networks:
                raise ValueError(f"one_for_all: no network {name!r}; allowed are {there}")
        if len(set(self.one_for_all)) < len(self.one_for_all):
            raise ValueError("one_for_all: each network once")
        return self

    @property
    def main_network(self) -> str:
        """The first network: that of the main table, gallery and examples."""
        return next(iter(self.networks))

    def of(self, network: str) -> NetworkParams:
        """The section as it holds for one network.

        Raises:
            UserError: there is no such network.
            ValidationError: pydantic's, for an unknown or impossible key of its entry.
        """
        if network not in self.networks:
            there = ", ".join(self.networks)
            raise UserError(f"segmentation.networks: no network {network!r}; there are {there}")
        shared = self.model_dump(include=set(NetworkParams.model_fields))
        changes = dict(self.networks[network])
        if network in get_args(Decoder):
            shared["decoder"] = network
        if isinstance(changes.get("augmentation"), dict):
            changes["augmentation"] = shared["augmentation"] | changes["augmentation"]
        return NetworkParams.model_validate(shared | changes)
