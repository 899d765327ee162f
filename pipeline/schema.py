"""JSON Schemas: of `params.yaml`, so that editors complete its keys, and of result files.

`python -m pipeline.schema` writes `docs/schema/params.json` and `docs/schema/result.json`.
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from pipeline.images.whole import write_json
from pipeline.params import FusionTraining, NetworkParams, Params
from pipeline.results.record import Record
from pipeline.stage.command import command

FOLDER = Path("docs/schema")
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ATTRIBUTE = re.compile(r"^    (\w+): (.+(?:\n        .+)*)", re.MULTILINE)


def described(model: type[BaseModel]) -> dict[str, str]:
    """What a model's docstring and those of its bases say of each attribute, in one line each."""
    found: dict[str, str] = {}
    for one in reversed(model.__mro__):
        text = inspect.cleandoc(one.__doc__ or "").partition("Attributes:\n")[2]
        found |= {name: " ".join(what.split()) for name, what in _ATTRIBUTE.findall(text)}
    return found


def _subclasses(base: type[BaseModel]) -> dict[str, type[BaseModel]]:
    found: dict[str, type[BaseModel]] = {}
    for one in base.__subclasses__():
        if one.__module__.startswith("pipeline."):
            found |= {one.__name__: one} | _subclasses(one)
    return found


_KNOWN = _subclasses(BaseModel)


def schema(model: type[BaseModel], *beside: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of a model, with its docstrings as descriptions.

    Args:
        model: the whole file's.
        beside: further models whose definitions it shall hold.
    """
    modes = [(one, "validation") for one in (model, *beside)]
    places, content = models_json_schema(modes)  # type: ignore[arg-type]
    for name, definition in content["$defs"].items():
        if name in _KNOWN:
            what = described(_KNOWN[name])
            definition["description"] = inspect.cleandoc(_KNOWN[name].__doc__ or "").split("\n")[0]
            for key, one in definition.get("properties", {}).items():
                if key in what:
                    one["description"] = what[key]
    return {"$schema": DIALECT, **places[model, "validation"], **content}


def of_params() -> dict[str, Any]:
    """Of `params.yaml`; networks' and methods' own changes have the keys of what they change."""
    content = schema(Params, NetworkParams, FusionTraining)
    definitions = content["$defs"]
    definitions["MethodSpec"]["properties"]["training"] = {"$ref": "#/$defs/FusionTraining"}
    for section, key, entry in (
        ("SegmentationParams", "networks", "NetworkParams"),
        ("FusionParams", "methods", "MethodSpec"),
    ):
        entries = definitions[section]["properties"][key]
        given = {"anyOf": [{"$ref": f"#/$defs/{entry}"}, {"type": "null"}]}
        entries["patternProperties"] = dict.fromkeys(entries["patternProperties"], given)
        entries["additionalProperties"] = False
    return content


SCHEMAS = {"params.json": of_params, "result.json": lambda: schema(Record)}
"""Files in `docs/schema` and what they hold."""


@command
def main() -> None:
    """Write the schemas of params.yaml and of result files to docs/schema."""
    for name, made in SCHEMAS.items():
        write_json(FOLDER / name, made())
        print(FOLDER / name)


if __name__ == "__main__":
    main()
