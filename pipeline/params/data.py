"""`data:` — which images the pipeline runs on."""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PositiveInt, StringConstraints, model_validator

from pipeline.params.base import Section

MSRS_CLASSES = (
    "unlabeled", "car", "person", "bike", "curve", "car_stop", "guardrail", "color_cone", "bump",
)  # fmt: skip
"""Names of MSRS's label values 0 to 8, in order."""

MANIFEST_COLUMNS = ("split", "name", "height", "width", "day_night")
"""Columns of every manifest; one pixel count a class follows where there are labels."""

Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]
"""Red, green and blue, as `"#400080"`; in YAML with its quotes, for `#` begins a comment."""

LabelValue = Annotated[int, Field(ge=0, le=255)]


def _value_or_colour(key: object) -> int | str:
    if re.fullmatch("#[0-9a-fA-F]{6}", str(key)):
        return str(key).lower()
    if re.fullmatch("[0-9]{1,3}", str(key)) and int(str(key)) <= 255:
        return int(str(key))
    raise ValueError('allowed are values from 0 to 255, and colours as "#400080"')


LabelKey = Annotated[int | str, BeforeValidator(_value_or_colour)]
"""What a label's file holds: a value, or a colour."""

FolderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


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


class Folders(Section):
    """Names of the folders in each split, for `folder`: data sets name them differently.

    Attributes:
        ir: of the infrared images.
        vi: of the visible ones.
        label: of the labels; null takes `label` or `Segmentation_labels`, whichever is there.
    """

    ir: FolderName = "ir"
    vi: FolderName = "vi"
    label: FolderName | None = None


class DataParams(Section):
    """Which data set, and where it is.

    Attributes:
        dataset: `demo` is drawn, `msrs` is the real one, `folder` is the user's own.
        root: folder with `{train,test}/{ir,vi,label}`; needed for `folder`; without it `msrs`
            is fetched from `url`.
        url: git repository that `msrs` is fetched from.
        folders: see `Folders`.
        classes: class names in label order, for `folder`; MSRS's nine otherwise.
        palette: colours of classes by name, for pictures; MFNet's and generated ones otherwise.
        label_map: what the labels' files hold, values or colours, to names of classes, or to null
            for pixels that are ignored. Without it a value is the place of its class.
        ignore: a value in the labels' files whose pixels are ignored.
        day_night: for `folder`: names end in D or N for day and night, as MSRS's and the demo's do.
        times: a file that says day and night instead of names: a table `.csv` with columns name and
            day_night (day, night or nothing), or a list `.txt` of the names of night.
        hold_out: every how many-th train pair is judged instead of the test pairs, which are left
            aside: for choosing settings without a look at them. Null judges the test pairs.
        demo: what to draw.
    """

    dataset: Literal["demo", "msrs", "folder"] = "demo"
    root: Path | None = None
    url: str = "https://github.com/Linfeng-Tang/MSRS"
    folders: Folders = Folders()
    classes: tuple[str, ...] | None = Field(default=None, min_length=2, max_length=255)
    palette: dict[str, Colour] = Field(default_factory=dict)
    label_map: dict[LabelKey, str | None] | None = None
    ignore: LabelValue | None = None
    day_night: bool = False
    times: Path | None = None
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

    @model_validator(mode="after")
    def _folders(self) -> "DataParams":
        if self.dataset != "folder" and self.folders != Folders():
            raise ValueError(f"folders: those of {self.dataset} have their names; for folder alone")
        return self

    @model_validator(mode="after")
    def _labels(self) -> "DataParams":
        """What names classes names one that is there; values and colours are not mixed."""
        for key, names in (("palette", self.palette), ("label_map", self.mapped)):
            unknown = [name for name in names if name not in self.class_names]
            if unknown:
                there = ", ".join(self.class_names)
                raise ValueError(f"{key}: no class {unknown[0]!r}; there are {there}")
        kinds = {type(key) for key in self.label_map or {}}
        if len(kinds) > 1:
            raise ValueError("label_map: values and colours; allowed are keys of one kind")
        if kinds == {str} and self.ignore is not None:
            raise ValueError("ignore: a value, but label_map has colours; map a colour to null")
        if self.ignore is not None and self.ignore in (self.label_map or {}):
            raise ValueError(f"ignore: {self.ignore} is in label_map too; allowed in one of them")
        return self

    @property
    def mapped(self) -> list[str]:
        """Classes that the label map names."""
        return [name for name in (self.label_map or {}).values() if name is not None]

    @property
    def ignores(self) -> bool:
        """Whether pixels of some label may count nowhere."""
        return self.ignore is not None or None in (self.label_map or {}).values()

    @property
    def class_names(self) -> tuple[str, ...]:
        """Class names in label order."""
        if self.dataset == "folder" and self.classes is not None:
            return self.classes
        return MSRS_CLASSES

    @property
    def named_by_time(self) -> bool:
        """Whether the last letter of an image's name says day or night, where no file does."""
        return self.day_night or self.dataset != "folder"

    @property
    def directory(self) -> Path:
        """Where `prepare` puts the data set: `data/<dataset>`."""
        return Path("data") / self.dataset
