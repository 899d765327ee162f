"""Differences that the verdict's text says by hand stand in a table of the page."""

import re

from docs_pages import text

from pipeline.report.docs import TABLE

PAGE = text("docs/results.md")
SECTION = PAGE.partition("## The verdict on all of MSRS")[2].partition("\n## ")[0]
BY_HAND = TABLE.sub("", SECTION)
ELSEWHERE = PAGE.replace(SECTION, "") + " ".join(m.group() for m in TABLE.finditer(SECTION))
TABLES = "\n".join(line for line in ELSEWHERE.splitlines() if line.startswith("|"))

NUMBER = r"[+−]?\d+\.\d"
DIFFERENCE = re.compile(rf"{NUMBER} \[{NUMBER}, {NUMBER}\]")
IN_WORDS = re.compile(r"\([^()]*?([+−]\d+\.\d)\sto\s([+−]\d+\.\d)[^()]*\)")


def test_every_difference_with_its_interval_is_of_a_table() -> None:
    said = DIFFERENCE.findall(BY_HAND)
    assert said
    assert set(said) <= set(DIFFERENCE.findall(TABLES))


def test_every_interval_in_words_is_of_a_table() -> None:
    said = {f"[{low}, {high}]" for low, high in IN_WORDS.findall(BY_HAND)}
    assert said
    assert not [interval for interval in said if interval not in TABLES]
