"""The page of others' methods, from docs/recipes.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, model_validator

from pipeline.params.base import Name, Section
from pipeline.params.fusion import MethodSpec

SOURCE = Path(__file__).resolve().parents[1] / "recipes.yaml"


class File(Section):
    """A file of weights.

    Attributes:
        file: its path in the clone.
        origin: where it comes from: in the repository, or an address.
        sha256: of the file, where it was at hand.
        git_blob: what `git hash-object` says of it, where git alone was asked.
    """

    file: str
    origin: str = Field(pattern=r"^(in the repository( \(Git LFS\))?|https://\S+)$")
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    git_blob: str | None = Field(default=None, pattern=r"^[0-9a-f]{40}$")

    @property
    def hash(self) -> str:
        """In words."""
        if self.sha256:
            return f"SHA-256 `{self.sha256}`"
        return f"git blob `{self.git_blob}`" if self.git_blob else "hash not known to us"


class Recipe(Section):
    """One method of others.

    Attributes:
        title: of the method.
        paper: authors, where and when.
        code: repository.
        commit: the state that was read.
        licence: of the code.
        weights: files that it needs.
        images: fused images that its authors give away, where they do.
        needs: beyond PyTorch.
        tried: what was run of it, or that nothing was.
        notes: what else must be known.
        entry: of `fusion.methods`, as YAML.
    """

    title: str
    paper: str
    code: str = Field(pattern=r"^https://github\.com/[\w.-]+/[\w.-]+$")
    commit: str = Field(pattern=r"^[0-9a-f]{40}$")
    licence: str = Field(pattern=r"^(MIT|GPL-3\.0|Apache-2\.0|none found.*)$")
    weights: tuple[File, ...] = Field(min_length=1)
    images: str = ""
    needs: str = ""
    tried: str = Field(pattern=r"^(not run by us$|run: .+)")
    notes: str
    entry: str

    @model_validator(mode="after")
    def _one_entry(self) -> Recipe:
        if len(self._parsed) != 1:
            raise ValueError(f"entry: {len(self._parsed)} methods; allowed is one")
        return self

    @property
    def _parsed(self) -> dict[str, Any]:
        return yaml.safe_load(self.entry)

    @property
    def name(self) -> Name:
        """Of the entry."""
        return next(iter(self._parsed))

    @property
    def spec(self) -> MethodSpec:
        """The entry, as `params.yaml` takes it."""
        return MethodSpec.model_validate(self._parsed[self.name])


def load() -> list[Recipe]:
    """All recipes, in the file's order. Raises pydantic's error on one of another form."""
    return [Recipe.model_validate(one) for one in yaml.safe_load(SOURCE.read_text("utf-8"))]


def _kind(recipe: Recipe) -> str:
    return "their images" if recipe.spec.type == "precomputed" else "their code"


def _table(recipes: list[Recipe]) -> str:
    lines = ["| method | paper | entry runs | licence | tried |", "|---|---|---|---|---|"]
    lines += [
        f"| [{one.title}](#{one.name}) | {one.paper} | {_kind(one)} | {one.licence} | "
        f"{one.tried.partition(':')[0]} |"
        for one in recipes
    ]
    return "\n".join(lines)


def _origin(file: File) -> str:
    return f"<{file.origin}>" if file.origin.startswith("https") else file.origin


def _section(recipe: Recipe) -> str:
    facts = [
        f"Code: <{recipe.code}>, commit [`{recipe.commit}`]({recipe.code}/tree/{recipe.commit})"
    ]
    facts += [f"Licence: {recipe.licence}"]
    facts += [f"Images: {recipe.images}"] if recipe.images else []
    facts += [f"Weights: `{one.file}`, {_origin(one)}, {one.hash}" for one in recipe.weights]
    facts += [f"Needs, beside PyTorch: {recipe.needs}"] if recipe.needs else []
    facts += [f"Tried: {recipe.tried}"]
    entry = "\n".join(f"    {line}".rstrip() for line in recipe.entry.rstrip().splitlines())
    listed = "\n".join(f"- {fact}." for fact in facts)
    return (
        f"## `{recipe.name}`\n\n{recipe.title}: {recipe.paper}. {recipe.notes}\n\n{listed}\n\n"
        f"```yaml\n{entry}\n```\n"
    )


def recipes() -> str:
    """The table of all, and a section each."""
    found = load()
    return "\n\n".join([_table(found), *map(_section, found)])
