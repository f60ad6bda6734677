"""Papers in Chromium: from nothing to a cleared product, and the console's way past the gate."""

import itertools
import os
import re
from pathlib import Path
from urllib.parse import quote

import msgspec
import pytest
from playwright.sync_api import Page, expect

from browser.axe import complaints
from browser.conftest import Open, OpenPage
from conftest import Server, ShowOnServer, small_rundown
from cueroom.show.papers import NEEDED, Dossier, PaperKind, Trade
from cueroom.storage.dossiers import keep_dossier, read_dossier
from cueroom.storage.house import NEW
from papers_given import cleared

_NAMES = (f"资质-{os.getpid()}-{n}" for n in itertools.count())
_SHOWS = (f"gated-{os.getpid()}-{n}" for n in itertools.count())
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 40


def form_of(kind: PaperKind, deed: str) -> str:
    return f'form[data-deed="{deed}"][data-kind="{kind.value}"]'


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    path = tmp_path / "合同.pdf"
    path.write_bytes(PDF)
    return path


@pytest.fixture
def sku() -> str:
    return next(_NAMES)


@pytest.fixture
def product(server: Server, sku: str, open_page: OpenPage) -> Page:
    """The papers of a product that has none, and a person who has typed their name."""
    page = open_page(server, f"/papers/{quote(sku)}")
    page.fill("#by", "王芳")
    page.locator("#by").blur()
    return page


def dossier(server: Server, sku: str) -> Dossier:
    return server.with_store(lambda store: read_dossier(store.house, sku))[0]


def test_a_paper_is_handed_in_and_approved_and_its_history_says_by_whom(
    server: Server, sku: str, product: Page, pdf: Path
) -> None:
    form = product.locator(form_of(PaperKind.CONTRACT, "hand_in"))
    form.locator('[name="number"]').fill("HT-2026-7")
    form.locator('[name="valid_until"]').fill("2099-12-31")
    form.locator('[name="files"]').set_input_files([pdf, pdf])
    form.get_by_role("button", name="提交").click()
    expect(product.locator("#contract h2 .mark")).to_have_text("待审核")
    expect(product.locator("#by")).to_have_value("王芳")
    product.locator(form_of(PaperKind.CONTRACT, "judge")).get_by_role("button", name="通过").click()
    expect(product.locator("#contract h2 .mark")).to_have_text("已通过")
    product.locator("#contract summary").click()
    expect(product.locator("#contract .steps li").first).to_contain_text("王芳 (producer")
    paper = dossier(server, sku).papers[PaperKind.CONTRACT]
    assert [file.name for file in paper.files] == ["合同.pdf", "合同.pdf"]
    with product.expect_download() as saved:
        product.locator("#contract .files a").first.click()
    assert Path(saved.value.path()).read_bytes() == PDF


def test_every_mistake_stands_at_its_field(product: Page, tmp_path: Path) -> None:
    page = tmp_path / "合同.pdf"
    page.write_bytes(b"<html>")
    form = product.locator(form_of(PaperKind.CONTRACT, "hand_in"))
    form.locator('[name="files"]').set_input_files(page)
    form.get_by_role("button", name="提交").click()
    expect(form.locator(".note")).to_contain_text("PDF")
    form.locator('[name="files"]').set_input_files([])
    form.get_by_role("button", name="提交").click()
    expect(form.locator('[name="number"]')).to_have_attribute("aria-invalid", "true")
    expect(form.locator('[name="number"]')).to_be_focused()
    expect(form.locator(".note")).to_have_count(2)


def test_a_refusal_says_why(server: Server, sku: str, open_page: OpenPage) -> None:
    server.with_store(lambda store: keep_dossier(store.house, cleared(sku), NEW))
    page = open_page(server, f"/papers/{quote(sku)}")
    page.fill("#by", "王芳")
    form = page.locator(form_of(PaperKind.CUSTOMS, "judge"))
    form.get_by_role("button", name="驳回").click()
    expect(form.locator(".note")).to_have_text("驳回须写原因，3 至 200 个字符")
    form.locator('[name="note"]').fill("没有申报单位章")
    form.locator('[name="note"]').press("Enter")
    expect(page.locator("#customs h2 .mark")).to_have_text("已驳回")
    expect(page.locator(".state")).to_contain_text("报关单被驳回")


def test_of_two_who_edit_the_later_is_told(server: Server, sku: str, product: Page) -> None:
    server.with_store(lambda store: keep_dossier(store.house, Dossier(sku, Trade.CROSS_BORDER), NEW))
    product.locator('[data-deed="trade"] button').click()
    expect(product.locator("#stale")).to_contain_text("其间有人改动了这些资质")
    product.locator("#again").click()
    expect(product.locator('[name="trade"]')).to_have_value("cross_border")
    expect(product.locator("section.paper")).to_have_count(len(NEEDED[Trade.CROSS_BORDER]))


