"""The whole path in one run, through the pages only: from a workbook of products to the next plan, which knows more."""

import io
import re
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import xlsxwriter
from playwright.sync_api import Page, expect
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from browser.conftest import OpenPage
from conftest import Server
from cueroom.show.access import Role, new_key
from cueroom.show.papers import NEEDED, PaperKind, Trade
from feeding import PlainFeed, order
from waiting import PATIENCE_S

SPOKEN = Subprotocol("cueroom.v1.json")
FAST = 60
"""Times real time, so that an item is on air for minutes."""
HEAD = ("货号", "名称", "类目", "价格(元)", "库存", "佣金率")
GOODS = (("P01", "山茶花洁面", "美妆", 79.9, 900, 0.2), ("P02", "蚕丝面膜", "美妆", 59, 900, 0.25))
ON_AIR_FOR = """(seconds) => {
    const [minutes, rest] = document.querySelector(".air-clock b").textContent.split(":").map(Number);
    return minutes * 60 + rest >= seconds;
}"""
PDF = {"name": "资质.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n" + bytes(900)}


@pytest.fixture
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An installation in which there is nothing yet."""
    clock = ("--clock-speed", str(FAST), "--clock-origin", str(time.time_ns() // 1_000_000))
    server = Server(tmp_path_factory.mktemp("path") / "data", *clock)
    yield server
    server.stop()


def test_from_a_workbook_of_products_to_the_next_plan_with_what_was_learned(empty: Server, open_page: OpenPage) -> None:
    page = open_page(empty, "/")
    take_in_products(page)
    describe_host(page)
    accept_a_proposal(page)
    ask_for_papers(page)
    for sku in ("P01", "P02"):
        hand_in_papers(page, sku)
    put_into_the_show(page)
    rehearse(page)
    go_through_the_show(page, empty)
    read_the_recap(page)
    plan_the_next(page)


def follow(page: Page, name: str) -> None:
    """Goes where the link leads, and waits until that page's scripts run."""
    link = page.get_by_role("link", name=name, exact=True).first
    address = link.get_attribute("href")
    link.click()
    page.wait_for_url(f"**{address}")


def take_in_products(page: Page) -> None:
    follow(page, "商品池")
    page.set_input_files("#file", {"name": "商品.xlsx", "mimeType": "application/zip", "buffer": workbook()})
    expect(page.locator("#said")).to_contain_text("2 行中已收入 2 行")


def workbook() -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        for row, cells in enumerate((HEAD, *GOODS)):
            sheet.write_row(row, 0, cells)
    return file.getvalue()


def describe_host(page: Page) -> None:
    follow(page, "主播")
    follow(page, "新建主播")
    for at, value in {"name": "林夏", "tags": "美妆 3", "price_low": "29", "price_high": "199"}.items():
        page.fill(f'[name="{at}"]', value)
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("link", name="林夏")).to_be_visible()


def accept_a_proposal(page: Page) -> None:
    follow(page, "组货")
    wish = {"length_min": "12", "goal": "5000", "count.least": "2", "count.most": "2", "category_most": "2"}
    roles = {f"roles.{role}.least": "0" for role in ("traffic", "benefit", "hot", "profit")}
    for at, value in (wish | roles).items():
        page.fill(f'[name="{at}"]', value)
    page.locator("#wish [type=submit]").click()
    expect(page.locator(".place")).to_have_count(2)
    page.fill('[name="title"]', "首播")
    page.fill('[name="id"]', "first")
    page.locator("#accept [type=submit]").click()
    expect(page.locator("#title")).to_have_text("首播")


def ask_for_papers(page: Page) -> None:
    page.fill('[data-at="show.starts_at"] [data-kind]', "2026-11-22T20:00")
    page.locator('[data-at="show.papers"] select').select_option("true")
    expect(page.locator('[data-rows="items"] > li .note', has_text="资质未齐")).to_have_count(2)


