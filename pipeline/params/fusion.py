"""`fusion:` — which methods are compared, how learned ones train, how all are judged."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    model_validator,
)

from pipeline.params.base import Name, Section
from pipeline.params.metrics import DEFAULT, Convention, Metric
from pipeline.stage.errors import UserError

Precision = Literal["32-true", "tf32", "bf16-mixed", "16-mixed"]
Ranking = Literal["paper", "all"]
Family = Literal["method", "all_pairs"]


class FusionTraining(Section):
    """How a learned method trains, unless its own entry says otherwise.

    Attributes:
        epochs: passes over the train pairs.
        batch_size: crops a step.
        crop: side of the square crops, pixels.
        crops_per_image: random crops of each pair in one epoch.
        learning_rate: of Adam.
        schedule: `constant`, or `cosine` down to 0 at the last step.
        clip_norm: largest norm of the gradient; null never clips.
        precision: of the training arithmetic, in Fabric's words; float32 is whole with `32-true`,
            and with `tf32` a GPU's products have TF32's ten bits of fraction.
        seed: of initial weights, crops and order.
        flip: crops are flipped and turned by quarter circles, at random.
        threads: of CPU arithmetic, in training and in fusing; another number gives other last bits.
    """

    epochs: PositiveInt = 1000
    batch_size: PositiveInt = 32
    crop: int = Field(default=64, ge=16)
    crops_per_image: PositiveInt = 1
    learning_rate: PositiveFloat = 1e-4
    schedule: Literal["constant", "cosine"] = "constant"
    clip_norm: PositiveFloat | None = None
    precision: Precision = "32-true"
    seed: NonNegativeInt = 0
    flip: bool = False
    threads: PositiveInt = 2


class MethodSpec(BaseModel):
    """One entry of `fusion.methods`; keys not named here are the method's own parameters.

    Attributes:
        type: registered method; the entry's name if absent.
        weights: file to load instead of training; `pretrained` are those in the box, see
            `fusion.load_pretrained`.
        training: keys of `fusion.training` that differ for this method.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    type: str | None = None
    weights: Literal["pretrained"] | Path | None = None
    training: dict[str, Any] = Field(default_factory=dict)

    @property
    def own(self) -> dict[str, Any]:
        """The method's own parameters, for `fusion.create`."""
        return dict(self.model_extra or {})


class Significance(Section):
    """Which comparisons are tested, see `pipeline.report.statistics.significance`.

    Attributes:
        proposed: the method that is tested against each other one; null for each in turn.
        family: what the p-values are corrected over: `method`, the comparisons of one method on
            one data set, or `all_pairs`, those of any two methods on it.
    """

    proposed: Name | None = None
    family: Family = "method"


class Judging(Section):
    """How fused images are judged, of whichever task.

    Attributes:
        convention: which definition of the metrics, see `fusion.metrics`.
        metrics: columns of the tables; by default those of the papers' tables, CC and MSE.
            Nabf, MS-SSIM (images of at least 176 pixels), Qcb, Qcv, AFM and FMI are there on
            request.
        ranking: which metrics a rank sum counts: `paper` the six of LKC-FUNet's Table 7, or `all`.
        significance: which method is tested against which, see `Significance`.
    """

    convention: Convention = "paper"
    metrics: tuple[Metric, ...] = Field(default=DEFAULT, min_length=1)
    ranking: Ranking = "paper"
    significance: Significance = Significance()


class EvaluationParams(Judging):
    """How fused images are judged.

    Attributes:
        pairs: further pair sets by name, each a folder with `ir` and `vi`, fused and evaluated
            without retraining.
        cost: measure parameters, FLOPs, latency and memory of each method.
    """

    pairs: dict[Name, Path] = Field(default_factory=dict)
    cost: bool = True


Entries = dict[Name, Annotated[MethodSpec, BeforeValidator(lambda entry: entry or {})]]
"""Methods by the name of their entry; an empty entry is one without parameters."""


class Methods(Section):
    """Methods that are compared, and how those that learn are trained.

    Attributes:
        methods: entries by name.
        training: of all methods, but for what their own entries change.
    """

    key: ClassVar[str] = "fusion.methods"
    """Where a user finds the methods, for errors."""

    methods: Entries = Field(default_factory=dict)
    training: FusionTraining = FusionTraining()

    def spec_of(self, method: str) -> MethodSpec:
        """The method's entry. Raises UserError if there is none."""
        if method not in self.methods:
            there = ", ".join(self.methods) or "none"
            raise UserError(f"{self.key}: no method {method!r}; there are {there}")
        return self.methods[method]

    def training_of(self, method: str) -> FusionTraining:
        """`training` with the method's own changes. Raises pydantic's error on unknown keys."""
        changes = self.spec_of(method).training
        return FusionTraining.model_validate({**self.training.model_dump(), **changes})


def check_proposed(key: str, significance: Significance, methods: Iterable[str]) -> None:
    """Raise ValueError unless the proposed method is one of those that fuse."""
    fusing = [method for method in methods if method not in ("ir", "vis")]
    if significance.proposed is not None and significance.proposed not in fusing:
        raise ValueError(
            f"{key}.proposed: {significance.proposed!r}; allowed are null, {', '.join(fusing)}"
        )


class FusionParams(Methods):
    """The `fusion` section.

    Attributes:
        evaluation: how fused images are judged.
    """

    methods: Entries = Field(min_length=1)
    evaluation: EvaluationParams = EvaluationParams()

    @model_validator(mode="after")
    def _proposed_is_there(self) -> "FusionParams":
        check_proposed("evaluation.significance", self.evaluation.significance, self.methods)
        return self