@pytest.mark.parametrize("locale", ["zh-Hans", "zh-Hant", "en"])
@pytest.mark.parametrize("width", [1440, 390])
def test_the_papers_are_accessible_and_fit_the_screen(
    server: Server, sku: str, open_page: OpenPage, locale: str, width: int
) -> None:
    server.with_store(lambda store: keep_dossier(store.house, cleared(sku), NEW))
    page = open_page(server, f"/papers?lang={locale}", width=width)
    for path in (f"/papers?lang={locale}", f"/papers/{quote(sku)}?lang={locale}"):
        page.goto(f"{server.url}{path}")
        assert complaints(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_list_leads_to_a_product_and_to_what_lacks(server: Server, sku: str, open_page: OpenPage) -> None:
    page = open_page(server, "/papers")
    page.fill('[name="sku"]', sku)
    page.get_by_role("button", name="打开").click()
    expect(page.locator("h1")).to_have_text(sku)
    server.with_store(lambda store: keep_dossier(store.house, Dossier(sku), NEW))
    page.goto(f"{server.url}/papers")
    page.select_option('[name="lacking"]', "licence")
    page.get_by_role("button", name="筛选").click()
    expect(page.locator("select")).to_have_value("licence")
    expect(page.get_by_role("link", name=sku)).to_have_count(0)


@pytest.fixture
def gated(server: Server) -> ShowOnServer:
    """A show that requires papers, and no item of it has any."""
    sheet = small_rundown(next(_SHOWS))
    items = tuple(msgspec.structs.replace(item, sku=f"{sheet.id}-{item.sku}") for item in sheet.items)
    return ShowOnServer(server, msgspec.structs.replace(sheet, items=items, papers=True))


def test_a_long_name_leaves_room_for_the_marks_of_the_papers(server: Server, open_page: OpenPage) -> None:
    sheet, name = small_rundown(next(_SHOWS)), "长绒棉加厚保暖四季通用六件套" * 8
    item = msgspec.structs.replace(sheet.items[0], sku=sheet.id, name=name)
    ShowOnServer(server, msgspec.structs.replace(sheet, items=(item,)))
    page = open_page(server, "/papers")
    cell = page.locator(".sheet .name", has_text=name).bounding_box()
    assert cell
    assert cell["width"] <= page.evaluate("innerWidth") / 3


def test_the_console_says_what_lacks_and_goes_live_for_a_reason_at_the_second_press(
    gated: ShowOnServer, open_screen: Open
) -> None:
    page = open_screen(gated, "console", "producer")
    page.keyboard.press("n")
    expect(page.locator("#override")).to_be_visible()
    expect(page.locator("#override-lacks")).to_contain_text("缺合同")
    expect(page.locator("#override-reason")).to_be_focused()
    page.keyboard.type("合同今晚补签")
    page.keyboard.press("Enter")
    expect(page.locator("#override [data-local-armed]")).to_have_count(1)
    assert gated.state()["phase"] == "planned"
    page.keyboard.press("Enter")
    expect(page.locator(".air-name")).to_have_text("无线吸尘器")
    expect(page.locator("#override")).to_be_hidden()
    page.goto(f"{gated.server.url}/shows/{gated.id}/recap")
    expect(page.locator("main")).to_contain_text("合同今晚补签")


def test_the_rundown_marks_what_lacks_papers_until_it_has_them(gated: ShowOnServer, open_screen: Open) -> None:
    page = open_screen(gated, "console", "producer")
    rows = {item.sku: page.locator(f'[data-sku="{item.sku}"] .warn') for item in gated.rundown.items}
    for mark in rows.values():
        expect(mark).to_have_attribute("title", re.compile("资质未齐.*缺合同"))
    sku = next(iter(rows))
    gated.server.with_store(lambda store: keep_dossier(store.house, cleared(sku), NEW))
    expect(rows.pop(sku)).to_have_count(0)
    for mark in rows.values():
        expect(mark).to_have_count(1)
    assert complaints(page) == []


def test_the_offer_to_go_live_all_the_same_can_be_left(gated: ShowOnServer, open_screen: Open) -> None:
    page = open_screen(gated, "console", "producer", width=390, height=844)
    page.locator("#do-next").click()
    expect(page.locator("#override")).to_be_visible()
    assert complaints(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("#override")).to_be_hidden()
    assert gated.state()["phase"] == "planned"


def test_the_plan_marks_what_lacks_and_leads_to_it(server: Server, gated: ShowOnServer, open_page: OpenPage) -> None:
    page = open_page(server, f"/shows/{gated.id}/plan")
    row = page.locator('[data-rows="items"] > li').first
    expect(row.locator(".note")).to_contain_text("资质未齐")
    way = row.locator(".note a")
    expect(way).to_have_attribute("href", f"/papers/{gated.rundown.items[0].sku}")
    page.fill('[data-rows="items"] > li:nth-child(1) [data-at="name"] input', "新名字")
    page.locator("#publish").click()
    expect(page.locator("#said")).to_have_text("策划有误，已标在各字段旁。")
    page.locator("#show-panel > summary").click()
    page.locator('[data-at="show.papers"] select').select_option("false")
    expect(page.locator("#mistakes")).to_be_hidden()
    page.locator("#publish").click()
    expect(page.locator("#state")).to_have_text("与场次一致")
