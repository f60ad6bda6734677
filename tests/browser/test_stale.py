"""Figures of which nothing is heard any more, in Chromium: grey and with their age until they are current again."""

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from browser.axe import complaints
from browser.conftest import Open
from conftest import ShowOnServer
from feeding import PlainFeed, order, telling

AGO_S = 30
AGE = re.compile(r"\d+( s old|秒前|分钟前| min old)$")
SALES = (".plan", ".figure.of-sales", ".air > h2", ".rundown > h2")
"""Where the console tells how old the sales are."""


@pytest.fixture
def orders(show: ShowOnServer) -> Iterator[PlainFeed]:
    """V01 is on air and people come, but the feed of orders rests, and the last one it told is half a minute old."""
    show.command("policy", set={"stale_s": 1})
    show.command("present", sku="V01")
    with show.connect_ingest() as socket:
        feed = PlainFeed(socket)
        feed.push([order("last", sku="V01", time=time.time_ns() // 1_000_000 - 1000 * AGO_S)])
        with telling(lambda number: show.post({"type": "room.online", "n": 900 + number})):
            yield feed


def colour(page: Page, figure: str) -> str:
    return str(page.locator(figure).first.evaluate("(figure) => getComputedStyle(figure).color"))


def places(page: Page) -> list[float]:
    """Where what stands below the figures stands."""
    boxes = [page.locator(part).bounding_box() for part in (".cues", ".air-clock", ".funnel", ".rundown thead")]
    return [box["y"] for box in boxes if box]


@pytest.mark.parametrize("lang", ["zh-Hans", "en"])
def test_sales_that_nobody_tells_are_grey_with_their_age_until_they_are_told_again(
    show: ShowOnServer, orders: PlainFeed, open_screen: Open, lang: str
) -> None:
    console = open_screen(show, "console", "producer", lang=lang)
    for place in SALES:
        for age in console.locator(place).locator(".old").all():
            expect(age).to_have_text(AGE)
        expect(console.locator(place).locator(".old").first).to_be_visible()
    grey, lost = colour(console, ".figure.of-sales b"), places(console)
    assert grey == colour(console, "#row-V01 .c-sold > span") != colour(console, ".figure.of-room b")
    expect(console.locator(".of-room .old")).to_have_count(0)
    assert complaints(console) == []

    with telling(lambda number: orders.push([order(f"again-{number}", sku="V01")])):
        expect(console.locator(".old")).to_have_count(0)
        assert colour(console, ".figure.of-sales b") == colour(console, ".figure.of-room b") != grey
        assert places(console) == lost


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.usefixtures("orders")
def test_a_host_is_told_how_old_the_stock_is_and_the_public_no_stock_at_all(
    show: ShowOnServer, open_screen: Open, theme: str
) -> None:
    prompter = open_screen(show, "prompter", "host", plan=1, theme=theme, width=1920, height=1080)
    for figure in (".fact-stock", ".fact-plan"):
        expect(prompter.locator(figure).locator(".old")).to_have_text(AGE)
    expect(prompter.locator(".fact-clock .old")).to_have_count(0)
    assert complaints(prompter, "{runOnly: ['color-contrast-enhanced']}") == []
    overlay = open_screen(show, "overlay", "viewer")
    expect(overlay.locator(".card-price")).to_be_visible()
    expect(overlay.locator(".card-stock")).to_be_hidden()
