"""Pages of the reference that code writes: a hook of MkDocs, see `mkdocs.yml`.

A line `<!-- generated: NAME -->` of a page is replaced by what the function NAME gives.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import io
import json
import os
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined
from recipes import recipes

ROOT = Path(__file__).resolve().parents[2]
MARKER = re.compile(r"^<!-- generated: (\w+) -->$", re.MULTILINE)


def on_page_markdown(markdown: str, **_: object) -> str:
    """Replace the markers of a page; MkDocs calls this for each."""
    return MARKER.sub(lambda found: PAGES[found[1]](), markdown)


def meanings(thing: Any, section: str) -> dict[str, str]:
    """Entries of the part `section:` of a google docstring, each on one line."""
    doc = inspect.getdoc(thing) or ""
    part = re.search(rf"^{section}:\n((?:    .*\n?|\n)+)", doc, re.MULTILINE)
    if part is None:
        return {}
    entries = re.findall(r"^    (\w+): (.*(?:\n      .*)*)", part[1], re.MULTILINE)
    return {name: " ".join(text.split()) for name, text in entries}


def allowed(schema: dict[str, Any], definitions: dict[str, Any]) -> str:
    """What values a JSON schema takes, in words."""
    if "$ref" in schema:
        return allowed(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(allowed(one, definitions) for one in schema["anyOf"]))
    if "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        return ", ".join(f"`{json.dumps(value)}`".replace('"', "") for value in values)
    kind = {"array": "list", "object": "mapping", "boolean": "true, false", "string": "text"}
    words = kind.get(schema.get("type", ""), schema.get("type", "anything"))
    if "items" in schema:
        words += f" of {allowed(schema['items'], definitions)}"
    if "prefixItems" in schema:
        words += " of " + ", ".join(allowed(one, definitions) for one in schema["prefixItems"])
    signs = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    limits = [f"{sign} {schema[key]:g}" for key, sign in signs.items() if key in schema]
    if schema.get("minItems", 0) and "prefixItems" not in schema:
        limits.append(f"at least {schema['minItems']}")
    return " ".join([words, *limits]).replace("null", "`null`")


def shown(default: Any) -> str:
    """A default as YAML has it."""
    if default is PydanticUndefined:
        return "needed"
    value = default.model_dump(mode="json") if isinstance(default, BaseModel) else default
    text = json.dumps(value, default=str, ensure_ascii=False)
    return "`" + text.replace('"', "") + "`"


def inherited(model: type[BaseModel]) -> dict[str, str]:
    """Meanings of a model's keys, also of those that it has from its bases."""
    found: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if issubclass(base, BaseModel):
            found |= meanings(base, "Attributes")
    return found


def model_of(annotation: Any) -> type[BaseModel] | None:
    """The model that a key holds itself, if it is a section."""
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        return annotation
    return None


def nested(annotation: Any) -> Iterator[type[BaseModel]]:
    """Models inside an annotation, as those of the entries of a mapping."""
    if (model := model_of(annotation)) is not None:
        yield model
    for one in getattr(annotation, "__args__", ()):
        yield from nested(one)


def table(model: type[BaseModel], prefix: str, heading: str = "##") -> str:
    """Heading and table of the keys of a section, then those of the sections in it."""
    schema = model.model_json_schema()
    words, deeper = inherited(model), []
    title = f"`{prefix}`" if prefix else "At the top"
    summary = (inspect.getdoc(model) or "").split("\n\n")[0]
    lines = [f"{heading} {title}", "", " ".join(summary.split()), ""]
    lines += ["| key | allowed | default | meaning |", "|---|---|---|---|"]
    for key, field in model.model_fields.items():
        path = f"{prefix}.{key}" if prefix else key
        if (section := model_of(field.annotation)) is not None:
            deeper.append(table(section, path, heading))
            lines.append(f"| `{key}` | section | – | {words[key]} See [below](#{slug(path)}). |")
            continue
        for entry in nested(field.annotation):
            deeper.append(table(entry, f"{path}.NAME", heading))
        values = allowed(schema["properties"][key], schema.get("$defs", {}))
        default = field.get_default(call_default_factory=True)
        meaning = words[key].replace("|", "\\|")
        lines.append(f"| `{key}` | {values} | {shown(default)} | {meaning} |")
    return "\n".join(lines) + "\n\n" + "\n".join(deeper)


def slug(path: str) -> str:
    """The anchor that MkDocs gives a heading."""
    return re.sub(r"[^\w-]", "", path.lower())


def params() -> str:
    """All keys of `params.yaml`."""
    from pipeline.params import Params

    return table(Params, "")


def medical() -> str:
    """All keys of `medical/params.yaml`."""
    from pipeline.params import MedicalParams

    return table(MedicalParams, "medical", "###")


def methods() -> str:
    """Every registered method: what it is, and its own parameters."""
    from fusion.methods.base import registry

    return "\n".join(method(name, registry.factory_of(name)) for name in registry.names())


def method(name: str, factory: Any) -> str:
    """One method's heading, summary and parameters."""
    summary = " ".join((inspect.getdoc(factory) or "").split("\n\n")[0].split())
    words, parameters = meanings(factory, "Args"), inspect.signature(factory).parameters
    lines = [f"## `{name}`", "", summary, ""]
    if parameters:
        lines += ["| parameter | default | meaning |", "|---|---|---|"]
    for key, one in parameters.items():
        default = PydanticUndefined if one.default is one.empty else one.default
        lines.append(f"| `{key}` | {shown(default)} | {words.get(key, '')} |")
    return "\n".join(lines) + "\n"


INSTALLED = {
    "fusion.fuse_images": "ivif-fuse",
    "fusion.judge_images": "ivif-metrics",
    "segmentation.predict": "ivif-segment",
}


def runnable() -> list[str]:
    """Modules that are commands, those that are installed first."""
    found = []
    for package in ("fusion", "segmentation", "pipeline"):
        for file in sorted((ROOT / package).rglob("*.py")):
            body = ast.parse(file.read_text(encoding="utf-8")).body
            mains = [n for n in body if isinstance(n, ast.FunctionDef) and n.name == "main"]
            if any(ast.unparse(d) in ("command", "stage") for n in mains for d in n.decorator_list):
                found.append(".".join(file.relative_to(ROOT).with_suffix("").parts))
    return [*INSTALLED, *(name for name in found if name not in INSTALLED)]


def commands() -> str:
    """What every command prints for `--help`."""
    parts = []
    for module in runnable():
        own = f"python -m {module.removesuffix('.__main__')}"
        text = usage(module).replace(own, INSTALLED.get(module, own))
        parts.append(f"## {INSTALLED.get(module, own)}\n\n```text\n{text.strip()}\n```\n")
    return "\n".join(parts)


def usage(module: str) -> str:
    """What a module prints for `--help`, 100 columns wide."""
    os.environ["COLUMNS"] = "100"
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        import_module(module).main(["--help"])
    return printed.getvalue()


PAGES = {
    "params": params, "medical": medical, "methods": methods, "commands": commands,
    "recipes": recipes,
}  # fmt: skip
