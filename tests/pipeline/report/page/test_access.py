"""The page without a mouse, without eyes, and on paper."""

from itertools import pairwise

import pytest
from browser_case import by, media, press, size

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 375])
def test_axe_finds_no_violation(browser, scheme, width):
    from axe_selenium_python import Axe

    size(browser, width, 900)
    media(browser, scheme)
    browser.execute_script(
        "document.querySelectorAll('details').forEach((d) => { d.open = true; })"
    )
    for box in browser.find_elements("css selector", "[data-published]"):
        if box.is_displayed() and box.tag_name == "input":
            browser.execute_script("arguments[0].click()", box)
    axe = Axe(browser)
    axe.inject()
    found = axe.run()
    assert len(found["passes"]) > 20  # it has looked
    told = [(v["id"], v["nodes"][0]["html"][:120], len(v["nodes"])) for v in found["violations"]]
    assert told == []


def focusable(browser) -> int:
    """How many elements a reader should reach by Tab."""
    return browser.execute_script(
        """
        const able = "a[href], button, input, select, summary, [tabindex]";
        return [...document.querySelectorAll(able)]
          .filter((e) => e.tabIndex >= 0 && e.checkVisibility()).length;
        """
    )


def test_tab_reaches_everything_once_and_is_caught_nowhere(browser):
    from selenium.webdriver import Keys

    here = """
    const e = document.activeElement;
    if (e === document.body) return null;
    e.dataset.visit = (Number(e.dataset.visit) || 0) + 1;
    return e.className === "skip" ? "skip" : e.id || e.textContent.trim();
    """
    count = focusable(browser)
    reached = []
    for _ in range(count):
        press(browser, Keys.TAB)
        reached.append(browser.execute_script(here))
    assert reached[0] == "skip"
    assert None not in reached
    once = "return document.querySelectorAll('[data-visit=\"1\"]').length"
    assert browser.execute_script(once) == count
    assert reached.index("left") < reached.index("divider") < reached.index("order")


def test_the_first_link_leads_past_the_sections_to_the_results(browser):
    from selenium.webdriver import Keys

    press(browser, Keys.TAB, Keys.ENTER)
    press(browser, Keys.TAB)
    inside = "return document.getElementById('main').contains(document.activeElement)"
    assert browser.execute_script(inside)


def whole_tree(browser) -> list[dict]:
    """What a screen reader is told; Chromium may still be at work on it, and answer with less."""
    nodes = browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    roles = {node["role"]["value"] for node in nodes if not node["ignored"]}
    return nodes if {"banner", "contentinfo"} <= roles else []


def nodes(browser) -> list[tuple[str, str, dict]]:
    """Role, name and properties of everything that a screen reader is told."""
    from selenium.webdriver.support.ui import WebDriverWait

    tree = WebDriverWait(browser, 20).until(whole_tree, "no header and footer for a screen reader")
    return [
        (
            node["role"]["value"],
            node.get("name", {}).get("value", "").strip(),
            {one["name"]: one["value"].get("value") for one in node.get("properties", [])},
        )
        for node in tree
        if not node["ignored"]
    ]


def test_a_screen_reader_is_told_headings_in_order_and_a_name_for_everything(browser):
    found = nodes(browser)
    levels = [about["level"] for role, _, about in found if role == "heading"]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(deeper - level <= 1 for level, deeper in pairwise(levels))
    named = ("heading", "table", "button", "link", "combobox", "slider", "checkbox", "image")
    for role, name, about in found:
        assert name or role not in named, (role, about)
    roles = {role for role, _, _ in found}
    assert {"banner", "main", "navigation", "contentinfo", "slider", "table"} <= roles
    assert ("main", sum(role == "main" for role, _, _ in found)) == ("main", 1)


def test_a_screen_reader_is_told_what_changed(browser):
    from selenium.webdriver import Keys

    by(browser, "#next").send_keys(Keys.ENTER)
    live = browser.find_elements("css selector", "[aria-live=polite]")
    assert [one.text for one in live] == ["00005N, night (2 of 6)"]
    head = by(browser, "#table-segmentation thead th:nth-child(2) button")
    head.send_keys(Keys.ENTER)
    headers = [about for role, _, about in nodes(browser) if role == "columnheader"]
    assert headers
    sort = "return document.querySelector('#table-segmentation th:nth-child(2)').ariaSort"
    assert browser.execute_script(sort) == "descending"


@pytest.fixture
def paper(browser):
    """The page as on landscape A4, opened by a reader with a dark screen."""
    size(browser, 1031, 702)  # 297 × 210 mm without margins of 12 mm, at 96 dots an inch
    features = [{"name": "prefers-color-scheme", "value": "dark"}]
    setting = {"media": "print", "features": features}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", setting)
    yield browser
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})


def test_on_paper_nothing_is_cut_off_folded_or_dark(paper):
    assert paper.execute_script("return document.documentElement.scrollWidth") <= 1031
    wide = paper.execute_script(
        "return [...document.querySelectorAll('table, figure img')]"
        ".filter((e) => e.checkVisibility() && e.getBoundingClientRect().right > 1032)"
        ".map((e) => e.id || e.alt)"
    )
    assert wide == []
    for hidden in ("nav", "#gallery", ".downloads"):
        assert not by(paper, hidden).is_displayed()
    folded = paper.execute_script(
        "return [...document.querySelectorAll('details table, details img')]"
        ".filter((e) => e.getBoundingClientRect().height === 0).length"
    )
    assert folded == 0
    ink, shown = paper.execute_script(
        "const picture = document.querySelector('figure picture');"
        "return [getComputedStyle(document.body).color,"
        " picture.querySelector('img').currentSrc === picture.querySelector('img').src]"
    )
    assert ink == "rgb(28, 32, 36)"
    assert shown  # the light figure
