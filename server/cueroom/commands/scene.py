"""The scene a command is decided on, the transition that comes of it, and refusals."""

from collections.abc import Mapping
from typing import Any

import msgspec

from cueroom.show.board import Board
from cueroom.show.papers import Lack
from cueroom.show.rundown import Item, Rundown, strange_host


class Scene(msgspec.Struct, frozen=True):
    """What a command is decided on: the board and the plan, when (on a clock of that speed), who asks, and what papers
    are lacking of the items that it would take live."""

    board: Board
    rundown: Rundown
    at: int
    by: str
    speed: float = 1.0
    uncleared: Mapping[str, tuple[Lack, ...]] = {}


class Transition(msgspec.Struct, frozen=True, kw_only=True):
    """What a command makes of a show: the board after it, units that go on a shelf (out of those held back at the
    start), an item that comes into the rundown, what the log keeps and what the answer tells beside the revision."""

    board: Board
    released: dict[str, int] = {}
    held_back: int = 0
    inserted: Item | None = None
    log: tuple[dict[str, Any], ...] = ()
    answer: dict[str, Any] = {}


class Refused(msgspec.Struct, frozen=True):
    """Why a command cannot be carried out now; `status` is HTTP's (404 unknown, 409 against the state), `extra` what
    the answer tells beside."""

    status: int
    code: str
    detail: str
    extra: dict[str, Any] = {}


def over() -> Refused:
    """The show has ended."""
    return Refused(409, "wrong_phase", "the show has ended; nothing in it can be changed any more")


def unknown_sku(sku: str) -> Refused:
    """No item of the rundown has that SKU."""
    return Refused(404, "unknown_sku", f"sku {sku!r} is not in the rundown")


def unknown_host(host: str, rundown: Rundown) -> Refused:
    """Nobody of that id hosts this show."""
    return Refused(404, "unknown_host", strange_host(host, rundown.host_ids))
