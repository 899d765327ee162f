"""`data:` — which images the pipeline runs on."""

from pathlib import Path
from typing import Literal

from pydantic import Field, PositiveInt, model_validator

from pipeline.params.base import Section

MSRS_CLASSES = (
    "unlabeled", "car", "person", "bike", "curve", "car_stop", "guardrail", "color_cone", "bump",
)  # fmt: skip
"""Names of MSRS's label values 0 to 8, in order."""

MANIFEST_COLUMNS = ("split", "name", "height", "width", "day_night")
"""Columns of every manifest; one pixel count a class follows where there are labels."""


class DemoParams(Section):
    """The drawn data set: how many scenes, how large, from which seed.

    Attributes:
        train: scenes to train on.
        test: scenes to judge on.
        height: of the images, pixels.
        width: of the images, pixels.
        seed: of all scenes; the same seed draws the same ones.
    """

    train: PositiveInt = 96
    test: PositiveInt = 48
    height: int = Field(default=96, ge=48, le=960)
    width: int = Field(default=128, ge=64, le=1280)
    seed: int = Field(default=0, ge=0)


class DataParams(Section):
    """Which data set, and where it is.

    Attributes:
        dataset: `demo` is drawn, `msrs` is the real one, `folder` is the user's own.
        root: folder with `{train,test}/{ir,vi,label}`; needed for `folder`; without it `msrs`
            is fetched from `url`.
        url: git repository that `msrs` is fetched from.
        classes: class names in label order, for `folder`; MSRS's nine otherwise.
        day_night: for `folder`: names end in D or N for day and night, as MSRS's and the demo's do.
        hold_out: every how many-th train pair is judged instead of the test pairs, which are left
            aside: for choosing settings without a look at them. Null judges the test pairs.
        demo: what to draw.
    """

    dataset: Literal["demo", "msrs", "folder"] = "demo"
    root: Path | None = None
    url: str = "https://github.com/Linfeng-Tang/MSRS"
    classes: tuple[str, ...] | None = Field(default=None, min_length=2, max_length=255)
    day_night: bool = False
    hold_out: int | None = Field(default=None, ge=2)
    demo: DemoParams = DemoParams()

    @model_validator(mode="after")
    def _root_and_classes(self) -> "DataParams":
        if self.dataset == "folder" and self.root is None:
            raise ValueError("dataset folder needs data.root, the folder with {train,test}/{ir,vi}")
        names = self.classes or ()
        taken = {name for name in names if names.count(name) > 1 or name in MANIFEST_COLUMNS}
        if taken:
            raise ValueError(
                f"classes: {', '.join(sorted(taken))}; a class name stands once, and none is one "
                f"of the manifest's columns {', '.join(MANIFEST_COLUMNS)}"
            )
        return self

    @property
    def class_names(self) -> tuple[str, ...]:
        """Class names in label order."""
        if self.dataset == "folder" and self.classes is not None:
            return self.classes
        return MSRS_CLASSES

    @property
    def named_by_time(self) -> bool:
        """Whether the last letter of an image's name says day or night."""
        return self.day_night or self.dataset != "folder"

    @property
    def directory(self) -> Path:
        """Where `prepare` puts the data set: `data/<dataset>`."""
        return Path("data") / self.dataset
