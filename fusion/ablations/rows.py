"""The rows of a paper's ablation tables, as entries of `fusion.methods`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, PositiveInt

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


class Claim(Section):
    """What the paper concludes from two rows, or from one and each of several others.

    Attributes:
        claim: in few words.
        better: key of the row that is said to be better.
        worse: keys of those that are said to be worse.
    """

    claim: str
    better: str
    worse: tuple[str, ...]


class Ablations(Section):
    """One method's file.

    Attributes:
        paper: its short name.
        note: what is to be known of all rows.
        task: the pairs that the paper's tables are made on, as `--task` has them.
        trained_on: on medical pairs, that of every row; absent is the user's.
        width: of the network whose numbers of groups the rows have, see `at_width`.
        tables: rows by the paper's number of their table.
        claims: conclusions from the rows of a table, by its number.
    """

    paper: str
    note: str
    task: str = "infrared"
    trained_on: TrainedOn | None = None
    width: PositiveInt | None = None
    tables: dict[str, dict[str, AblationRow]]
    claims: dict[str, tuple[Claim, ...]] = Field(default_factory=dict)

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


def name_of(method: str, table: str, key: str, seed: int | None = None) -> str:
    """Name of a row as an entry of `fusion.methods`, e.g. `lkc_funet_t2_a`, or `…_a_s0`."""
    return f"{method}_t{table}_{key}" + ("" if seed is None else f"_s{seed}")


def at_width(row: dict[str, Any], width: int, printed: int) -> dict[str, Any]:
    """A row's parameters with groups of as many channels as at the `printed` width.

    A group is at least one, so that one group stays one.
    """
    groups = {key: value for key, value in row.items() if key in ("groups", "lkdc_groups")}
    return row | {key: max(1, value * width // printed) for key, value in groups.items()}


def entries(
    base: MethodSpec,
    method: str,
    table: str,
    chosen: dict[str, AblationRow],
    ablations: Ablations,
    trained_on: TrainedOn | None = None,
    seeds: Sequence[int | None] = (None,),
) -> dict[str, Any]:
    """Entries of a file's `methods` for rows, by name: their parameters over those of `base`.

    Ready weights of `base`, the user's entry of the method, are left out: a row is always trained.

    Args:
        base: the user's entry.
        method: its name.
        table: the paper's number of it.
        chosen: rows by key.
        ablations: the method's.
        trained_on: of every row, on medical pairs alone; absent is that of `base`.
        seeds: of the trainings, an entry each; None is that of `base`.
    """
    source = trained_on or (base.trained_on if isinstance(base, MedicalSpec) else None)
    rest: dict[str, Any] = {"trained_on": source} if source else {}
    found: dict[str, Any] = {}
    for seed in seeds:
        training = base.training if seed is None else {**base.training, "seed": seed}
        own = ({"training": training} if training else {}) | rest | base.own
        for key, row in chosen.items():
            params = row.params
            if ablations.width is not None:
                params = at_width(params, own.get("width", ablations.width), ablations.width)
            found[name_of(method, table, key, seed)] = {"type": method, **own, **params}
    return found
