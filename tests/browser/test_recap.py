"""The recap in a real browser: read by everybody, whole on a phone and on paper."""

import re

import pytest
from playwright.sync_api import expect

from browser.axe import complaints
from browser.conftest import Open
from conftest import ShowOnServer
from feeding import PlainFeed, order

A4_LANDSCAPE = {"width": 1040, "height": 720}


@pytest.fixture
def told(show: ShowOnServer) -> ShowOnServer:
    """An ended show with every sheet that a recap can have but its gaps and earlier shows."""
    show.command("present", sku="V01")
    with show.connect_ingest() as socket:
        feed = PlainFeed(socket)
        feed.push([order(str(n), sku=f"V0{1 + n % 3}", amount=1_234_567) for n in range(30)])
        feed.push([order("x", "created"), {"type": "stock.counted", "sku": "V01", "n": 0}])
        feed.push([{"type": "parcel.shipped", "id": "1"}, {"type": "service.opened", "id": "2", "kind": "stain"}])
    cue = show.command("message", text="慢一点").json()["cue"]
    show.command("dismiss", cue=cue)
    show.command("policy", set={"host_gap_s": 30.0})
    show.command("present", sku="V02", host="guest")
    show.command("end")
    return show


@pytest.mark.parametrize("lang", ["zh-Hans", "zh-Hant", "en"])
def test_axe_finds_nothing(told: ShowOnServer, open_screen: Open, lang: str) -> None:
    page = open_screen(told, "recap", "producer", lang=lang)
    expect(page.locator("#parcels, #complaints, #policy, #hand-overs")).to_have_count(4)
    assert complaints(page) == []


def test_on_a_phone_only_the_tables_scroll_sideways(told: ShowOnServer, open_screen: Open) -> None:
    page = open_screen(told, "recap", "producer", width=390, height=844)
    expect(page.locator("#curve-title")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_the_curves_clock_is_told_in_few_round_times(told: ShowOnServer, open_screen: Open) -> None:
    page = open_screen(told, "recap", "producer")
    times = page.locator(".curve-times text").all_text_contents()
    assert 2 <= len(times) <= 9
    assert [time for time in times if not re.fullmatch(r"\d\d:\d[05]", time)] == []


def test_the_curve_of_an_item_that_was_not_on_air_says_so(told: ShowOnServer, open_screen: Open) -> None:
    words = open_screen(told, "recap", "producer").locator(".spark-words")
    expect(words.nth(0)).to_contain_text("在播每分钟")
    expect(words.nth(2)).to_have_text("未讲")


def test_on_paper_everything_is_there_dark_on_light(told: ShowOnServer, open_screen: Open) -> None:
    page = open_screen(told, "recap", "producer")
    page.set_viewport_size(A4_LANDSCAPE)  # type: ignore[arg-type]  # a plain dict is one
    page.emulate_media(media="print")
    expect(page.locator(".frame")).to_be_hidden()
    expect(page.locator("[data-print]")).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    cut_off = "[...document.querySelectorAll('.scroll')].filter((box) => box.scrollWidth > box.clientWidth + 1)"
    assert page.evaluate(f"{cut_off}.map((box) => box.getAttribute('aria-labelledby'))") == []
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF-")


def test_the_page_hands_its_workbook_out_and_leaves_printing_to_the_browser(
    told: ShowOnServer, open_screen: Open
) -> None:
    page = open_screen(told, "recap", "producer")
    with page.expect_download() as download:
        page.locator("a[download]").click()
    assert download.value.suggested_filename == f"{told.id}.xlsx"
    page.evaluate("window.print = () => document.body.setAttribute('data-printed', '')")
    page.locator("[data-print]").click()
    expect(page.locator("body[data-printed]")).to_be_attached()
