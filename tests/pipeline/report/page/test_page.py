"""The page in a real browser: Chromium without a window, driven through selenium."""

import pytest
import report_case
from browser_case import by, media, press, size

from pipeline.report.page import gallery

pytestmark = pytest.mark.slow


def labels(browser, table):
    rows = browser.find_elements("css selector", f"#table-{table} tbody th")
    return [row.text for row in rows]


def test_shows_the_headline_numbers(browser):
    assert "alpha segments best" in by(browser, ".verdict").text
    row = next(
        r for r in browser.find_elements("css selector", "#table-segmentation tbody tr")
        if r.text.startswith("ir")
    )  # fmt: skip
    # Person of IR: half of 32 rows and 14 of 32, see test_report.
    assert row.find_elements("css selector", "td")[2].text.split() == ["46.9", "±", "4.4"]


def test_a_click_on_a_heading_sorts_both_ways_with_absent_values_last(browser):
    head = by(browser, "#table-segmentation thead th:nth-child(13)")
    assert head.text == "Δ VIS"
    button = head.find_element("css selector", "button")
    button.click()
    assert head.get_attribute("aria-sort") == "descending"
    assert labels(browser, "segmentation") == ["alpha", "ir", "vis"]
    button.click()
    assert head.get_attribute("aria-sort") == "ascending"
    assert labels(browser, "segmentation") == ["ir", "alpha", "vis"]
    by(browser, "#table-segmentation thead th button").click()
    assert labels(browser, "segmentation") == ["alpha", "ir", "vis"]
    assert head.get_attribute("aria-sort") == "none"


def test_the_divider_moves_by_keyboard_and_by_pointer(browser):
    from selenium.webdriver import ActionChains, Keys

    clip = "return getComputedStyle(document.getElementById('side-left')).clipPath"
    assert browser.execute_script(clip) == "inset(0px 50% 0px 0px)"
    divider = by(browser, "#divider")
    divider.send_keys(Keys.ARROW_RIGHT * 10)
    assert divider.get_attribute("value") == "60"
    assert browser.execute_script(clip) == "inset(0px 40% 0px 0px)"
    assert divider.get_attribute("aria-valuetext") == "60 percent VIS, the rest alpha"
    stage = by(browser, "#stage")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", stage)
    quarter = stage.size["width"] // 4
    move = ActionChains(browser, duration=0).move_to_element(stage).click_and_hold()
    move.move_by_offset(-quarter, 0).release().perform()
    assert int(divider.get_attribute("value")) == pytest.approx(25, abs=1)


def test_an_image_is_picked_by_keyboard_alone(browser):
    from selenium.webdriver import Keys

    order = by(browser, "#order")
    browser.execute_script("arguments[0].focus()", order)
    press(browser, Keys.TAB)
    assert browser.switch_to.active_element.get_attribute("data-name") == "00004N"
    press(browser, Keys.ARROW_DOWN)
    press(browser, Keys.ENTER)
    assert by(browser, "#shown").text == "00005N, night (2 of 6)"
    assert by(browser, "#images [aria-pressed=true]").get_attribute("data-name") == "00005N"
    press(browser, Keys.END)
    press(browser, Keys.SPACE)
    assert by(browser, "#shown").text == "00003D, day (6 of 6)"


def test_layers_and_scores_follow_the_choice(browser):
    from selenium.webdriver.support.select import Select

    Select(by(browser, "#left")).select_by_visible_text("Label")
    Select(by(browser, "#right")).select_by_visible_text("Prediction from ir")
    left, right = (by(browser, f"#side-{side} .layer") for side in ("left", "right"))
    assert left.get_attribute("alt") == "Label of 00004N, left of the divider"
    assert left.get_attribute("src").startswith("data:image/png")
    width = "return arguments[0].naturalWidth"
    assert [browser.execute_script(width, image) for image in (left, right)] == [64, 64]
    before = left.get_attribute("src")
    by(browser, "#swap").click()
    assert right.get_attribute("src") == before
    assert not by(browser, "#side-left .under").is_displayed()
    by(browser, "#overlay").click()
    assert by(browser, "#side-left .under").is_displayed()
    rows = [row.text for row in browser.find_elements("css selector", "#image-scores tbody tr")]
    assert [row.split()[0] for row in rows] == ["ir", "vis", "alpha"]


def test_images_are_sorted_by_name_and_by_time(browser):
    from selenium.webdriver.support.select import Select

    def names():
        buttons = browser.find_elements("css selector", "#images button")
        return [button.get_attribute("data-name") for button in buttons]

    Select(by(browser, "#order")).select_by_value("name")
    assert names() == report_case.NAMES
    Select(by(browser, "#order")).select_by_value("day")
    assert [name[-1] for name in names()] == list("DDDNNN")
    Select(by(browser, "#order")).select_by_value("night")
    assert [name[-1] for name in names()] == list("NNNDDD")


def test_a_phone_scrolls_only_downwards(browser):
    size(browser, 375, 800)
    wide = browser.execute_script("return document.documentElement.scrollWidth")
    assert wide <= 375
    small = browser.execute_script(
        "return [...document.querySelectorAll('button, select, #divider')]"
        ".filter((e) => e.offsetParent && e.getBoundingClientRect().height < 24)"
        ".map((e) => e.outerHTML.slice(0, 80))"
    )
    assert small == []


def test_every_control_and_picture_has_a_name(browser):
    unnamed = browser.execute_script(
        """
        const named = (e) =>
          e.getAttribute("aria-label") || e.textContent.trim() || e.labels?.length;
        return [...document.querySelectorAll("button, input, select, a")]
          .filter((e) => !named(e)).map((e) => e.outerHTML.slice(0, 80))
          .concat([...document.querySelectorAll("figure img")]
            .filter((e) => !e.alt || !e.naturalWidth).map((e) => e.alt || "no alt"))
        """
    )
    assert unnamed == []


def test_focus_can_be_seen_in_both_colour_schemes(browser):
    from selenium.webdriver import Keys

    colours = []
    for scheme in ("light", "dark"):
        media(browser, scheme)
        by(browser, "#previous").send_keys(Keys.ENTER)
        style = browser.execute_script(
            "const style = (e) => getComputedStyle(e), s = style(document.activeElement);"
            "return [s.outlineStyle, s.outlineWidth, style(document.body).backgroundColor]"
        )
        assert style[:2] == ["solid", "3px"]
        colours.append(style[2])
    assert colours[0] != colours[1]


def test_the_gallery_says_what_it_holds_and_by_what_rule():
    all_of_them, some = gallery.note(6, 6, "the share"), gallery.note(4, 6, "the share")
    assert all_of_them.startswith("All 6 test images, sorted by disagreement, the share, whichever")
    assert some.startswith("The 4 of 6 test images with the largest disagreement, the share")
    assert "more would make the page too large" in some
