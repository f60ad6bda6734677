"""The assortment in Chromium: from a file of products to the draft of a show, by mouse and by keyboard."""

import os

import pytest
from playwright.sync_api import Page, expect

from browser.axe import complaints
from browser.conftest import OpenPage
from conftest import Server

HEAD = "货号,名称,类目,品牌标签,价格(元),佣金率,库存,48小时发货,评分,评分数,性别,年龄段,供应商"
SHOWN = ".place .place-head > .label"
DESK, PHONE = (1440, 900), (390, 844)


def pool(count: int) -> dict[str, str | bytes]:
    """A file of so many products, one more in which two things are wrong."""
    lines = [
        f"P{at:03},商品{at},类目{at % 6},宠物,{20 + at * 3}.50,{at % 40}%,{50 + at * 20},,4.8,{at},女,18-23,华美"
        for at in range(count)
    ]
    content = "\n".join((HEAD, *lines, "P999,,家电,,贵,,1,,,,,,")).encode("gb18030")
    return {"name": "商品.csv", "mimeType": "text/csv", "buffer": content}


def choose(page: Page, count: int) -> None:
    """A file whose prices are in the hosts' currency, whatever the page's language suggests."""
    page.fill('[name="currency"]', "CNY")
    page.set_input_files("#file", pool(count))  # type: ignore[arg-type]  # a file as its TypedDict spells it


def upload(page: Page, count: int) -> None:
    choose(page, count)
    expect(page.locator("#said")).to_contain_text(f"{count + 1} 行中已收入 {count} 行")


def describe(page: Page, name: str) -> None:
    values = {"name": name, "tags": "宠物 3, 家居", "price_low": "29", "price_high": "199"}
    for at, value in values.items():
        page.fill(f'[name="{at}"]', value)
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("link", name=name)).to_be_visible()


def ask(page: Page, **wish: str) -> None:
    for at, value in wish.items():
        page.fill(f'[name="{at.replace("__", ".")}"]', value)
    page.locator("#wish [type=submit]").click()


def skus(page: Page) -> list[str]:
    return [text.split(" · ")[0] for text in page.locator(SHOWN).all_inner_texts()]


def act(name: str, sku: str) -> str:
    """The button of a product."""
    return f'[data-act="{name}"][data-sku="{sku}"]'


def look_through(page: Page) -> None:
    """The pool as a table, by page and by search."""
    page.get_by_role("link", name="查看商品").click()
    expect(page.locator("tbody tr")).to_have_count(50)
    page.get_by_role("link", name="下一页").click()
    expect(page.locator("tbody tr")).to_have_count(10)
    page.get_by_role("searchbox").fill("商品59")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)


def change(page: Page) -> list[str]:
    """Pins one, bans one, swaps one, and gives what is in the show then."""
    first, second, *_ = skus(page)
    page.locator(act("pin", first)).press("Enter")
    expect(page.locator(act("pin", first))).to_have_attribute("aria-pressed", "true")
    expect(page.locator(act("pin", first))).to_be_focused()
    page.locator(act("ban", second)).click()
    expect(page.locator(act("allow", second))).to_be_visible()
    swap = page.locator('[data-act="swap"]').last
    gone, rival = swap.get_attribute("data-sku") or "", swap.get_attribute("data-rival") or ""
    swap.click()
    expect(page.locator(act("pin", rival))).to_have_attribute("aria-pressed", "true")
    chosen = skus(page)
    assert first in chosen
    assert not {second, gone} & set(chosen)
    return chosen


def test_from_a_file_of_products_to_the_draft_of_a_show(server: Server, open_page: OpenPage) -> None:
    page = open_page(server, "/products")
    upload(page, 60)
    expect(page.locator("#flaws li")).to_have_count(2)
    expect(page.locator("#flaws")).to_contain_text("第 62 行 · E62 · 价格(元)大于零的金额，如 99.00贵")
    look_through(page)

    host = f"阿美{os.getpid()}"
    page.get_by_role("link", name="主播", exact=True).click()
    page.get_by_role("link", name="新建主播").click()
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#mistakes .way")).to_have_count(3)
    expect(page.locator('[name="name"]')).to_be_focused()
    describe(page, host)

    page.get_by_role("link", name="组货", exact=True).click()
    page.locator('[name="profile"]').select_option(label=host)
    ask(page, length_min="90", count__least="8", count__most="12")
    expect(page.locator("#mistakes")).to_contain_text("必填")
    few = {f"roles__{role}__least": "1" for role in ("traffic", "benefit", "hot", "profit")}
    ask(page, goal="50000", **few)
    expect(page.locator(".lead")).to_contain_text("这是预计，不是承诺")
    expect(page.locator(".why").first).to_contain_text("匹配度")
    chosen = change(page)

    page.fill('[name="title"]', "夏日首场")
    page.fill('[name="id"]', f"summer-{os.getpid()}")
    page.locator("#accept [type=submit]").click()
    expect(page.locator("#title")).to_have_text("夏日首场")
    rows = page.locator('[data-rows="items"] > li [data-at="sku"] input')
    assert [control.input_value() for control in rows.all()] == chosen


def test_a_product_is_pinned_before_anything_is_proposed(server: Server, open_page: OpenPage) -> None:
    page = open_page(server, "/products")
    upload(page, 60)
    page.goto(f"{server.url}/hosts/new")
    describe(page, host := f"阿丽{os.getpid()}")
    page.goto(f"{server.url}/assortment")
    page.locator('[name="profile"]').select_option(label=host)
    ask(page, goal="50000", pins="P000, P002")
    expect(page.locator(act("pin", "P000"))).to_have_attribute("aria-pressed", "true")
    expect(page.locator(act("pin", "P002"))).to_have_attribute("aria-pressed", "true")
    page.locator(act("ban", "P000")).click()
    expect(page.locator(act("allow", "P000"))).to_be_visible()
    expect(page.locator('[name="pins"]')).to_have_value("P002")
    expect(page.locator(act("pin", "P002"))).to_have_attribute("aria-pressed", "true")


def test_what_cannot_be_is_told_in_words_and_can_be_undone(server: Server, open_page: OpenPage) -> None:
    page = open_page(server, "/products")
    upload(page, 3)
    page.goto(f"{server.url}/hosts/new")
    describe(page, "小美")
    page.goto(f"{server.url}/assortment")
    ask(page, goal="50000")
    expect(page.locator("#proposal")).to_contain_text("至少需要 20 个商品，可选的只有 3 个")
    expect(page.locator("#accept")).to_have_count(0)


@pytest.mark.parametrize(("size", "locale"), [(DESK, "zh-Hans"), (DESK, "zh-Hant"), (PHONE, "en")])
def test_axe_finds_nothing_on_the_pages_of_an_assortment(
    server: Server, open_page: OpenPage, size: tuple[int, int], locale: str
) -> None:
    page = open_page(server, "/hosts/new", width=size[0], height=size[1])
    describe(page, name := f"大美 {locale} {size[0]}")
    page.get_by_role("link", name=name).click()
    expect(page.locator("#host")).to_be_visible()
    host = page.url
    for address in ("/products", "/hosts", host.removeprefix(server.url), "/assortment"):
        page.goto(f"{server.url}{address}?lang={locale}")
        if address == "/products":
            choose(page, 60)
            expect(page.locator("#flaws li")).to_have_count(2)
        if address == "/assortment":
            page.locator("summary").click()
            ask(page, goal="50000")
            expect(page.locator(".place").first).to_be_visible()
            page.locator(".place [data-act=ban]").first.click()
            expect(page.locator(".bans")).to_be_visible()
        assert complaints(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
