"""What people see and do: the console, the prompter and the overlay in Chromium, on the running server."""

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from browser.axe import complaints
from browser.conftest import PATIENCE_MS, Open, OpenPage
from conftest import Server, ShowOnServer, small_rundown
from cueroom.show.rundown import Host, Script
from feeding import PlainFeed, order, telling

PROMPTER = {"width": 1920, "height": 1080}


@pytest.fixture
def running(show: ShowOnServer) -> Iterator[PlainFeed]:
    """A show in mid-air: V02 is on, people watch, a feed is connected."""
    show.command("policy", set={"off": ["blind"]})  # the feed rests while a test looks, for longer where that is slow
    with show.connect_ingest() as socket:
        feed = PlainFeed(socket, "kuaishou-1")
        feed.push([{"type": "show.started"}, {"type": "room.online", "n": 1_200}])
        show.command("present", sku="V02")
        feed.push([{"type": "viewer.entered", "n": 40}, order("first", sku="V02")])
        yield feed


@pytest.fixture
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for one test alone, to be frozen and killed."""
    server = Server(tmp_path_factory.mktemp("own") / "data")
    yield server
    server.stop()


@contextmanager
def frozen(server: Server) -> Iterator[None]:
    os.kill(server.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.process.pid, signal.SIGCONT)


def test_a_cue_of_the_engine_is_painted_accepted_and_both_screens_agree(
    show: ShowOnServer, running: PlainFeed, open_screen: Open
) -> None:
    console = open_screen(show, "console", "producer")
    prompter = open_screen(show, "prompter", "host", **PROMPTER)

    running.push([order(str(number), "created", sku="V02", qty=7) for number in range(7)])

    card = console.locator(".cue", has_text="上V01")
    with telling(lambda _: running.push([{"type": "viewer.entered"}])):  # advice needs fresh data
        expect(prompter.locator(".cue-text")).to_have_text("售罄，上V01 无线吸尘器")
        expect(card.locator(".cue-state")).to_contain_text("后上屏")
        expect(card.locator(".cue-host")).to_have_text("交给主播")
        expect(card.locator(".cue-why")).to_contain_text("面膜在架和备货都已售完")
        card.locator(".act", has_text="采纳").click()
        expect(console.locator("#said")).to_have_text("已采纳；主播过款时按 N")  # what is still to be done
    expect(console.locator(".past-cue", has_text="上V01")).to_contain_text("已采纳")
    expect(card).to_have_count(0)
    expect(prompter.locator(".cue")).to_have_count(0)

    console.keyboard.press("n")
    expect(console.locator(".air-name")).to_have_text("无线吸尘器")
    expect(prompter.locator(".fact-name")).to_contain_text("无线吸尘器")


def test_the_head_of_the_console_keeps_its_height_when_the_show_starts(show: ShowOnServer, open_screen: Open) -> None:
    console = open_screen(show, "console", "producer", width=1440, height=900)
    expect(console.locator(".phase")).to_have_text("未开播")
    before = console.locator(".figures").bounding_box()
    console.keyboard.press("n")
    expect(console.locator("#said")).to_have_text("已开播")
    expect(console.locator(".phase")).to_have_text("直播中")
    assert console.locator(".figures").bounding_box() == before


@pytest.mark.usefixtures("running")
def test_a_message_reaches_only_the_host_it_is_for_and_can_be_recalled(show: ShowOnServer, open_screen: Open) -> None:
    console = open_screen(show, "console", "producer")
    lead = open_screen(show, "prompter", "host", host="lead", **PROMPTER)
    guest = open_screen(show, "prompter", "host", host="guest", **PROMPTER)

    console.keyboard.press("m")
    console.keyboard.type("3分钟后过款")
    console.select_option("#message-to", "guest")
    console.click("#message button[type=submit]")

    expect(guest.locator(".cue-text")).to_have_text("3分钟后过款")
    expect(console.locator("#message-text")).to_have_value("")
    expect(lead.locator(".cue")).to_have_count(0)
    console.locator(".cue .act", has_text="撤回").click()
    expect(guest.locator(".cue")).to_have_count(0)


def test_the_script_is_at_hand_and_stays_open_while_figures_move(server: Server, open_screen: Open) -> None:
    plain = small_rundown("at-hand")
    first = msgspec.structs.replace(plain.items[0], script=Script(intro="先看吸力", benefit="前一百名送滤芯"))
    show = ShowOnServer(server, msgspec.structs.replace(plain, items=(first, *plain.items[1:])))
    show.command("present", sku="V01")
    console = open_screen(show, "console", "producer")
    console.get_by_text("话术", exact=True).click()
    with show.connect_ingest() as socket:
        feed = PlainFeed(socket)
        for _ in range(3):
            _push(console, feed)
    expect(console.locator(".at-hand")).to_have_attribute("open", "")
    expect(console.get_by_text("前一百名送滤芯")).to_be_visible()


def test_what_is_being_typed_survives_every_push(show: ShowOnServer, running: PlainFeed, open_screen: Open) -> None:
    console = open_screen(show, "console", "producer")
    console.click("#message-text")
    for letter in "慢一点说":
        console.keyboard.type(letter)
        _push(console, running)
    expect(console.locator("#message-text")).to_have_value("慢一点说")
    expect(console.locator("#message-text")).to_be_focused()


def test_a_screen_connects_however_late_its_socket_script_comes(show: ShowOnServer, chromium: Browser) -> None:
    context = chromium.new_context()
    context.set_default_timeout(PATIENCE_MS)
    context.add_init_script("window.setInterval = () => 0")  # it shall connect of itself, not for missing its frames
    context.add_cookies([{"name": f"cueroom-{show.id}-viewer", "value": show.keys["viewer"], "url": show.server.url}])
    page = context.new_page()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/hx-ws.min.js*", hold)
    page.goto(f"{show.server.url}/shows/{show.id}/overlay", wait_until="commit")
    page.wait_for_function("() => window.htmx")
    page.wait_for_timeout(500)  # what starts by a timer has had its time
    with page.expect_websocket():
        held[0].continue_()
    context.close()


@pytest.mark.usefixtures("running")
def test_the_second_of_two_producers_is_told_what_the_first_did(show: ShowOnServer, open_screen: Open) -> None:
    console = open_screen(show, "console", "producer")
    expect(console.locator(".air-name")).to_have_text("面膜")
    console.evaluate("document.getElementById('link').remove()")  # this one no longer hears of anything
    show.command("present", sku="V03")
    console.keyboard.press("n")
    expect(console.locator("#said")).to_contain_text("刚才有人改动了 — 已开始讲解 V03 (中控")
    assert show.state()["live"]["sku"] == "V03"


@pytest.mark.usefixtures("running")
def test_next_can_be_taken_back_and_a_double_press_moves_once(show: ShowOnServer, open_screen: Open) -> None:
    console = open_screen(show, "console", "producer")
    expect(console.locator("#do-next")).to_be_visible()
    console.evaluate(  # both in one moment, however slow this machine is
        "for (const _ of [1, 2]) document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'n', bubbles: true}))"
    )
    expect(console.locator(".air-name")).to_have_text("无线吸尘器")
    expect(console.locator("#do-undo")).to_be_visible()
    console.keyboard.press("u")
    expect(console.locator(".air-name")).to_have_text("面膜")
    assert show.state()["live"]["sku"] == "V02"


@pytest.mark.usefixtures("running")
def test_the_rundown_is_edited_on_air_and_the_prompter_follows(show: ShowOnServer, open_screen: Open) -> None:
    console = open_screen(show, "console", "producer")
    prompter = open_screen(show, "prompter", "host", **PROMPTER)
    expect(prompter.locator(".fact-next")).to_contain_text("无线吸尘器")
    console.keyboard.press("e")
    console.click("#up-V03")
    console.click("#skip-V01")
    expect(prompter.locator(".fact-next")).to_contain_text("保温杯")
    expect(console.locator("#row-V01 .status")).to_have_text("未讲")
    console.fill("#minutes-V03", "11:30")
    console.keyboard.press("Enter")
    expect(console.locator("#row-V03 .planned")).to_have_text("11:30")
    assert show.state()["skipped"] == ["V01"]


@pytest.mark.usefixtures("running")
def test_a_phone_gets_its_screen_by_a_code(show: ShowOnServer, open_screen: Open) -> None:
    console = open_screen(show, "console", "producer")
    console.click(".links summary")
    console.select_option("#links-for", "host:guest")
    console.click("#links button")
    expect(console.locator("#code svg")).to_be_visible()
    expect(console.locator("#code")).to_contain_text(
        "只能在本机打开"
    )  # a code of this machine's own address is of no use
    console.goto(console.get_attribute("#code a", "href") or "")
    expect(console).to_have_title("嘉宾 · 提词器")


@pytest.mark.usefixtures("running")
def test_the_console_lists_the_screens_and_how_late_they_paint(show: ShowOnServer, open_screen: Open) -> None:
    open_screen(show, "prompter", "host", host="guest", **PROMPTER)
    console = open_screen(show, "console", "producer")
    expect(console.locator(".feeds li", has_text="提词器 · 嘉宾")).to_contain_text("毫秒")


@pytest.mark.usefixtures("running")
def test_who_acts_by_key_goes_on_where_the_button_was(show: ShowOnServer, open_screen: Open) -> None:
    for text in ("慢一点", "再讲1分钟"):
        show.command("message", text=text)
    console = open_screen(show, "console", "producer")
    expect(console.locator(".cue")).to_have_count(2)
    console.locator(".cue .act").first.focus()
    console.keyboard.press("Enter")
    expect(console.locator(".cue")).to_have_count(1)
    expect(console.locator(".cues")).to_be_focused()
    console.keyboard.press("Tab")
    expect(console.locator(".cue .act")).to_be_focused()

    console.locator("#present-V03").focus()
    for _ in range(2):
        console.keyboard.press("Enter")
    expect(console.locator("#row-V03.row-air")).to_be_visible()
    expect(console.locator(".rundown .scroll")).to_be_focused()


@pytest.mark.usefixtures("running")
def test_stock_is_released_only_by_a_second_press(show: ShowOnServer, open_screen: Open) -> None:
    show.command("present", sku="V01")
    console = open_screen(show, "console", "producer")
    button = console.locator(".air-acts .act", has_text="补 60件")
    expect(button).to_be_visible()
    console.keyboard.press("l")
    expect(button).to_have_attribute("data-local-armed", "再按一次补库存")
    assert show.state()["items"]["V01"]["on_shelf"] == 40
    console.keyboard.press("l")
    expect(console.locator("#said")).to_have_text("已补库存")
    expect(console.locator(".stock-words")).to_contain_text("100")
    assert show.state()["items"]["V01"]["on_shelf"] == 100


@pytest.mark.usefixtures("running")
def test_an_armed_button_says_only_what_a_second_press_does(show: ShowOnServer, open_screen: Open) -> None:
    console = open_screen(show, "console", "producer")
    for button in (console.locator("#do-end"), console.locator("#present-V03")):
        button.click()
        expect(button).to_have_css("font-size", "0px")


def test_a_screen_says_when_its_link_is_silent_and_blanks_what_has_expired(
    own_server: Server, open_screen: Open
) -> None:
    show = own_server.new_show()
    show.command("start")
    show.command("present", sku="V01")
    show.command("message", text="再讲1分钟")
    prompter = open_screen(show, "prompter", "host", **PROMPTER)
    console = open_screen(show, "console", "producer")
    expect(prompter.locator(".cue-text")).to_have_text("再讲1分钟")
    with frozen(own_server):
        for page in (prompter, console):
            expect(page.locator("#lost")).to_be_visible()
            expect(page.locator("#lost-s")).not_to_have_text("0")
        clock = prompter.inner_text(".fact-clock b")
        expect(prompter.locator(".cue")).to_be_visible()
        prompter.evaluate(  # a message stays a minute; this one shall have a second left
            "document.querySelector('.cue').dataset.expiresAt = Number(document.getElementById('live').dataset.time)"
            " + performance.now() - screenLink.at + 1000"
        )
        expect(prompter.locator(".cue")).to_be_hidden()
        assert prompter.inner_text(".fact-clock b") == clock
    for page in (prompter, console):
        expect(page.locator("#lost")).to_be_hidden()


def test_screens_come_back_right_after_a_restart_of_the_server(own_server: Server, open_screen: Open) -> None:
    show = own_server.new_show()
    show.command("start")
    show.command("present", sku="V01")
    prompter = open_screen(show, "prompter", "host", **PROMPTER)
    expect(prompter.locator(".fact-name")).to_contain_text("无线吸尘器")
    own_server.stop()
    expect(prompter.locator("#lost")).to_be_visible()
    own_server.start()
    expect(prompter.locator("#lost")).to_be_hidden()
    show.command("present", sku="V03")
    expect(prompter.locator(".fact-name")).to_contain_text("保温杯")


def test_screens_are_right_again_soon_after_an_upgrade_in_mid_show(own_server: Server, open_screen: Open) -> None:
    show = own_server.new_show()
    show.command("start")
    show.command("present", sku="V01")
    prompter = open_screen(show, "prompter", "host", **PROMPTER)
    console = open_screen(show, "console", "producer")
    expect(prompter.locator(".fact-name")).to_contain_text("无线吸尘器")
    expect(console.locator(".air-name")).to_have_text("无线吸尘器")
    own_server.reload()
    show.command("present", sku="V03")
    expect(prompter.locator(".fact-name")).to_contain_text("保温杯")
    expect(console.locator(".air-name")).to_have_text("保温杯")
    for page in (prompter, console):
        expect(page.locator("#lost")).to_be_hidden()


def test_a_screen_whose_link_was_taken_back_says_that_it_needs_another(show: ShowOnServer, open_screen: Open) -> None:
    prompter = open_screen(show, "prompter", "host", joined=1, **PROMPTER)  # the address to which a link leads
    expect(prompter.locator(".fact-next")).to_be_visible()
    show.server.with_store(lambda store: store.revoke_key(show.id, show.keys["host"].partition(".")[0]))
    expect(prompter.locator("#lost .ended")).to_have_text("链接已失效，请向中控要一条新的。")
    expect(prompter.locator("#lost .ended")).to_be_visible()


@pytest.mark.usefixtures("running")
def test_the_mirror_and_the_size_are_the_devices_own(show: ShowOnServer, open_screen: Open) -> None:
    page = open_screen(show, "prompter", "host", mirror=1, size="1.2", **PROMPTER)
    glass = page.locator("#glass")
    expect(glass).to_have_css("transform", "matrix(-1, 0, 0, 1, 0, 0)")
    assert page.evaluate("parseFloat(getComputedStyle(document.getElementById('script')).fontSize)") == pytest.approx(
        0.13 * 1.2 * 1080, rel=0.01
    )
    page.keyboard.press("m")
    expect(glass).to_have_css("transform", "none")
    page.goto(page.url.split("?")[0])
    expect(glass).to_have_css("transform", "none")


@pytest.mark.usefixtures("running")
def test_seven_lines_of_script_stand_at_thirteen_per_cent_of_the_height(show: ShowOnServer, open_screen: Open) -> None:
    page = open_screen(show, "prompter", "host", **PROMPTER)
    size, line, height = page.evaluate(
        "(() => { const s = getComputedStyle(document.getElementById('script'));"
        " return [parseFloat(s.fontSize), parseFloat(s.lineHeight), innerHeight] })()"
    )
    assert 0.13 <= size / height <= 0.14
    assert height // line == 7
    lane, script = (page.locator(name).bounding_box() for name in (".lane", ".script"))
    assert lane
    assert script
    assert lane["x"] >= script["x"] + script["width"]


@pytest.mark.parametrize(("lang", "words"), [("zh-Hans", "提词器"), ("zh-Hant", "提詞器"), ("en", "Prompter")])
@pytest.mark.usefixtures("running")
def test_three_languages_are_spoken_and_kept(show: ShowOnServer, open_screen: Open, lang: str, words: str) -> None:
    console = open_screen(show, "console", "producer", lang=lang)
    expect(console.locator(".foot")).to_contain_text(words)
    expect(console.locator("html")).to_have_attribute("lang", lang)
    console.goto(console.url.split("?")[0])
    expect(console.locator(".foot")).to_contain_text(words)


@pytest.mark.usefixtures("running")
def test_a_phone_held_sideways_shows_the_cue_and_the_way_to_the_next_item_at_once(
    show: ShowOnServer, open_screen: Open
) -> None:
    show.command("message", text="慢一点")
    console = open_screen(show, "console", "producer", width=844, height=390)
    for needed in (".cue-text", "#do-next", ".figures"):
        expect(console.locator(needed).first).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("size", [(1280, 720), (1366, 768)])
@pytest.mark.usefixtures("running")
def test_a_laptop_shows_the_cue_what_is_on_air_and_the_names_of_the_items(
    show: ShowOnServer, open_screen: Open, size: tuple[int, int]
) -> None:
    show.command("message", text="慢一点")
    console = open_screen(show, "console", "producer", width=size[0], height=size[1])
    for needed in (".cue-acts", "#do-next", ".rates", ".funnel"):
        expect(console.locator(needed).first).to_be_in_viewport(ratio=1)
    assert console.evaluate("document.documentElement.scrollWidth") == size[0]
    names = "[...document.querySelectorAll('.rundown .name')].filter((name) => name.scrollWidth > name.clientWidth)"
    assert console.evaluate(f"{names}.length") == 0


@pytest.mark.usefixtures("running")
def test_a_phone_shows_the_console_in_one_column(show: ShowOnServer, open_screen: Open) -> None:
    console = open_screen(show, "console", "producer", width=390, height=844)
    expect(console.locator(".air-name")).to_be_visible()
    assert console.evaluate("document.documentElement.scrollWidth") == 390
    small = console.evaluate(
        "[...document.querySelectorAll('.act, .chip, .foot a, input, select')].filter((e) => e.offsetParent)"
        ".map((e) => e.getBoundingClientRect()).filter((box) => box.height < 44).length"
    )
    assert small == 0


@pytest.mark.parametrize("width", [390, 320])
@pytest.mark.parametrize("lang", ["zh-Hans", "en"])
def test_a_phone_shows_the_whole_of_every_row_of_the_rundown(
    server: Server, open_screen: Open, lang: str, width: int
) -> None:
    sheet = small_rundown(f"rows-{os.getpid()}-{lang}-{width}")
    first = msgspec.structs.replace(sheet.items[0], name="Ultra-Soft Six-Piece Set 长绒棉六件套", price=9_999_900)
    long = msgspec.structs.replace(first, stock=20_000, batches=(8_000, 12_000))
    show = ShowOnServer(server, msgspec.structs.replace(sheet, duration_min=300, items=(long, *sheet.items[1:])))
    show.command("present", sku="V01")
    show.post([order(f"phone-{number}", sku="V01") for number in range(9)])
    console = open_screen(show, "console", "producer", width=width, height=844, lang=lang)
    expect(console.locator("#row-V01 .c-sold")).to_contain_text("¥")
    assert console.evaluate("document.documentElement.scrollWidth") == width
    names = "[...document.querySelectorAll('.rundown .name')].every((name) => name.scrollWidth <= name.clientWidth)"
    assert console.evaluate(names)
    outside = console.evaluate(
        """[...document.querySelectorAll('.rundown tr > *')].filter((cell) => {
            const { left, right, width } = cell.getBoundingClientRect();
            return width === 0 || left < 0 || right > innerWidth || cell.scrollWidth > Math.ceil(width);
        }).map((cell) => cell.innerHTML)"""
    )
    assert outside == []


def test_an_items_orders_are_drawn_in_its_row_and_stay_drawn(
    show: ShowOnServer, running: PlainFeed, open_screen: Open
) -> None:
    console = open_screen(show, "console", "producer")
    painted = """() => {
        const canvas = document.getElementById("spark-V02");
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        return data.some((value) => value > 0);
    }"""
    running.push([order(f"spark-{number}", "created", sku="V02") for number in range(5)])
    console.wait_for_function(painted)
    _push(console, running)
    assert console.evaluate(painted)


def test_pushes_leave_the_page_no_larger(show: ShowOnServer, running: PlainFeed, open_screen: Open) -> None:
    console = open_screen(show, "console", "producer")
    size = "document.getElementById('desk').childNodes.length"
    _push(console, running)
    nodes = console.evaluate(size)
    for _ in range(20):
        _push(console, running)
    assert console.evaluate(size) == nodes


@pytest.mark.usefixtures("running")
def test_the_overlay_lets_the_picture_through(show: ShowOnServer, open_screen: Open) -> None:
    page = open_screen(show, "overlay", "viewer", width=1080, height=1920)
    expect(page.locator(".card-name")).to_have_text("面膜")
    for part in ("html", "body"):
        expect(page.locator(part)).to_have_css("background-color", "rgba(0, 0, 0, 0)")
    card = page.locator(".card").bounding_box()
    assert card
    assert card["x"] + card["width"] < 1080


@pytest.mark.usefixtures("running")
def test_the_overlays_address_tells_what_it_shows_and_where(show: ShowOnServer, open_screen: Open) -> None:
    options: dict[str, Any] = {"position": "top-right", "scale": "1.5", "price": 0, "stock": 0}
    page = open_screen(show, "overlay", "viewer", **options, **PROMPTER)
    expect(page.locator(".card-name")).to_be_visible()
    expect(page.locator(".card-clock")).to_be_visible()
    for hidden in (".card-price", ".card-stock"):
        expect(page.locator(hidden)).to_be_hidden()
    card = page.locator(".card").bounding_box()
    assert card
    assert card["y"] < PROMPTER["height"] / 10
    assert card["x"] > PROMPTER["width"] / 4
    assert page.evaluate("parseFloat(getComputedStyle(document.querySelector('.card-name')).fontSize)") == (
        pytest.approx(0.042 * 1.5 * PROMPTER["height"], rel=0.01)
    )


PLACES: dict[str, dict[str, Any]] = {
    "console": {"screen": "console", "role": "producer"},
    "phone": {"screen": "console", "role": "producer", "width": 390, "height": 844},
    "prompter": {"screen": "prompter", "role": "host", **PROMPTER},
    "overlay": {"screen": "overlay", "role": "viewer", **PROMPTER},
}


@pytest.mark.parametrize("lang", ["zh-Hans", "zh-Hant", "en"])
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.usefixtures("running")
def test_axe_finds_nothing(show: ShowOnServer, open_screen: Open, place: str, lang: str) -> None:
    show.command("message", text="慢一点")
    page = open_screen(show, **PLACES[place], lang=lang)
    if place != "overlay":
        expect(page.locator(".cue-text")).to_have_text("慢一点")
    assert complaints(page) == []


@pytest.mark.usefixtures("running")
def test_a_devices_look_is_told_by_its_address_and_remembered(show: ShowOnServer, open_screen: Open) -> None:
    page = open_screen(show, "prompter", "host", theme="light", steady=1, plan=1, speed=5, **PROMPTER)
    for _ in range(2):
        expect(page.locator("body")).to_have_css("background-color", "rgb(255, 255, 255)")
        expect(page.locator("#glass")).to_have_attribute("data-steady", "")
        expect(page.locator(".fact-plan")).to_be_visible()
        expect(page.locator("#dials")).to_have_text("暂停 · 速度 5 · 字号 100% · 空格开始，? 看按键")
        page.goto(page.url.split("?")[0])
    page.goto(f"{page.url}?plan=0&theme=dark")
    expect(page.locator(".fact-plan")).to_be_hidden()
    expect(page.locator("body")).to_have_css("background-color", "rgb(0, 0, 0)")


@pytest.mark.parametrize("size", [(1920, 1080), (1440, 900), (844, 390), (390, 844)])
def test_whatever_the_names_are_the_prompter_shows_what_comes_next(
    server: Server, open_screen: Open, size: tuple[int, int]
) -> None:
    sheet = small_rundown(f"names-{os.getpid()}-{size[0]}")
    hosts = tuple(Host(host.id, "古力娜扎尔·买买提江与她的朋友们") for host in sheet.hosts)
    items = tuple(
        msgspec.structs.replace(item, sku=f"34567890123456789{at:02}", name="长绒棉加厚保暖四季通用六件套" * 4)
        for at, item in enumerate(sheet.items)
    )
    show = ShowOnServer(server, msgspec.structs.replace(sheet, hosts=hosts, items=items))
    show.command("present", sku=items[1].sku)
    page = open_screen(show, "prompter", "host", plan=1, width=size[0], height=size[1])
    expect(page.locator(".fact-plan")).to_be_visible()
    facts, following, dials = (page.locator(place).bounding_box() for place in (".facts", ".fact-next", "#dials"))
    assert facts
    assert following
    assert dials
    assert following["y"] + following["height"] <= facts["y"] + facts["height"]
    assert following["y"] + following["height"] <= dials["y"]
    assert dials["x"] >= facts["x"]
    for name in page.locator(".facts .two-lines").all():
        box = name.bounding_box()
        assert box
        assert box["x"] + box["width"] <= size[0]


@pytest.mark.usefixtures("running")
def test_a_clickers_keys_move_the_script_and_black_the_glass_out(show: ShowOnServer, open_screen: Open) -> None:
    page = open_screen(show, "prompter", "host", **PROMPTER)
    for key in ("Space", "Enter"):
        page.keyboard.press(key)
        expect(page.locator("#dials")).not_to_contain_text("暂停")
        page.keyboard.press(key)
        expect(page.locator("#dials")).to_contain_text("暂停")
    for _ in range(2):
        page.locator("#script").click()  # what a finger does
    expect(page.locator("#dials")).to_contain_text("暂停")
    page.keyboard.press("]")
    expect(page.locator("#dials")).to_contain_text("速度 3.5")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_contain_text("慢一点、快一点")
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    for key in ("b", "."):
        page.keyboard.press(key)
        expect(page.locator("#blackout")).to_be_visible()
        page.keyboard.press(key)
        expect(page.locator("#blackout")).to_be_hidden()


def test_a_cue_in_a_blackout_counts_as_painted_only_when_the_glass_is_lit(
    show: ShowOnServer, running: PlainFeed, open_screen: Open
) -> None:
    page = open_screen(show, "prompter", "host", **PROMPTER)
    page.keyboard.press("b")
    cue_id = show.command("message", text="慢一点").json()["cue"]
    expect(page.locator(".cue-text")).to_have_text("慢一点")
    _push(page, running)
    assert [cue["state"] for cue in show.state()["cues"] if cue["id"] == cue_id] == ["issued"]
    with page.expect_response("**/shown"):
        page.keyboard.press("b")
    assert [cue["state"] for cue in show.state()["cues"] if cue["id"] == cue_id] == ["shown"]


@pytest.mark.parametrize("tone", ["p1", "p2", "p3", "kind-message"])
@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.usefixtures("running")
def test_the_prompters_contrast_is_seven_to_one(show: ShowOnServer, open_screen: Open, theme: str, tone: str) -> None:
    show.command("message", text="慢一点")
    page = open_screen(show, "prompter", "host", steady=1, plan=1, theme=theme, **PROMPTER)
    expect(page.locator(".cue-text")).to_have_text("慢一点")
    page.evaluate(f"document.querySelector('.cue').className = 'cue {tone} short'")
    assert complaints(page, "{runOnly: ['color-contrast-enhanced']}") == []


def test_axe_finds_nothing_on_the_still_pages(show: ShowOnServer, open_screen: Open) -> None:
    page = open_screen(show, "console", "producer")
    plan = f"/shows/{show.id}/plan"
    for address, text in (
        ("/", "测试场"),
        (plan, "计划成交额"),
        (f"/shows/{show.id}/options", "库存"),
        ("/join/nothing.at.all", "链接无效"),
        ("/shows/none/console", ""),
    ):
        page.goto(show.server.url + address)
        expect(page.locator("main")).to_contain_text(text)
        assert complaints(page) == []


def test_on_a_phone_every_target_of_the_still_pages_is_large_enough_and_on_the_page(
    own_server: Server, open_page: OpenPage
) -> None:
    show = own_server.new_show()
    show.command("present", sku="V01")
    page = open_page(own_server, "/new", width=320, height=568)
    sheet = b'[show]\nid = "draft"\ntitle = "Draft"'
    page.set_input_files("#file", {"name": "plan.toml", "mimeType": "text/plain", "buffer": sheet})
    expect(page.locator("#title")).to_have_text("Draft")
    for address in ("/", "/papers", *(f"/shows/{show.id}/{name}" for name in ("plan", "policy", "options", "recap"))):
        page.goto(own_server.url + address)
        expect(page.locator("main")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == 320, address
        # A link within a sentence is as high as its line; a box is ticked by its whole label.
        small = page.evaluate(
            """[...document.querySelectorAll("a, button, summary, select, label:has([type=checkbox])")]
                .filter((target) => target.offsetParent && !target.matches(":is(p, dd) > a:not(.act), .off"))
                .filter((target) => target.getBoundingClientRect().height < 44).map((target) => target.outerHTML)"""
        )
        assert small == [], address


def test_without_a_fitting_key_a_screen_asks_for_its_link(show: ShowOnServer, open_screen: Open) -> None:
    page = open_screen(show, "prompter", "viewer")
    expect(page.locator("h1")).to_have_text("这条链接不能打开此页面")


def _push(page: Page, feed: PlainFeed) -> None:
    """Something happens in the room, and the page has it on screen."""
    rev = page.evaluate("Number(document.getElementById('live').dataset.rev)")
    feed.push([{"type": "viewer.entered"}])
    page.evaluate(
        """(rev) => new Promise((done) => {
            const look = () => Number(document.getElementById("live").dataset.rev) > rev && done();
            document.addEventListener("cueroom:frame", look);
            look();
        })""",
        rev,
    )


def test_a_threshold_is_judged_at_its_field_and_holds_at_once(show: ShowOnServer, open_screen: Open) -> None:
    page = open_screen(show, "policy", "producer")
    row = page.locator("#policy-host_gap_s")
    row.locator("input").fill("900")
    expect(row.locator(".told")).to_have_text("要填 0 到 600 的数")
    row.locator("input").press("Enter")
    assert show.state()["policy"] == {}

    row.locator("input").fill("45")
    row.locator("[type=submit]").click()
    expect(row).to_contain_text("直播中调整")
    assert show.state()["policy"] == {"host_gap_s": 45}

    off = page.locator("#policy-off")
    off.locator("summary").click()
    off.get_by_label("续讲").check()
    off.locator("[type=submit]").click()
    expect(off.locator("summary")).to_have_text("续讲")
    assert show.state()["policy"]["off"] == ["hold"]

    row.locator("[data-back]").click()
    expect(row.locator("input")).to_have_value("20")
    assert "host_gap_s" not in show.state()["policy"]
    assert complaints(page) == []


def test_who_sets_a_threshold_second_is_told_who_was_first(show: ShowOnServer, open_screen: Open) -> None:
    page = open_screen(show, "policy", "producer")
    row = page.locator("#policy-host_gap_s")
    show.command("policy", set={"host_gap_s": 30})
    row.locator("input").fill("45")
    row.locator("[type=submit]").click()
    who = show.keys["producer"][:4]
    expect(row.locator(".told")).to_have_text(re.compile(rf"刚才有人改动了 — host_gap_s \(.+ {who}\)"))
    expect(row.locator("input")).to_have_value("30")
    assert show.state()["policy"] == {"host_gap_s": 30}

    row.locator("input").fill("45")
    show.command("next")
    row.locator("[type=submit]").click()
    expect(row.locator(".told")).to_have_text("已生效")
    assert show.state()["policy"] == {"host_gap_s": 45}
