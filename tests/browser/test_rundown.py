"""Editing the rundown on air in Chromium: by keyboard, mouse and finger, two producers at once."""

import os

import msgspec
import pytest
from playwright.sync_api import Page, expect

from browser.axe import complaints
from browser.conftest import Open
from conftest import Server, ShowOnServer, small_rundown

pytestmark = pytest.mark.usefixtures("on_air")


@pytest.fixture
def on_air(show: ShowOnServer) -> None:
    show.command("present", sku="V01")


@pytest.fixture
def console(show: ShowOnServer, open_screen: Open) -> Page:
    page = open_screen(show, "console", "producer")
    expect(page.locator(".air-name")).to_have_text("无线吸尘器")
    return page


def told(console: Page, words: str) -> None:
    expect(console.locator("#said")).to_have_text(words)


def test_by_keyboard_alone_a_row_gets_other_minutes_and_another_place(show: ShowOnServer, console: Page) -> None:
    console.keyboard.press("e")
    expect(console.locator("#minutes-V02")).to_be_focused()
    console.keyboard.press("ArrowDown")
    expect(console.locator("#minutes-V03")).to_be_focused()
    console.keyboard.press("Control+a")
    console.keyboard.type("4.5")
    console.keyboard.press("Enter")
    told(console, "时长已改")
    expect(console.locator("#row-V03 s")).to_have_text("10:00")
    console.keyboard.press("Alt+ArrowUp")
    told(console, "已移动")
    expect(console.locator("tr[data-sku]").nth(1)).to_have_attribute("data-sku", "V03")
    expect(console.locator("#minutes-V03")).to_be_focused()
    state = show.state()
    assert (state["order"], state["items"]["V03"]["minutes"]) == (["V01", "V03", "V02"], 4.5)


def test_minutes_that_are_left_with_escape_stay(show: ShowOnServer, console: Page) -> None:
    console.keyboard.press("e")
    console.keyboard.type("99")
    console.keyboard.press("Escape")
    expect(console.locator("#minutes-V02")).to_have_value("10")
    assert show.state()["items"]["V02"]["minutes"] == 10


def test_a_row_is_dragged_to_another_place(show: ShowOnServer, console: Page) -> None:
    console.locator("#edit-toggle").click()
    console.locator("#row-V03 .grip").drag_to(console.locator("#row-V02"), target_position={"x": 60, "y": 3})
    told(console, "已移动")
    assert show.state()["order"] == ["V01", "V03", "V02"]


def test_an_item_is_skipped_brought_back_and_a_new_one_comes_next(show: ShowOnServer, console: Page) -> None:
    console.locator("#edit-toggle").click()
    console.locator("#skip-V02").click()
    told(console, "已跳过")
    expect(console.locator("#do-next")).to_contain_text("V03")
    for name, value in {"sku": "X1", "name": "蓝牙音箱", "price": "199.5", "stock": "80", "minutes": "5"}.items():
        console.locator(f"#insert [name={name}]").fill(value)
    console.keyboard.press("Enter")
    told(console, "已插入")
    expect(console.locator("#do-next")).to_contain_text("X1 蓝牙音箱")
    expect(console.locator("#insert [name=sku]")).to_have_value("")
    assert show.state()["items"]["X1"]["price"] == 19_950
    console.locator("#unskip-V02").click()
    told(console, "已恢复")
    assert show.state()["order"] == ["V01", "X1", "V02", "V03"]


def test_an_edit_on_what_another_producer_has_changed_is_refused_in_words(show: ShowOnServer, console: Page) -> None:
    console.locator("#edit-toggle").click()
    console.evaluate("document.getElementById('link').remove()")
    show.command("order", skus=["V01", "V03", "V02"])
    console.locator("#skip-V02").click()
    expect(console.locator("#said")).to_contain_text("刚才有人改动了")
    expect(console.locator("#said")).to_contain_text("刚才有人改动了 — 已移动 V02 → 3 (中控")
    assert show.state()["skipped"] == []


