"""Real Chromium on the real server: a browser, and pages that hold a show's key as a person's would."""

import shutil
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from conftest import ShowOnServer

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

Open = Callable[..., Page]
"""`open_screen(show, screen, role, width=…, height=…, **query)`: a page of its own, with that role's key."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for the module: while Playwright runs, no other event loop can run in this thread."""
    own = next((path for name in NAMES if (path := shutil.which(name))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=own, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def open_screen(chromium: Browser) -> Iterator[Open]:
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_one(
        show: ShowOnServer, screen: str, role: str, *, width: int = 1440, height: int = 900, **query: str | int
    ) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": height}, locale="zh-CN", timezone_id="Asia/Shanghai"
        )
        contexts.append(context)
        cookie = {"name": f"cueroom-{show.id}-{role}", "value": show.keys[role], "url": show.server.url}
        context.add_cookies([cookie])  # type: ignore[list-item]
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None)
        page.goto(f"{show.server.url}/shows/{show.id}/{screen}?{urlencode(query)}")
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert faults == []
