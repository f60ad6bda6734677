"""Lessons in Chromium: read by everybody, whole on a phone, and put into a plan by a button."""

import os

import msgspec
import pytest
from playwright.sync_api import Page, expect

from browser.axe import complaints
from browser.conftest import OpenPage
from conftest import Server, ShowOnServer, small_rundown
from cueroom.show.rundown import Role
from cueroom.storage.store import Store
from cueroom.storage.teaching import keep
from lessons.teachers import seen
from lessons.teachers import show as shown

GOODS = ("L01", "L02", "L03")


@pytest.fixture
def taught(server: Server) -> ShowOnServer:
    """A show yet to come, of whose first item two shows have taught."""
    rundown = small_rundown(f"coming-{os.getpid()}")
    items = [msgspec.structs.replace(each, sku=sku) for each, sku in zip(rundown.items, GOODS, strict=True)]
    lessons = [
        shown(f"lesson-{os.getpid()}-{at}", seen("L01", 80, category="美妆护肤", role=Role.HOT), at=at) for at in (1, 2)
    ]

    async def teach(store: Store) -> None:
        for lesson in lessons:
            await keep(store.house, lesson)

    server.with_store(teach)
    return ShowOnServer(server, msgspec.structs.replace(rundown, items=tuple(items)))


@pytest.mark.parametrize("lang", ["zh-Hans", "zh-Hant", "en"])
def test_axe_finds_nothing(taught: ShowOnServer, open_page: OpenPage, lang: str) -> None:
    page = open_page(taught.server, f"/lessons?lang={lang}")
    expect(page.locator("#products ~ .scroll")).to_contain_text("L01")
    assert complaints(page) == []


def test_on_a_phone_only_the_tables_scroll_sideways(taught: ShowOnServer, open_page: OpenPage) -> None:
    page = open_page(taught.server, "/lessons", width=390, height=844)
    expect(page.locator("#products")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def expected(page: Page, row: int) -> str:
    return page.locator('[data-rows="items"] > li').nth(row).locator('[data-at="expected_per_min"] input').input_value()


def test_what_was_learned_goes_into_one_item_or_all(taught: ShowOnServer, open_page: OpenPage) -> None:
    page = open_page(taught.server, f"/shows/{taught.id}/plan")
    first = page.locator('[data-rows="items"] > li').first
    first.locator("summary").click()
    first.locator("[data-learned]").click()
    expect(first.locator("[data-sample]")).to_have_text("2 场 · 讲解 20 分钟 · 支付 200 单")
    assert float(expected(page, 0)) > 0
    assert expected(page, 1) == expected(page, 2) == ""
    page.locator('[data-learned="all"]').click()
    expect(page.locator("#said")).to_have_text("已为 3 款商品中的 1 款套用经验")
    page.reload()
    expect(page.locator("#state")).to_have_text("草稿已保存，尚未生效")
    assert float(expected(page, 0)) > 0
