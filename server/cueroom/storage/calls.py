"""Calls: what the store's two large scripts are asked and answer: flushes of counters, changes of the board."""

from collections.abc import Sequence
from typing import Any

import msgpack
import msgspec

from cueroom.show.board import Board, changed_cues
from cueroom.show.rundown import Item, Rundown
from cueroom.show.state import Outlook, initial_shelf
from cueroom.show.tally import Flush


class Flushed(msgspec.Struct, frozen=True):
    """What became of one part of a flush: `status` is ok, again, fenced or sequence (see `flush.lua`); `repeats`: how
    many of each type were applied before; `rundown` is the one now in force."""

    status: str
    rev: int
    rundown: Rundown
    repeats: dict[str, int]


class Sender(msgspec.Struct, frozen=True):
    """The feed a flush comes from, and the numbers of the batches in it."""

    producer: str
    epoch: int
    first: int
    last: int


class Part(msgspec.Struct, frozen=True):
    """What one sender (over HTTP none) brings to a flush of a show."""

    flush: Flush
    sender: Sender | None = None


class Change(msgspec.Struct, kw_only=True):
    """One transition of the board. `log` entries are maps with a `type`; `released` units go on the shelf, as far as
    `held_back` (units in batches at the start) has them; `rundown` replaces the rundown with one whose items may be
    new, and `replaced` is the one before where the stock of its items may be another, too; `person`, `if_rev`, `idem`
    and `answer` belong to commands (`peek`: only ask whether that key was answered), `lease`, `memory` and `outlook` to
    the director."""

    before: Board
    after: Board
    log: list[dict[str, Any]] = []
    released: dict[str, int] = {}
    held_back: int = 0
    rundown: Rundown | None = None
    replaced: Rundown | None = None
    inbox: int = 0
    person: bool = False
    if_rev: int | None = None
    idem: str | None = None
    peek: str | None = None
    answer: str = ""
    lease: str | None = None
    memory: bytes | None = None
    outlook: Outlook | None = None


class Changed(msgspec.Struct, frozen=True):
    """What became of a change: `status` is ok, repeated, stale, conflict or short (see `board.lua`); `board` is the one
    now in force where the change was not made, `answer` the first answer where it was a repeat."""

    status: str
    rev: int
    board: Board | None = None
    answer: str = ""


def part_body(part: Part) -> dict[str, Any]:
    """A part as `flush.lua` reads it."""
    flush = part.flush
    body: dict[str, Any] = {
        "seconds": flush.seconds,
        "online": sorted(flush.online.items()),
        "peak_online": flush.peak_online,
        "viewers": flush.viewers,
        "newest": flush.newest_at,
        "orders": flush.orders,
        "ops": flush.ops,
    }
    if flush.has_board_events:
        body["board"] = True
    return body | msgspec.structs.asdict(part.sender) if part.sender else body


def repeats_of(told: Sequence[Any]) -> dict[str, int]:
    """Type → how many of it were applied before, as `flush.lua` answers."""
    return dict(zip((name.decode() for name in told[::2]), told[1::2], strict=True))


def change_body(change: Change, keep_ms: int) -> dict[str, Any]:
    """A change as `board.lua` reads it; the keys of a show that it ends are kept for `keep_ms` after that."""
    before, after = change.before, change.after
    is_new = after != before or change.inbox > 0 or change.rundown is not None
    changed = is_new or bool(change.released)
    body: dict[str, Any] = {
        "version": before.version,
        "log": [msgpack.packb(entry) for entry in change.log],
        "shelf": change.released,
        "held_back": change.held_back,
        "inbox": change.inbox,
        "changed": changed,
        "cued": bool(changed_cues(before, after)),
        "person": changed and change.person,
    }
    if is_new:
        body["doc"] = msgspec.msgpack.encode(msgspec.structs.replace(after, version=before.version + 1))
    if after.ended_at is not None and before.ended_at is None:
        body["expire_at"] = after.ended_at + keep_ms
    if change.rundown:
        body["rundown"] = msgspec.msgpack.encode(change.rundown)
        body["on_shelf"] = {item.sku: initial_shelf(item).on_shelf for item in change.rundown.items}
        body |= _restocked(change.replaced or change.rundown, change.rundown)
    optional = {
        "if_rev": change.if_rev,
        "idem": change.idem,
        "peek": change.peek,
        "answer": change.answer,
        "lease": change.lease,
        "memory": change.memory,
        "outlook": change.outlook and msgspec.msgpack.encode(change.outlook),
    }
    return body | {name: value for name, value in optional.items() if value is not None}


def _restocked(before: Rundown, after: Rundown) -> dict[str, Any]:
    """The items with other stock than before, and those that are no more."""
    changes = [(was, item) for item in after.items if (was := before.item(item.sku))]
    restocked = {item.sku: (_stock(was), _stock(item)) for was, item in changes if _stock(was) != _stock(item)}
    return {"restocked": restocked, "gone": [item.sku for item in before.items if after.item(item.sku) is None]}


def _stock(item: Item) -> dict[str, int]:
    return {"all": item.stock, "first": item.first_batch}


def repeated(text: bytes) -> Changed:
    """What becomes of a repeated command: the revision and the answer that it got the first time."""
    rev, _, answer = text.decode().partition("|")
    return Changed("repeated", int(rev), answer=answer)
