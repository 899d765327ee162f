import pytest
from browser_case import media, size


@pytest.fixture(scope="module")
def page(report):
    root, _ = report
    return (root / "reports/index.html").as_uri()


@pytest.fixture
def browser(chromium, page):
    """The page freshly opened at desktop size; afterwards its console must be empty."""
    size(chromium, 1280, 900)
    media(chromium, "light")
    chromium.get(page)
    yield chromium
    assert chromium.get_log("browser") == []