def test_every_console_can_take_the_last_move_back_until_it_is_too_late(
    show: ShowOnServer, console: Page, open_screen: Open
) -> None:
    other = open_screen(show, "console", "producer")
    console.keyboard.press("n")
    told(console, "已切到下一款")
    expect(other.locator(".air-name")).to_have_text("面膜")
    other.keyboard.press("u")
    told(other, "已撤销")
    expect(console.locator(".air-name")).to_have_text("无线吸尘器")
    expect(console.locator("#do-undo")).to_have_count(0)
    show.command("next")
    expect(console.locator(".air-name")).to_have_text("面膜")
    expect(console.locator("#do-undo")).to_be_visible()
    expect(console.locator("#do-undo")).to_be_hidden()
    assert show.state()["live"]["sku"] == "V02"


def test_on_a_phone_every_handle_is_large_enough_and_on_the_screen(show: ShowOnServer, open_screen: Open) -> None:
    phone = open_screen(show, "console", "producer", width=390, height=844)
    phone.locator("#edit-toggle").click()
    handles = phone.locator("#row-V02 :is(.minutes, .tools .act), #insert > *")
    expect(handles.first).to_be_visible()
    for box in (handle.bounding_box() for handle in handles.all()):
        assert box
        assert min(box["width"], box["height"]) >= 44
        assert 0 <= box["x"] <= box["x"] + box["width"] <= 390


OFFERED = """() => {
    const undo = document.querySelector(".undo");
    if (!undo?.offsetParent) return null;
    const parts = [".air-name", ".air-price", ".stock-words", "#do-next", ".rundown"];
    const boxes = () => parts.map((part) => document.querySelector(part).getBoundingClientRect().toJSON());
    const own = undo.getBoundingClientRect();
    const covered = (box) => own.bottom > box.top + 2 && own.right > box.left && own.left < box.right;
    const offered = boxes();
    undo.hidden = true;
    return { offered, gone: boxes(), covered: parts.filter((_, place) => covered(offered[place])) };
}"""
"""What stands where while a move can be taken back and once it cannot, and what its button covers."""


@pytest.mark.parametrize("size", [(1440, 900), (390, 844), (320, 568)])
def test_taking_a_move_back_is_offered_without_moving_or_covering_anything(
    show: ShowOnServer, open_screen: Open, size: tuple[int, int]
) -> None:
    page = open_screen(show, "console", "producer", width=size[0], height=size[1], lang="en")
    expect(page.locator(".air-name")).to_be_visible()
    show.command("next")
    seen = page.wait_for_function(OFFERED).json_value()
    assert seen["offered"] == seen["gone"]
    assert seen["covered"] == []


def test_whoever_goes_through_the_rows_by_key_reads_the_whole_of_a_long_name(server: Server, open_screen: Open) -> None:
    name = "Ultra-Soft Long-Staple Egyptian Cotton Six-Piece Bedding Set 长绒棉加厚保暖四季通用六件套"
    sheet = small_rundown(f"focus-{os.getpid()}")
    items = tuple(msgspec.structs.replace(item, name=name) for item in sheet.items)
    show = ShowOnServer(server, msgspec.structs.replace(sheet, items=items))
    page = open_screen(show, "console", "producer")
    expect(page.locator("#row-V02 .item")).to_have_attribute("title", f"V02 {name}")
    cut = "(name) => name.scrollWidth > name.clientWidth"
    row, shown = page.locator("#row-V02"), page.locator("#row-V02 .name")
    height = row.bounding_box()
    assert shown.evaluate(cut)
    page.locator("#present-V01").focus()
    page.keyboard.press("Tab")
    expect(page.locator("#present-V02")).to_be_focused()
    assert not shown.evaluate(cut)
    assert row.bounding_box() == height


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)], ids=["desk", "phone"])
def test_axe_finds_nothing_while_the_rundown_is_edited(
    show: ShowOnServer, open_screen: Open, size: tuple[int, int]
) -> None:
    page = open_screen(show, "console", "producer", width=size[0], height=size[1])
    page.locator("#edit-toggle").click()
    expect(page.locator("#insert")).to_be_visible()
    assert complaints(page) == []
