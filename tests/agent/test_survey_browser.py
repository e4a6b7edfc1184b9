"""Does a person with a phone walk a survey through the page, and is nothing lost when the laptop is out of reach for a while?"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, ViewportSize, expect, sync_playwright

from agent.survey.site import Door
from tests.agent.conftest import Enrolled
from tests.agent.test_survey import PLACES, Walk, recording, served, until, walked  # noqa: F401 - a fixture
from tests.collector.running import HOUR_US, Running

BROWSER = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
PHONE: ViewportSize = {"width": 375, "height": 667}
PATIENCE_MS = 30_000

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine (apt package chromium on Debian)"),
    # The driver of the browser leaves its own pipes to the garbage collector when it ends.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
]


@pytest.fixture
def context() -> Iterator[BrowserContext]:
    """A browser of the size of a phone."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", "--disable-dev-shm-usage"])
        try:
            yield browser.new_context(viewport=PHONE, locale="zh-CN")
        finally:
            browser.close()


@pytest.fixture
def walk(collector: Running, enrolled: Enrolled, recording: Path) -> Iterator[Walk]:  # noqa: F811 - a fixture
    """A box on its walk, with a recorded radio."""
    with walked(collector, enrolled, recording) as found:
        yield found


def entered(context: BrowserContext, url: str, pin: str) -> Page:
    """The page behind the number."""
    page = context.new_page()
    page.goto(url)
    page.fill("#pin", pin)
    page.click("button[type=submit]")
    expect(page.locator("#progress")).to_contain_text("0/3", timeout=PATIENCE_MS)
    return page


def measure(page: Page, walk: Walk) -> None:
    """Type the code of the chosen place and press the button."""
    places = page.locator("#place")
    codes = walk.collector.parts.store.surveys.codes(places.get_attribute("data-scan") or "")
    page.fill("#code", codes[places.input_value()].lower())
    page.click("#measure")


def test_a_walk_with_a_lost_connection(context: BrowserContext, walk: Walk) -> None:
    """A connection that breaks in the middle of a point costs nothing: the point is measured once, the walk goes on to its end."""
    door = Door()
    with served(walk, door) as url:
        page = entered(context, url, door.pin)
        # 1. The first place, as it should be.
        measure(page, walk)
        expect(page.locator("#progress")).to_contain_text("1/3", timeout=PATIENCE_MS)
        # 2. The connection breaks just before the second is asked for: the page says so, and asks again when it is back.
        context.set_offline(True)
        measure(page, walk)
        expect(page.locator("#lost")).to_be_visible(timeout=PATIENCE_MS)
        context.set_offline(False)
        expect(page.locator("#progress")).to_contain_text("2/3", timeout=PATIENCE_MS)
        # 3. It breaks while the laptop measures, and the page is loaded anew: the same measurement goes on.
        measure(page, walk)
        until(lambda: any(one.state == "measuring" for one in walk.walker.outbox.visits()))
        page.reload()
        until(lambda: len([one for one in walk.walker.outbox.visits() if one.state == "sealed"]) == 3)
        expect(page.locator("#point")).to_contain_text("2", timeout=PATIENCE_MS)
        measure(page, walk)
        # 4. After a while the collector's draw comes by itself, with a new code; then there is nothing left to walk.
        expect(page.locator("#complete")).to_be_visible(timeout=PATIENCE_MS)
        walk.reports()
        walk.collector.clock.us += HOUR_US // 6
        expect(page.locator("#again")).to_be_visible(timeout=PATIENCE_MS)
        expect(page.locator("#measure")).to_be_enabled(timeout=PATIENCE_MS)
        measure(page, walk)
        expect(page.locator("#complete")).to_be_visible(timeout=PATIENCE_MS)

    told = [
        (report.place, reading.value)
        for report in walk.reports()
        for reading in report.readings
        if reading.quantity == "survey.point"
    ]
    assert told == [(PLACES[0], 1), (PLACES[1], 1), (PLACES[2], 1), (PLACES[2], 2)]


def test_a_slip_of_the_finger(context: BrowserContext, walk: Walk) -> None:
    """A code that cannot be right is told at once, in words, and nothing is measured."""
    door = Door()
    with served(walk, door) as url:
        page = entered(context, url, door.pin)
        page.fill("#code", "ABCDEF")
        page.click("#measure")
        expect(page.locator("#state")).to_contain_text("请再看一下卡片", timeout=PATIENCE_MS)

    assert walk.walker.outbox.visits() == []


def test_it_fits_a_phone(context: BrowserContext, walk: Walk) -> None:
    """Nothing stands out of a phone's width."""
    door = Door()
    with served(walk, door) as url:
        page = entered(context, url, door.pin)
        width = page.evaluate("document.documentElement.scrollWidth")

    assert width <= PHONE["width"]
