"""The rows of a paper's ablation tables, as entries of `fusion.methods`."""

from pathlib import Path
from typing import Any

import yaml
from pydantic import Field

from pipeline.params import MethodSpec
from pipeline.params.base import Section
from pipeline.params.medical import MedicalSpec, TrainedOn
from pipeline.report.tables import published
from pipeline.report.tables.table import Row
from pipeline.stage.errors import UserError

FOLDER = Path(__file__).parent


class AblationRow(Section):
    """One row.

    Attributes:
        label: its settings in the paper's words.
        params: of the method; what they do not name is as in the user's own entry.
        printed: cells, by column, that find its row in the printed table; none are no such row.
    """

    label: str
    params: dict[str, Any]
    printed: dict[str, str] = Field(default_factory=dict)

    def published(self, paper: str, table: str, label: str) -> Row | None:
        """The printed row under `label`; None where the paper has no such row."""
        return published.of_ablation(paper, table, self.printed, label) if self.printed else None


class Ablations(Section):
    """One method's file.

    Attributes:
        paper: its short name.
        note: what is to be known of all rows.
        task: the pairs that the paper's tables are made on, as `--task` has them.
        trained_on: on medical pairs, that of every row; absent is the user's.
        tables: rows by the paper's number of their table.
    """

    paper: str
    note: str
    task: str = "infrared"
    trained_on: TrainedOn | None = None
    tables: dict[str, dict[str, AblationRow]]

    def rows(self, table: str, only: str | None = None) -> dict[str, AblationRow]:
        """Rows of a table by their key.

        Args:
            table: the paper's number of it.
            only: keys with commas between; all rows if absent.

        Raises:
            UserError: no such table or row.
        """
        if table not in self.tables:
            allowed = ", ".join(self.tables)
            raise UserError(f"--table {table}: not of {self.paper}; allowed are {allowed}")
        found = self.tables[table]
        keys = list(found) if only is None else [key.strip() for key in only.split(",")]
        if unknown := [key for key in keys if key not in found]:
            raise UserError(
                f"--only {only}: no row {', '.join(unknown)} in table {table}; "
                f"allowed are {', '.join(found)}"
            )
        return {key: found[key] for key in keys}


def read(method: str) -> Ablations:
    """The ablations of a method. Raises UserError if there are none."""
    files = {file.stem: file for file in sorted(FOLDER.glob("*.yaml"))}
    if method not in files:
        raise UserError(f"--method {method}: has no ablations; allowed are {', '.join(files)}")
    return Ablations.model_validate(yaml.safe_load(files[method].read_text(encoding="utf-8")))


def name_of(method: str, table: str, key: str) -> str:
    """Name of a row as an entry of `fusion.methods`, e.g. `lkc_funet_t2_a`."""
    return f"{method}_t{table}_{key}"


def entries(
    base: MethodSpec,
    method: str,
    table: str,
    chosen: dict[str, AblationRow],
    trained_on: TrainedOn | None = None,
) -> dict[str, Any]:
    """Entries of a file's `methods` for rows, by name: their parameters over those of `base`.

    Ready weights of `base`, the user's entry of the method, are left out: a row is always trained.

    Args:
        base: the user's entry.
        method: its name.
        table: the paper's number of it.
        chosen: rows by key.
        trained_on: of every row, on medical pairs alone; absent is that of `base`.
    """
    source = trained_on or (base.trained_on if isinstance(base, MedicalSpec) else None)
    training: dict[str, Any] = {"training": base.training} if base.training else {}
    training |= {"trained_on": source} if source else {}
    return {
        name_of(method, table, key): {"type": method, **training, **base.own, **row.params}
        for key, row in chosen.items()
    }
