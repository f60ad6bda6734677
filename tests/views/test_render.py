"""Pages and pushes: the same block, nothing inline, nothing unescaped, nothing that jumps."""

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cueroom.before.planning import as_json
from cueroom.i18n import LOCALES
from cueroom.show.board import Phase
from cueroom.show.cues import Audience, Cue, Kind, Why
from cueroom.show.rundown import Script
from cueroom.show.state import Outlook, Snapshot, describe
from cueroom.showfile.document import document_of
from cueroom.views import render
from cueroom.views.render import read_ahead, render_page, render_push
from cueroom.web_files import web_dir
from scenes import cue, minutes, outlook, rundown, snapshot, with_locale

SCREENS = ("console", "prompter", "overlay")
PAGES = (*SCREENS, "plan")
EVIL = "<img src=x onerror=alert(1)>\"' {{ 7*7 }}"


def _context(shot: Snapshot | None = None, look: Outlook | None = None, **options: Any) -> dict[str, Any]:
    shot = shot or snapshot()
    return {
        "state": describe(shot, look or outlook()),
        "rundown": shot.rundown,
        "show_id": shot.rundown.id,
        "document": as_json(document_of(shot.rundown)),
        "version": 0,
        "base": "",
        "is_show": True,
        "phase": shot.board.phase,
        "dossiers": {},
        **options,
    }


def _page(screen: str, locale: str = "zh-Hans", **options: Any) -> str:
    return render_page(screen, locale, **_context(minutes=minutes(), **options))


