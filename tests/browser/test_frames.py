"""Laws of putting frames in place: after any frame the page is as if just loaded, and what could stay did."""

from collections.abc import Iterator
from itertools import permutations

import msgspec
import pytest
from playwright.sync_api import Browser, Page

from cueroom.show.board import Phase
from cueroom.show.state import Snapshot, describe
from cueroom.views.parts import CUT, changes
from cueroom.views.render import render_push
from cueroom.web_files import web_dir
from scenes import outlook, snapshot

PUT = """(frame) => htmx.swap({ text: frame, target: "#live", swap: "outerMorph" })"""
BESIDE = """(frame) => {
    const fresh = document.createElement("template");
    fresh.innerHTML = frame;
    const [was, would] = [document.getElementById("live"), fresh.content.firstElementChild];
    for (const clock of [was, would].flatMap((root) => [...root.querySelectorAll("[data-until], [data-since]")])) {
        clock.textContent = ""; // the page's own
    }
    const sorted = (root) => { // the order of attributes means nothing
        const copy = root.cloneNode(true);
        for (const element of [copy, ...copy.querySelectorAll("*")]) {
            const attributes = [...element.attributes].sort((one, other) => one.name < other.name ? -1 : 1);
            attributes.forEach(({ name }) => element.removeAttribute(name));
            attributes.forEach(({ name, value }) => element.setAttribute(name, value));
        }
        return copy;
    };
    const flat = (root) => sorted(root).outerHTML.replace(/>\\s+/g, ">").replace(/\\s+</g, "<");
    return [flat(was), flat(would)];
}"""
"""The page beside what it would be, had it just been loaded."""


def _reordered(shot: Snapshot) -> Snapshot:
    order = shot.board.order
    return msgspec.structs.replace(shot, board=msgspec.structs.replace(shot.board, order=(*order[:3], *order[:2:-1])))


MOMENTS = {
    "planned": snapshot(phase=Phase.PLANNED),
    "cues": snapshot(),
    "second cue alone": snapshot(cues=snapshot().board.cues[1:]),
    "quiet and reordered": _reordered(snapshot(cues=())),
    "ended": snapshot(phase=Phase.ENDED),
}


def _frame(moment: str, cut: str = "") -> str:
    shot = MOMENTS[moment]
    state, rundown = describe(shot, outlook()), shot.rundown
    return render_push("console", "en", cut, state=state, rundown=rundown, show_id=rundown.id)


@pytest.fixture
def bare(chromium: Browser) -> Iterator[Page]:
    """A page on which only frames are put."""
    page = chromium.new_page()
    page.set_content('<div id="live"></div>')
    for script in ("vendor/htmx.min.js", "js/frames.js"):
        page.add_script_tag(path=web_dir() / "static" / script)
    yield page
    page.close()


def test_after_any_frame_the_page_is_as_if_it_had_just_been_loaded(bare: Page) -> None:
    for before, after in permutations(MOMENTS, 2):
        for moment in (before, after):
            bare.evaluate(PUT, _frame(moment))
            was, would = bare.evaluate(BESIDE, _frame(moment))
            assert was == would, f"{before} → {after}"


def test_a_frame_that_only_names_what_stayed_leaves_the_page_as_the_whole_one_would(bare: Page) -> None:
    for before, after in permutations(MOMENTS, 2):
        bare.evaluate(PUT, _frame(before))
        bare.evaluate(PUT, changes(_frame(after, CUT), _frame(before, CUT)))
        was, would = bare.evaluate(BESIDE, _frame(after))
        assert was == would, f"{before} → {after}"


def test_what_stays_is_the_same_element_and_keeps_focus_scrolling_and_open_details(bare: Page) -> None:
    bare.add_style_tag(content=".scroll { height: 100px; overflow: auto }")
    bare.evaluate(PUT, _frame("cues"))
    bare.evaluate("""() => {
        window.kept = document.getElementById("cue-c-32");
        document.getElementById("accept-c-32").focus();
        document.getElementById("script-V03").open = true;
        document.querySelector(".scroll").scrollTop = 50;
    }""")
    bare.evaluate(PUT, _frame("second cue alone"))
    assert bare.evaluate("kept === document.getElementById('cue-c-32')")
    assert bare.evaluate("document.activeElement.id") == "accept-c-32"
    assert bare.evaluate("document.getElementById('script-V03').open")
    assert bare.evaluate("document.querySelector('.scroll').scrollTop") == 50


def test_a_field_in_which_somebody_types_keeps_what_is_typed(bare: Page) -> None:
    bare.evaluate(PUT, _frame("cues"))
    bare.fill("#minutes-V05", "7")
    bare.evaluate(PUT, _frame("quiet and reordered"))
    assert bare.input_value("#minutes-V05") == "7"
    assert bare.evaluate("document.activeElement.id") == "minutes-V05"


def test_a_part_that_is_only_named_is_left_as_it_was(bare: Page) -> None:
    bare.evaluate(PUT, '<div id="live"><p id="a">one</p><p id="b">two</p></div>')
    bare.evaluate(PUT, '<div id="live"><p id="b" data-same></p><p id="c">three</p></div>')
    assert bare.inner_html("#live") == '<p id="b">two</p><p id="c">three</p>'
