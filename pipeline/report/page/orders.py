"""The sections on other judges: further networks, and one network for all inputs."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.report.collected import Results
from pipeline.report.figures import places
from pipeline.report.figures.picture import Picture
from pipeline.report.figures.style import themed
from pipeline.report.statistics.judges import Judge, Pair, agreements
from pipeline.report.tables.orders import agreement_table, survival_table
from pipeline.report.tables.segmentation import headline
from pipeline.report.tables.table import Table


@dataclass(frozen=True)
class Section:
    """What a section shows; all is empty where there is nothing to show.

    Attributes:
        words: paragraphs above the rest, of sections whose words depend on what was found.
    """

    tables: list[Table] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    words: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.tables or self.words)


def _picture(name: str, judges: list[Judge]) -> list[Picture]:
    """Places by each judge, where at least two inputs have them all."""
    if len(places.common(judges)) < 2:
        return []
    titles = ", ".join(judge.title for judge in judges)
    return [
        Picture(
            name,
            themed(places.draw, judges),
            f"Line chart of each input's place by mIoU by {titles}; the numbers are in the tables",
            "Place of each input by mIoU, one column a judge; lines that cross are orders that did "
            "not survive. Inputs that a judge has not judged are left out.",
        )
    ]


def _agreement(name: str, pairs: list[Pair]) -> list[Table]:
    return [agreement_table(name, pairs)] if pairs else []


def survival(results: Results, retrained: list[Judge]) -> Section:
    """Further networks trained on each input: their order beside the main one's, their tables."""
    if len(retrained) < 2:
        return Section()
    main = results.params.segmentation.main_network
    tables = [survival_table(retrained), *_agreement("agreement", agreements(retrained))]
    tables += [headline(results, judge) for judge in retrained if judge.network != main]
    return Section(tables, _picture("places", retrained))


def for_all(results: Results, retrained: list[Judge], judges: list[Judge]) -> Section:
    """Networks that judge every input: their tables, and how they agree with the retrained."""
    if not judges:
        return Section()
    tables = [headline(results, judge) for judge in judges]
    pairs = [
        pair
        for pair in agreements([*retrained, *judges])
        if pair[0].protocol != pair[1].protocol and pair[0].network == pair[1].network
    ]
    tables += _agreement("agreement_one_for_all", pairs)
    same = [j for j in retrained if j.network == judges[0].network]
    return Section(tables, _picture("places_one_for_all", [*same, judges[0]]) if same else [])
