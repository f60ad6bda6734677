"""Real Chromium on the real server: a browser, and pages that hold a show's key as a person's would."""

import os
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from conftest import Server, ShowOnServer
from cueroom.show.access import HOUSE
from set_up import find_browser
from waiting import PATIENCE_S

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS = 1000 * PATIENCE_S
UNHURRIED = """{
    const soon = window.setTimeout;
    window.setTimeout = (act, ms, ...rest) => soon(act, ms >= 2000 ? 20 * ms : ms, ...rest);
}"""
"""People have two or three seconds for a second press, or to read a line; on a slow machine a test needs longer."""

expect.set_options(timeout=PATIENCE_MS)

Open = Callable[..., Page]
"""`open_screen(show, screen, role, width=…, height=…, **query)`: a page of its own, with that role's key."""

OpenPage = Callable[..., Page]
"""`open_page(server, path, width=…, height=…)`: the same with a key to all shows."""

OpenWithKey = Callable[[Server, str, Mapping[str, str], tuple[int, int]], Page]
"""(server, path, cookies, width and height) → the page."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for the module: while Playwright runs, no other event loop can run in this thread."""
    own = find_browser() or pytest.skip("no Chromium that starts")
    with sync_playwright() as playwright:
        # Files have Chinese names, which Chromium finds only where the language of its machine has any letters.
        spoken: dict[str, str | float | bool] = {**os.environ, "LC_ALL": "C.UTF-8"}
        browser = playwright.chromium.launch(executable_path=own, args=list(ARGUMENTS), env=spoken)
        yield browser
        browser.close()


@pytest.fixture
def open_with_key(chromium: Browser) -> Iterator[OpenWithKey]:
    """Opens pages in contexts of their own; nothing may fail in a page or be against the policy."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_one(server: Server, path: str, cookies: Mapping[str, str], size: tuple[int, int]) -> Page:
        width, height = size
        context = chromium.new_context(
            viewport={"width": width, "height": height}, locale="zh-CN", timezone_id="Asia/Shanghai"
        )
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(UNHURRIED)
        contexts.append(context)
        context.add_cookies([{"name": name, "value": key, "url": server.url} for name, key in cookies.items()])
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None)
        page.goto(f"{server.url}{path}")
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def open_screen(open_with_key: OpenWithKey) -> Open:
    def open_one(
        show: ShowOnServer, screen: str, role: str, *, width: int = 1440, height: int = 900, **query: str | int
    ) -> Page:
        path, cookies = f"/shows/{show.id}/{screen}?{urlencode(query)}", {f"cueroom-{show.id}-{role}": show.keys[role]}
        return open_with_key(show.server, path, cookies, (width, height))

    return open_one


@pytest.fixture
def open_page(open_with_key: OpenWithKey) -> OpenPage:
    def open_one(server: Server, path: str, *, width: int = 1440, height: int = 900) -> Page:
        cookies = {f"cueroom-{HOUSE}-producer": server.new_house_key()}
        return open_with_key(server, path, cookies, (width, height))

    return open_one