class _Tags(HTMLParser):
    """The elements of a page, and whether each was closed where it must be."""

    VOID = frozenset({"meta", "link", "input", "img", "br"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_what_only_tells_something_is_understood_and_not_accepted() -> None:
    shot = snapshot(cues=(cue(1, Kind.BLIND, "stale", {}, now=snapshot().now, audience=Audience.PRODUCER),))
    assert "知道了 <kbd>" in re.sub(r"</?span[^>]*>", "", _page("console", shot=shot))
    assert "采纳 <kbd>" in re.sub(r"</?span[^>]*>", "", _page("console"))


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("locale", LOCALES)
def test_a_push_is_the_live_part_of_the_page_letter_by_letter(screen: str, locale: str) -> None:
    push = render_push(screen, locale, **_context())
    assert push in render_page(screen, locale, **_context())
    assert push.startswith('<div id="live"')
    assert push.endswith("</div>")


@pytest.mark.parametrize("screen", PAGES)
@pytest.mark.parametrize("phase", list(Phase))
@pytest.mark.parametrize("status", ["ahead", "on", "behind"])
def test_every_phase_and_plan_renders_whole(screen: str, phase: Phase, status: str) -> None:
    plan = msgspec.structs.replace(outlook().plan, status=status, needed_per_min=None, forecast=None)
    tags = _Tags(_page(screen, shot=snapshot(phase=phase), look=msgspec.structs.replace(outlook(), plan=plan)))
    assert tags.open == []


@pytest.mark.parametrize("screen", PAGES)
def test_pages_hold_nothing_that_a_strict_policy_forbids(screen: str) -> None:
    tags = _Tags(_page(screen)).seen
    assert not [name for _, attrs in tags for name in attrs if name == "style" or name.startswith("on")]
    assert all(attrs.get("src") for tag, attrs in tags if tag == "script")
    assert not [tag for tag, _ in tags if tag == "style"]


@pytest.mark.parametrize("screen", PAGES)
def test_ids_are_unique_so_that_a_push_finds_its_place(screen: str) -> None:
    ids = [attrs["id"] for _, attrs in _Tags(_page(screen)).seen if "id" in attrs]
    assert len(ids) == len(set(ids))


def _evil_snapshot() -> Snapshot:
    shot = snapshot()
    sheet = rundown()
    items = tuple(msgspec.structs.replace(item, name=EVIL, script=Script(intro=EVIL)) for item in sheet.items)
    hosts = tuple(msgspec.structs.replace(host, name=EVIL) for host in sheet.hosts)
    message = Cue(
        id="c-33",
        kind=Kind.MESSAGE,
        audience=Audience.BOTH,
        priority=1,
        text=EVIL,
        issued_at=shot.now,
        expires_at=shot.now + 9_000,
        why=Why(rule="person", explain=EVIL),
    )
    return msgspec.structs.replace(
        shot,
        rundown=msgspec.structs.replace(sheet, title=EVIL, items=items, hosts=hosts),
        board=msgspec.structs.replace(shot.board, cues=(message,)),
        feeds=tuple(msgspec.structs.replace(feed, producer=EVIL) for feed in shot.feeds),
    )


@pytest.mark.parametrize("screen", PAGES)
@pytest.mark.parametrize("locale", ["zh-Hans", "en"])
def test_names_messages_and_feeds_are_text_and_never_markup(screen: str, locale: str) -> None:
    tags = _Tags(_page(screen, locale, shot=_evil_snapshot()))
    assert not [tag for tag, _ in tags.seen if tag == "img"]
    assert "49" not in re.findall(
        r"onerror=alert\(1\)&gt;&#34;&#39; (\S+)", _page(screen, locale, shot=_evil_snapshot())
    )


def test_the_shows_and_the_notices_escape_as_well() -> None:
    state = describe(_evil_snapshot(), outlook())
    pages = (
        render_page("shows", "en", shows=[state]),
        render_page("error", "en", status=404, title=EVIL, detail=EVIL),
        render_page("join", "zh-Hans", reason="expired"),
    )
    assert not any("<img" in page for page in pages)


def test_the_plan_line_is_told_in_words() -> None:
    html = re.sub(r"<[^>]+>|\s+", " ", render_push("console", "zh-Hans", **_context()))
    assert re.search(r"落后\s+4分30秒\s+差 ¥26\.0万\s+剩余需 ¥6\.1万/分钟", html)


@pytest.mark.parametrize(("phase", "late_s", "told"), [(Phase.LIVE, 31, 1), (Phase.LIVE, 0, 0), (Phase.ENDED, 31, 0)])
def test_the_console_tells_during_the_show_that_orders_come_late(phase: Phase, late_s: int, told: int) -> None:
    look = msgspec.structs.replace(outlook(), orders_late_s=late_s)
    html = render_push("console", "zh-Hans", **_context(snapshot(phase=phase), look))
    assert html.count("订单约晚 31 秒才到") == told


def test_the_prompter_shows_one_cue_and_none_of_the_producers() -> None:
    html = render_push("prompter", "zh-Hans", **_context())
    assert re.findall(r'data-cue="([^"]+)"', html) == ["c-31"]


def test_the_overlay_shows_no_cue() -> None:
    assert "data-cue" not in render_push("overlay", "zh-Hans", **_context())


def test_a_screen_in_another_language_tells_the_cue_again() -> None:
    assert "上下一款：V04 羊绒混纺围巾" in render_push("prompter", "zh-Hans", **_context())
    assert "Next: V04 羊绒混纺围巾" in render_push("prompter", "en", **_context())


def test_a_cue_keeps_its_own_words_in_the_language_of_the_show() -> None:
    shot = snapshot()
    first, *others = shot.board.cues
    worded = msgspec.structs.replace(first, text="按现场来")
    board = msgspec.structs.replace(shot.board, cues=(worded, *others))
    shot = msgspec.structs.replace(shot, rundown=with_locale(shot.rundown, "zh-Hans"), board=board)
    assert "按现场来" in render_push("prompter", "zh-Hans", **_context(shot))


def test_every_button_of_the_console_has_a_name() -> None:
    html = _page("console")
    buttons = re.findall(r"<button[^>]*?(?:aria-label=\"([^\"]+)\")?[^>]*>(.*?)</button>", html, re.S)
    assert buttons
    assert all(label or re.sub(r"<[^>]+>", "", inner).strip() for label, inner in buttons)


def test_a_screens_socket_speaks_the_language_of_its_page() -> None:
    assert 'hx-ws:connect="/shows/launch-0630/console/live?lang=en"' in _page("console", "en")
    assert "/prompter/live?lang=zh-Hant&amp;host=guest-1" in _page("prompter", "zh-Hant", host="guest-1")


def test_what_is_rendered_stays_of_one_version_whatever_an_upgrade_replaces(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copytree(web_dir() / "templates", tmp_path / "templates")
    monkeypatch.setattr(render, "web_dir", lambda: tmp_path)
    render._environment.cache_clear()
    try:
        read_ahead()
        before = _page("console", "en")
        for template in (tmp_path / "templates").glob("*.html"):
            template.write_text("{{ of_another_version }}")
        assert _page("console", "en") == before
    finally:
        render._environment.cache_clear()
