"""Read `params.yaml`; say in one line what is wrong with it."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError, model_validator

from pipeline.params.base import Name, Section, check_joined
from pipeline.params.data import DataParams
from pipeline.params.fusion import FusionParams, FusionTraining
from pipeline.params.medical import MedicalParams
from pipeline.params.runtime import RuntimeParams
from pipeline.params.segmentation import NetworkParams, SegmentationParams
from pipeline.stage.errors import UserError


class Params(Section):
    """All of `params.yaml`.

    Attributes:
        preset: name of the file in `presets/` that these settings came from.
        data: which images.
        fusion: which methods, how they train, how they are judged.
        segmentation: the protocol of the segmentation.
        runtime: what changes no result.
    """

    preset: Name = "custom"
    data: DataParams = DataParams()
    fusion: FusionParams
    segmentation: SegmentationParams = SegmentationParams()
    runtime: RuntimeParams = RuntimeParams()

    @model_validator(mode="after")
    def _primary_contrast(self) -> "Params":
        """Both of its inputs are methods."""
        if (primary := self.segmentation.primary) is not None:
            for key, name in (("input", primary.input), ("against", primary.against)):
                if name not in self.fusion.methods:
                    there = ", ".join(self.fusion.methods)
                    raise ValueError(f"segmentation.primary.{key}: no method {name!r}; {there}")
        return self

    @model_validator(mode="after")
    def _stage_names(self) -> "Params":
        """DVC joins the values of a matrix with `-`, and drops what gives a name twice."""
        methods = self.fusion.methods
        check_joined("fusion.evaluation.pairs", methods, self.fusion.evaluation.pairs)
        segmentation = self.segmentation
        seeds = list(map(str, segmentation.seeds))
        check_joined("segmentation.networks", segmentation.networks, methods)
        check_joined("segmentation.seeds", segmentation.networks, methods, seeds)
        return self

    @model_validator(mode="after")
    def _sets_differ(self) -> "Params":
        """The report tells sets of pairs apart by their names."""
        if self.data.dataset in self.fusion.evaluation.pairs:
            raise ValueError(
                f"fusion.evaluation.pairs: {self.data.dataset!r} is data.dataset; allowed is any "
                "other name"
            )
        return self


def _one_line(error: ValidationError, path: Path, model: type[BaseModel], prefix: str = "") -> str:
    """The first problem as `file: key: what is wrong, found ...`, with the count of the others."""
    problems = error.errors()
    first = problems[0]
    key = prefix + ".".join(str(part) for part in first["loc"]) or "(top level)"
    line = f"{path}: {key}: {first['msg']}"
    if first["type"] == "extra_forbidden":
        allowed = ", ".join(_siblings(model, first["loc"]))
        line = f"{path}: {key}: unknown key; allowed are {allowed}"
    elif first["type"] != "missing":
        line += f", found {first['input']!r}"
    return line + (f" (and {len(problems) - 1} more)" if len(problems) > 1 else "")


def _siblings(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """The keys that `model` allows beside the unknown one at `location`."""
    for part in location[:-1]:
        annotation = model.model_fields[str(part)].annotation
        if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            break
        model = annotation
    return list(model.model_fields)


def _check_each(
    names: Iterable[str], own: Callable[[str], object], key: str, model: type[BaseModel], path: Path
) -> None:
    """What an entry changes of the settings of all must fit them; `key` says NAME for the entry."""
    for name in names:
        try:
            own(name)
        except ValidationError as error:
            raise UserError(_one_line(error, path, model, key.replace("NAME", name))) from None


Model = TypeVar("Model", bound=Section)


MOVED = {
    "segmentation.workers": "runtime.workers",
    "segmentation.cache_mib": "runtime.cache_mib",
}
"""Keys of earlier versions and where they are now."""


def _check_moved(content: Any, path: Path) -> None:
    """Raise UserError for a key of an earlier version."""
    for old, new in MOVED.items():
        section, _, key = old.partition(".")
        if isinstance(content, dict) and key in (content.get(section) or {}):
            raise UserError(f"{path}: {old}: is now {new}; move it there")


def read_section(path: Path, model: type[Model]) -> Model:
    """Content of the YAML file as `model`; raises as `load`."""
    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; looked for {path.absolute()}") from None
    except yaml.YAMLError as error:
        raise UserError(f"{path}: not YAML: {' '.join(str(error).split())}") from None
    _check_moved(content, path)
    try:
        return model.model_validate(content or {})
    except ValidationError as error:
        raise UserError(_one_line(error, path, model)) from None


def load(path: Path | str = "params.yaml") -> Params:
    """Read and validate the params.

    Raises:
        UserError: the file is missing or not YAML, or a key is unknown, missing, of the wrong
            type or impossible; the message names the key, what was found and what is allowed.
    """
    path = Path(path)
    params = read_section(path, Params)
    fusion, segmentation = params.fusion, params.segmentation
    key = "fusion.methods.NAME.training."
    _check_each(fusion.methods, fusion.training_of, key, FusionTraining, path)
    key = "segmentation.networks.NAME."
    _check_each(segmentation.networks, segmentation.of, key, NetworkParams, path)
    return params


def load_medical(path: Path | str = "medical/params.yaml") -> MedicalParams:
    """Read and validate the params of medical fusion. Raises as `load`."""
    path = Path(path)
    medical = read_section(path, MedicalParams)
    key = "methods.NAME.training."
    _check_each(medical.methods, medical.training_of, key, FusionTraining, path)
    return medical


def flatten(section: BaseModel | dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested params as one level of dotted keys, for MLflow, which takes no `#` in a key."""
    content = section.model_dump(mode="json") if isinstance(section, BaseModel) else section
    flat: dict[str, Any] = {}
    for key, value in content.items():
        if isinstance(value, dict) and value:
            flat |= flatten(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}".replace("#", "")] = value
    return flat
