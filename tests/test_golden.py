"""Golden fragments: what the live screens are sent, in a few fixed states and each language, letter by letter.

`scripts/test tests/test_golden.py --renew-golden` writes the files anew; what changed is then read in the diff.
"""

import re
from collections.abc import Callable
from difflib import unified_diff
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cueroom.i18n import LOCALES
from cueroom.show.board import Phase
from cueroom.show.cues import CueState, Kind
from cueroom.show.state import Snapshot, describe
from cueroom.views.render import render_push
from scenes import cue, outlook, snapshot

GOLDEN = Path(__file__).parent / "golden"
ITEMS = 5
"""As many items of the made-up show as it takes to see every kind of row."""


def _shorter(shot: Snapshot) -> Snapshot:
    sheet = msgspec.structs.replace(shot.rundown, items=shot.rundown.items[:ITEMS])
    board = msgspec.structs.replace(shot.board, order=shot.board.order[:ITEMS])
    return msgspec.structs.replace(shot, rundown=sheet, board=board)


def _planned() -> Snapshot:
    return snapshot(phase=Phase.PLANNED)


def _quiet() -> Snapshot:
    return snapshot(cues=())


def _message() -> Snapshot:
    now = snapshot().now
    said = cue(33, Kind.MESSAGE, "person", {}, now=now, state=CueState.SHOWN, text="再讲1分钟", to="lead")
    return snapshot(cues=(said,))


def _overrun() -> Snapshot:
    return snapshot(cues=(), minute=181)


def _ended() -> Snapshot:
    return snapshot(phase=Phase.ENDED)


STATES: dict[str, tuple[str, Callable[[], Snapshot]]] = {
    "console-planned": ("console", _planned),
    "console-cues": ("console", snapshot),
    "console-overrun": ("console", _overrun),
    "console-ended": ("console", _ended),
    "prompter-planned": ("prompter", _planned),
    "prompter-quiet": ("prompter", _quiet),
    "prompter-cue": ("prompter", snapshot),
    "prompter-message": ("prompter", _message),
    "prompter-ended": ("prompter", _ended),
    "overlay-live": ("overlay", _quiet),
    "overlay-ended": ("overlay", _ended),
}
"""Name of the file → its screen and the moment it shows."""


def _fragment(name: str, locale: str) -> str:
    """The fragment, with each element on a line of its own, so that a difference can be read."""
    screen, make = STATES[name]
    shot = _shorter(make())
    context: dict[str, Any] = {"rundown": shot.rundown, "show_id": shot.rundown.id}
    pushed = render_push(screen, locale, state=describe(shot, outlook()), **context)
    return re.sub(r"\s*\n\s*", "\n", re.sub(r">\s*<", ">\n<", pushed)) + "\n"


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", STATES)
def test_a_fragment_is_as_it_was_agreed(name: str, locale: str, pytestconfig: pytest.Config) -> None:
    file, fragment = GOLDEN / f"{name}.{locale}.html", _fragment(name, locale)
    if pytestconfig.getoption("renew_golden"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(fragment, "utf-8")
    agreed = file.read_text("utf-8")
    difference = unified_diff(agreed.splitlines(), fragment.splitlines(), "agreed", "rendered", "", "", 1, "")
    assert agreed == fragment, "\n".join(["--renew-golden writes it anew, if this is meant:", *difference])


def test_every_golden_file_is_of_a_state() -> None:
    assert {file.name for file in GOLDEN.iterdir()} == {f"{name}.{tag}.html" for name in STATES for tag in LOCALES}
