"""The rows of the paper's ablation tables, as entries of `params.yaml`."""

from pathlib import Path
from typing import Any

import yaml
from pydantic import Field

from pipeline.errors import UserError
from pipeline.params import MethodSpec, Params
from pipeline.params.base import Section

METHOD = "lkc_funet"
FILE = Path(__file__).with_name("lkc_funet.yaml")


class AblationRow(Section):
    """One row.

    Attributes:
        label: its settings in the paper's words.
        params: of the method `lkc_funet`.
        paper: printed numbers by metric; empty where we have none.
    """

    label: str
    params: dict[str, Any]
    paper: dict[str, float] = Field(default_factory=dict)


def rows(table: str, only: str | None = None) -> dict[str, AblationRow]:
    """Rows of a table by their letter.

    Args:
        table: the paper's number, `2` or `3`.
        only: letters with commas between; all rows if absent.

    Raises:
        UserError: no such table or row.
    """
    content = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    tables = {name.removeprefix("table_"): found for name, found in content.items()}
    if table not in tables:
        raise UserError(f"--table {table}: no such table; allowed are {', '.join(tables)}")
    found = {letter: AblationRow.model_validate(row) for letter, row in tables[table].items()}
    letters = list(found) if only is None else [letter.strip() for letter in only.split(",")]
    if unknown := [letter for letter in letters if letter not in found]:
        raise UserError(
            f"--only {only}: no row {', '.join(unknown)} in table {table}; "
            f"allowed are {', '.join(found)}"
        )
    return {letter: found[letter] for letter in letters}


def name_of(table: str, letter: str) -> str:
    """Name of a row as a method in `params.yaml`, e.g. `lkc_t2_a`."""
    return f"lkc_t{table}_{letter}"


def entries(params: Params, table: str, chosen: dict[str, AblationRow]) -> dict[str, Any]:
    """Entries of `fusion.methods` for rows: their parameters over those of `lkc_funet`.

    Ready weights of `lkc_funet` are left out: a row is always trained.
    """
    base = params.fusion.methods.get(METHOD, MethodSpec())
    training = {"training": base.training} if base.training else {}
    return {
        name_of(table, letter): {"type": METHOD, **training, **base.own, **row.params}
        for letter, row in chosen.items()
    }
