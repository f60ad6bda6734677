"""Planning in Chromium: from nothing to a show on air, by keyboard, mouse and file, two producers at once."""

import io
import itertools
import os
import re
import time

import pytest
import xlsxwriter
from playwright.sync_api import Page, expect

from browser.axe import complaints
from browser.conftest import OpenPage
from conftest import Server, ShowOnServer, small_rundown
from cueroom.showfile.book import to_workbook

_NAMES = (f"typed-{os.getpid()}-{n}" for n in itertools.count())
FAST = 60
"""Times real time, for a show that is played to its end."""
DESK, PHONE = (1440, 900), (390, 844)


@pytest.fixture
def plan(show: ShowOnServer, open_page: OpenPage) -> Page:
    """The plan of a show that is there."""
    return open_page(show.server, f"/shows/{show.id}/plan")


def field(at: str, row: int | None = None) -> str:
    """The control of that place, of an item by its row from 1."""
    around = "" if row is None else f'[data-rows="items"] > li:nth-child({row}) '
    return f'{around}[data-at="{at}"] [data-kind]'


def kept(page: Page) -> None:
    """Waits until what was typed is kept."""
    expect(page.locator("#state")).to_have_text("草稿已保存，尚未生效")


def skus(page: Page) -> list[str]:
    return [control.input_value() for control in page.locator('[data-rows="items"] > li [data-at="sku"] input').all()]


def begin(page: Page, show: str, minutes: str) -> None:
    """Fills in the form; its row for a host is there once its script has run."""
    page.fill('[data-rows="show.hosts"] [data-at="name"] input', "主播")
    page.fill(field("show.title"), "新场")
    page.fill(field("show.id"), show)
    page.fill(field("show.starts_at"), "2026-11-22T20:00")
    page.fill(field("show.duration_min"), minutes)
    page.fill(field("show.goal"), "5000.50")
    page.get_by_role("button", name="开始策划").click()
    expect(page.locator("#title")).to_have_text("新场")


def add_item(page: Page, **values: str) -> None:
    page.get_by_role("button", name="添加商品").click()
    row = page.locator('[data-rows="items"] > li').last
    for at, value in values.items():
        row.locator(f'[data-at="{at}"] [data-kind]').fill(value)