def hand_in_papers(plan: Page, sku: str) -> None:
    """Follows the plan's way to this product's papers, hands them in and approves them."""
    with plan.expect_popup() as opened:
        plan.locator(f'.item-row .note a[href="/papers/{sku}"]').click()
    page = opened.value
    page.wait_for_load_state()
    page.fill("#by", "王芳")
    page.locator("#by").blur()
    page.select_option('[name="trade"]', "cross_border")
    page.locator('[data-deed="trade"] button').click()
    expect(page.locator("section.paper")).to_have_count(len(NEEDED[Trade.CROSS_BORDER]))
    for kind in NEEDED[Trade.CROSS_BORDER]:
        hand_in(page, kind)
    page.close()


def hand_in(page: Page, kind: PaperKind) -> None:
    form = page.locator(f'form[data-deed="hand_in"][data-kind="{kind.value}"]')
    form.locator('[name="number"]').fill(f"N-{kind.value}")
    if form.locator('[name="files"]').count():
        form.locator('[name="files"]').set_input_files(PDF)  # type: ignore[arg-type]  # a file as its TypedDict spells it
    form.get_by_role("button", name="提交").click()
    page.locator(f'form[data-deed="judge"][data-kind="{kind.value}"]').get_by_role("button", name="通过").click()
    expect(page.locator(f"#{kind.value} h2 .mark")).to_have_text("已通过")


def put_into_the_show(page: Page) -> None:
    page.reload()
    expect(page.locator("#mistakes")).to_be_hidden()
    page.get_by_role("button", name="建立场次").click()
    expect(page.locator("#state")).to_have_text("与场次一致")


def rehearse(page: Page) -> None:
    page.get_by_role("button", name="彩排").click()
    expect(page.locator("#rehearsed")).to_contain_text(re.compile(r"模拟 \d+ 场"))
    page.get_by_role("button", name="停止", include_hidden=True).dispatch_event("click")  # it may be done by now
    expect(page.locator("#stop")).to_be_hidden()


def go_through_the_show(page: Page, server: Server) -> None:
    """Both items are on air for minutes of show and are bought, then it ends."""
    follow(page, "中控台")
    ingest = f"{server.ws_url}/v1/shows/first/ingest"
    headers = {"Authorization": f"Bearer {ingest_key(server)}"}
    with connect(ingest, additional_headers=headers, subprotocols=[SPOKEN], open_timeout=PATIENCE_S) as socket:
        feed = PlainFeed(socket)
        for sku in [row.get_attribute("data-sku") or "" for row in page.locator("tr[data-sku]").all()]:
            page.keyboard.press("n")
            expect(page.locator(".air h2 .sku")).to_have_text(sku)
            sell(page, feed, sku)
    page.locator("#do-end").dblclick()
    expect(page.locator(".phase")).to_have_text("已结束")
    expect(page.locator("#message")).to_be_hidden()


def ingest_key(server: Server) -> str:
    record, plain = new_key(Role.INGEST, 3_600_000_000, time.time_ns() // 1_000_000)
    server.with_store(lambda store: store.put_key("first", record))
    return plain


def sell(page: Page, feed: PlainFeed, sku: str) -> None:
    """Ten orders, one after the other, until it has been on air for two minutes."""
    for number in range(1, 11):
        events = [{"type": "room.online", "n": 900}, {"type": "product.clicked", "sku": sku, "n": 5}]
        feed.push([*events, order(f"{sku}-{number}", sku=sku)])
        page.wait_for_function(ON_AIR_FOR, arg=number * 12)


def read_the_recap(page: Page) -> None:
    follow(page, "复盘")
    paid = sum(10 * price for *_, price, _, _ in GOODS)
    expect(page.locator(".recap-figures dd").first).to_have_text(f"¥{paid:,.0f}")


def plan_the_next(page: Page) -> None:
    page.get_by_role("button", name="以本场新建场次").click()
    expect(page.locator("#title")).to_have_text("首播")
    assert urlsplit(page.url).path == "/shows/first-2/plan"
    page.goto("/".join(page.url.split("/")[:3]))
    page.locator(".draft").get_by_role("link", name="首播", exact=True).click()
    expect(page.locator("#title")).to_have_text("首播")
    for row in page.locator(".item-row").all():
        row.locator("summary").click()
        assert float(row.locator('[data-at="expected_per_min"] input').input_value()) > 0
