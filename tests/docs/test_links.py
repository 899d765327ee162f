"""Every link inside the project leads somewhere, to a heading too."""

import re

import pytest
from docs_pages import PAGES, ROOT, text


def anchors(page: str) -> set[str]:
    """Anchors of a page's headings, as MkDocs and GitHub make them."""
    plain = re.sub(r"^ *```.*?^ *```", "", text(page), flags=re.MULTILINE | re.DOTALL)
    heads = re.findall(r"^#+ +(.*)$", plain, re.MULTILINE)
    return {re.sub(r"[\s]+", "-", re.sub(r"[^\w\s-]", "", head.lower()).strip()) for head in heads}


def links(page: str) -> list[str]:
    plain = re.sub(r"^ *```.*?^ *```", "", text(page), flags=re.MULTILINE | re.DOTALL)
    found = re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", plain))
    return [link for link in found if "://" not in link]


@pytest.mark.parametrize("page", PAGES)
def test_links_resolve(page: str) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (ROOT / page).parent / path if path else ROOT / page
        assert target.exists(), f"{page}: {link}: no such file"
        if anchor:
            other = target.resolve().relative_to(ROOT).as_posix()
            assert anchor in anchors(other), f"{page}: {link}: no such heading"


def test_there_are_links_and_the_readme_leads_to_every_guide() -> None:
    reached = {link.partition("#")[0] for link in links("README.md")}
    guides = {page for page in PAGES if page.startswith("docs/") and page.count("/") == 1}
    assert guides - reached <= {"docs/index.md"}
