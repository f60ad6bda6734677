"""What a screen weighs on its way to a browser, and how long the browser may keep it."""

import gzip
import re

import httpx2
import pytest

from conftest import Server
from cueroom.show.state import describe
from cueroom.views.render import render_page
from scenes import minutes, outlook, snapshot
from waiting import PATIENCE_S

KB = 1_000
PAGE_KB, SCRIPTS_KB = 150, 60
THREE_HOURS_MIN = 180
SCREENS = ("console", "prompter", "overlay")


@pytest.fixture
def http(server: Server) -> httpx2.Client:
    return httpx2.Client(base_url=server.url, headers={"Accept-Encoding": "gzip"}, timeout=PATIENCE_S)


def page_of(screen: str) -> str:
    """A screen three hours into a show of eighteen items."""
    shot = snapshot()
    state = describe(shot, outlook())
    return render_page(
        screen, "zh-Hans", state=state, rundown=shot.rundown, show_id=shot.rundown.id, minutes=minutes(THREE_HOURS_MIN)
    )


def sent(http: httpx2.Client, address: str) -> int:
    """The bytes of an answer's body on the wire."""
    with http.stream("GET", address) as response:
        size = sum(map(len, response.iter_raw()))
        assert response.headers.get("content-encoding") == "gzip" or size < KB, "only what is tiny goes unpacked"
    return size


@pytest.mark.parametrize("screen", SCREENS)
def test_a_screen_weighs_under_150_kb_and_its_scripts_under_60(http: httpx2.Client, screen: str) -> None:
    page = page_of(screen)
    scripts = sum(sent(http, address) for address in re.findall(r'<script[^>]* src="([^"]+)"', page))
    styles = sum(sent(http, address) for address in re.findall(r'<link rel="stylesheet" href="([^"]+)"', page))
    assert 0 < scripts < SCRIPTS_KB * KB
    assert len(gzip.compress(page.encode(), 6)) + scripts + styles < PAGE_KB * KB


def test_a_file_is_kept_for_ever_under_the_name_of_its_content_and_asked_for_again_under_another(
    http: httpx2.Client,
) -> None:
    (address,) = set(re.findall(r'src="([^"]+/live.js[^"]*)"', page_of("console")))
    assert "immutable" in http.get(address).headers["cache-control"]
    for other in (address.partition("?")[0], address + "0"):
        answer = http.get(other)
        assert answer.headers["cache-control"] == "no-cache"
        assert http.get(other, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