def test_from_nothing_to_the_recap_of_a_show_in_the_browser_alone(
    tmp_path_factory: pytest.TempPathFactory, open_page: OpenPage
) -> None:
    clock = ("--clock-speed", str(FAST), "--clock-origin", str(time.time_ns() // 1_000_000))
    server = Server(tmp_path_factory.mktemp("empty") / "data", *clock)
    try:
        page = open_page(server, "/")
        page.get_by_role("link", name="新建场次").click()
        begin(page, "first", "5")
        add_item(page, sku="V01", name="面膜", price="49", stock="500", minutes="3")
        add_item(page, sku="V02", name="保温杯", price="30", stock="500", minutes="2")
        kept(page)
        expect(page.locator("#mistakes")).to_be_hidden()
        expect(page.locator("#worth")).to_have_text("¥4.0万")
        page.get_by_role("button", name="建立场次").click()
        expect(page.locator("#state")).to_have_text("与场次一致")
        page.locator("#try").click()
        page.locator("#try").click()
        expect(page.locator(".phase")).to_have_text("已结束")
        page.goto(page.url.replace("/console", "/recap"))
        expect(page.locator("main")).to_contain_text("面膜")
        page.get_by_role("button", name="以本场新建场次").click()
        expect(page.locator("#title")).to_have_text("新场")
        assert page.url.endswith("/shows/first-2/plan")
        page.locator(".item-row").first.locator("summary").click()
        assert float(page.locator(field("expected_per_min", 1)).input_value()) > 0
    finally:
        server.stop()


def test_every_mistake_stands_at_its_field_and_the_list_leads_there(show: ShowOnServer, plan: Page) -> None:
    plan.fill(field("price", 1), "贵")
    plan.locator('[data-rows="items"] > li:nth-child(2) summary').click()
    plan.fill(field("batches", 2), "1, 2")
    price = plan.locator(field("price", 1))
    expect(price).to_have_attribute("aria-invalid", "true")
    expect(price).to_have_accessible_description("大于零的金额，如 99.00")
    expect(plan.locator("#mistakes")).to_contain_text("2 处需更正")
    plan.locator('[data-rows="items"] > li:nth-child(2) summary').click()
    plan.locator("#mistakes button", has_text="分批合计 3，应等于库存 50").click()
    expect(plan.locator(field("batches", 2))).to_be_focused()
    plan.locator("#publish").click()
    expect(plan.locator("#said")).to_have_text("策划有误，已标在各字段旁。")
    plan.fill(field("price", 1), "129.9")
    plan.fill(field("batches", 2), "20，30")
    expect(plan.locator("#mistakes")).to_be_hidden()
    plan.locator("#publish").click()
    expect(plan.locator("#state")).to_have_text("与场次一致")
    assert show.state()["items"]["V01"]["price"] == 12_990


def test_what_was_typed_survives_a_reload_and_can_be_given_up(show: ShowOnServer, plan: Page) -> None:
    plan.fill(field("name", 1), "新名字")
    plan.reload()
    expect(plan.locator(field("name", 1))).to_have_value("新名字")
    assert show.state()["items"]["V01"]["name"] == "无线吸尘器"
    plan.locator("#discard").click()
    plan.locator("#discard").click()
    expect(plan.locator(field("name", 1))).to_have_value("无线吸尘器")


def test_of_two_who_type_the_later_is_told_and_chooses(show: ShowOnServer, plan: Page, open_page: OpenPage) -> None:
    other = open_page(show.server, f"/shows/{show.id}/plan")
    plan.fill(field("name", 1), "我的")
    kept(plan)
    other.fill(field("name", 1), "他的")
    expect(other.locator("#stale")).to_be_visible()
    other.get_by_role("button", name="保留我的").click()
    kept(other)
    plan.fill(field("name", 2), "又一个")
    expect(plan.locator("#stale")).to_be_visible()
    plan.get_by_role("button", name="看对方的").click()
    expect(plan.locator(field("name", 1))).to_have_value("他的")


def test_items_are_moved_by_keyboard_button_and_mouse_and_deleted_at_the_second_press(plan: Page) -> None:
    plan.locator(field("name", 3)).focus()
    plan.keyboard.press("Alt+ArrowUp")
    assert skus(plan) == ["V01", "V03", "V02"]
    expect(plan.locator(field("name", 2))).to_be_focused()
    expect(plan.locator("#said")).to_have_text("已移到第 2 位")
    plan.locator('[data-rows="items"] > li:nth-child(2) [data-move="-1"]').click()
    assert skus(plan) == ["V03", "V01", "V02"]
    last = plan.locator('[data-rows="items"] > li:nth-child(3) .grip')
    last.drag_to(plan.locator('[data-rows="items"] > li:nth-child(1)'), target_position={"x": 60, "y": 3})
    assert skus(plan) == ["V02", "V03", "V01"]
    delete = plan.locator('[data-rows="items"] > li:nth-child(2) [data-remove]')
    delete.click()
    assert len(skus(plan)) == 3
    delete.click()
    assert skus(plan) == ["V02", "V01"]
    kept(plan)
    plan.reload()
    assert skus(plan) == ["V02", "V01"]


def test_a_workbook_is_opened_as_a_plan(server: Server, open_page: OpenPage) -> None:
    page = open_page(server, "/new")
    name = next(_NAMES)
    content = to_workbook(small_rundown(name), "zh-Hans")
    page.set_input_files("#file", {"name": "plan.xlsx", "mimeType": "application/zip", "buffer": content})
    expect(page.locator("#title")).to_have_text("测试场")
    assert page.url.endswith(f"/shows/{name}/plan")
    assert skus(page) == ["V01", "V02", "V03"]
    expect(page.locator("#mistakes")).to_be_hidden()
    expect(page.locator(field("price", 2))).to_have_value("50.00")


def test_columns_of_a_workbook_that_nobody_knows_are_named_where_the_plan_goes_on(
    server: Server, open_page: OpenPage
) -> None:
    page = open_page(server, "/new")
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        show = book.add_worksheet("场次")
        show.write_column(0, 0, ("场次号", "标题", "币种"))
        show.write_column(0, 1, (next(_NAMES), "夜场", "CNY"))
        book.add_worksheet("商品").write_row(0, 0, ("货号", "讲师"))
    page.set_input_files("#file", {"name": "plan.xlsx", "mimeType": "application/zip", "buffer": file.getvalue()})
    expect(page.locator("#title")).to_have_text("夜场")
    expect(page.locator("#said")).to_have_text("文件中另有： 商品!B1 · 没有这一列；该列未读取")
    page.reload()
    expect(page.locator("#said")).to_be_empty()


def test_a_workbook_whose_id_has_to_be_changed_keeps_its_items_and_what_was_told_of_it(
    show: ShowOnServer, open_page: OpenPage
) -> None:
    page = open_page(show.server, "/new")
    again = to_workbook(small_rundown(show.id), "zh-Hans")
    page.set_input_files("#file", {"name": "plan.xlsx", "mimeType": "application/zip", "buffer": again})
    expect(page.locator("#said")).to_contain_text("已有")
    page.fill(field("show.id"), next(_NAMES))
    page.get_by_role("button", name="开始策划").click()
    expect(page.locator("#title")).to_have_text("测试场")
    assert skus(page) == ["V01", "V02", "V03"]


def test_a_plan_without_items_says_what_is_missing(plan: Page) -> None:
    for _ in skus(plan):
        for _ in range(2):
            plan.locator('[data-rows="items"] > li [data-remove]').first.click()
    expect(plan.locator("#mistakes")).to_contain_text("商品 · 至少 1 个，最多 1,000 个")


def test_a_rehearsal_lists_the_cues_that_would_come_and_can_be_stopped(plan: Page) -> None:
    plan.get_by_role("button", name="彩排").click()
    expect(plan.locator("#cues li").first).to_be_visible()
    expect(plan.locator("#rehearsal")).to_contain_text("这是模拟")
    expect(plan.locator("#rehearsed")).to_contain_text(re.compile(r"模拟 \d+ 场，成交额中位数 ¥"))
    expect(plan.locator("#curve .range")).to_have_count(1)
    plan.get_by_role("button", name="停止", include_hidden=True).dispatch_event("click")  # it may be done by now
    expect(plan.locator("#stop")).to_be_hidden()


def test_the_figures_are_those_the_show_will_have(show: ShowOnServer, plan: Page) -> None:
    expect(plan.locator("#left")).to_have_text("还余 0秒")
    plan.fill(field("minutes", 1), "12.5")
    expect(plan.locator("#left")).to_have_text("超出 2分30秒")
    expect(plan.locator("[data-due]").nth(1)).to_have_text("0:12")
    assert show.state()["plan"]["goal"] == 1_000_000


@pytest.mark.parametrize(
    ("path", "size", "locale"),
    [
        ("/shows/{show}/plan", DESK, "zh-Hans"),
        ("/shows/{show}/plan", DESK, "zh-Hant"),
        ("/shows/{show}/plan", DESK, "en"),
        ("/shows/{show}/plan", PHONE, "en"),
        ("/new", PHONE, "zh-Hans"),
    ],
)
def test_axe_finds_nothing_on_the_pages_of_a_plan(
    show: ShowOnServer, open_page: OpenPage, path: str, size: tuple[int, int], locale: str
) -> None:
    page = open_page(show.server, f"{path.format(show=show.id)}?lang={locale}", width=size[0], height=size[1])
    for summary in page.locator("summary").all():
        summary.click()
    if page.locator("#rehearsal").count():
        page.fill(field("price", 1), "?")
        expect(page.locator("#mistakes")).to_be_visible()
        page.evaluate("document.getElementById('rehearsal').hidden = false")
    assert complaints(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
