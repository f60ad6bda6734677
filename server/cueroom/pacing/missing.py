"""Missing: orders that should have come by now and have not, and whether an empty shelf may be why."""

import msgspec

from cueroom.pacing.lag import pause_s
from cueroom.pacing.memory import Emptied, Memory
from cueroom.pacing.silence import ORDER_FIELDS
from cueroom.show.cues import Number
from cueroom.show.state import Shelf, Snapshot

LONGEST_S = 120
"""A silence is looked at no farther back."""

_IMPROBABLE, _IMPROBABLE_NEW = 30.0, 8.0
_LEAST_SILENCE_S = 8
_BEFORE_S = 45
_BROKEN_S, _WHOLE_S, _BROKEN = 10, 15, 0.2
_TOLD_AT_ONCE_S = 3
_HELD = 0.3
"""Units that unpaid orders may hold, to those paid for; assumed."""

_RESUMED = 0.25
"""Of the pace before: so many orders are more than the last payments for what is gone."""


class Missing(msgspec.Struct, frozen=True):
    """No order, payment or cancellation since the second `last`, `silence_s` ago (at most `LONGEST_S`), where `orders`
    new ones were to be expected; `is_chance`: few enough that chance may be why."""

    last: int
    silence_s: int
    orders: float
    is_chance: bool


def missing_orders(snapshot: Snapshot, memory: Memory) -> Missing | None:
    """The silence of all orders; None where it is too short to say. Of an item with an empty shelf, or too new to have
    a rate of its own, none can be missed."""
    live, now = snapshot.board.live, snapshot.now // 1000
    if live and (snapshot.now - live.since < 1000 * _BEFORE_S or not snapshot.shelf(live.sku).on_shelf):
        return None
    silence = next((ago for ago in range(LONGEST_S) if _heard(snapshot, now - 1 - ago)), LONGEST_S)
    missing_s = silence - pause_s(memory)
    if missing_s < _LEAST_SILENCE_S:
        return None
    last = now - silence
    heard = sum(_heard(snapshot, second) for second in range(last - _BEFORE_S, last))
    created = _sum(snapshot, "orders_created", last, _BEFORE_S)
    is_chance = missing_s * heard < _IMPROBABLE * _BEFORE_S or missing_s * created < _IMPROBABLE_NEW * _BEFORE_S
    return Missing(last, silence, silence * created / _BEFORE_S, is_chance)


def _heard(snapshot: Snapshot, second: int) -> int:
    row = snapshot.seconds.get(second)
    return sum(row.get(field, 0) for field in ORDER_FIELDS) if row else 0


def _sum(snapshot: Snapshot, field: str, until: int, window_s: int) -> int:
    return sum(snapshot.seconds.get(second, {}).get(field, 0) for second in range(until - window_s, until))


def looked_at_shelf(snapshot: Snapshot, memory: Memory) -> Memory:
    """The memory with whether the shelf of the item on air seems empty, though units are on it by the count: none of
    them sells, where all of them should be gone by now. So it is where a feed tells of paid orders alone, not of what
    unpaid ones hold; and were the orders only lost, the shelf would be empty by now, too."""
    live = snapshot.board.live
    was = memory.emptied if memory.emptied and live and _is_of_this_spell(memory.emptied, snapshot) else None
    if was and _resumed(snapshot, was):
        was = None
    if live is None or (was and was.reserve == snapshot.shelf(live.sku).reserve):
        return msgspec.structs.replace(memory, emptied=was)
    return msgspec.structs.replace(memory, emptied=_emptied(snapshot, memory, was) or was)


def as_it_seems(snapshot: Snapshot, memory: Memory) -> Snapshot:
    """The show with nothing on a shelf that seems empty."""
    emptied = seems_empty(snapshot, memory)
    if emptied is None:
        return snapshot
    return msgspec.structs.replace(snapshot, shelves={**snapshot.shelves, emptied.sku: Shelf(0, emptied.reserve)})


def seems_empty(snapshot: Snapshot, memory: Memory) -> Emptied | None:
    """Why the shelf of the item on air seems empty, while it does: until a batch is put on it."""
    emptied = memory.emptied
    return emptied if emptied and snapshot.shelf(emptied.sku).reserve == emptied.reserve else None


def told_of(emptied: Emptied, now: int) -> dict[str, Number]:
    """How long nothing was ordered (s), how many units should have been, and what is counted on the shelf."""
    age_s = now // 1000 - emptied.last
    return {"age_s": age_s, "expected_units": round(age_s * emptied.per_s), "counted": emptied.counted}


def _emptied(snapshot: Snapshot, memory: Memory, was: Emptied | None) -> Emptied | None:
    """What tells that the shelf is empty; after a batch was put on it, only what is missed since."""
    live = snapshot.board.live
    if live is None or not _tells_of_paid_alone(snapshot):
        return None
    shelf, now = snapshot.shelf(live.sku), snapshot.now // 1000
    sold = snapshot.counts(live.sku).units_created
    since = was.at if was else 0
    if shelf.on_shelf <= _HELD * sold and _broke_off(snapshot, memory, since):
        last = now - _BROKEN_S
        return Emptied(live.sku, shelf.reserve, shelf.on_shelf, last, now, _pace(snapshot, last, _WHOLE_S))
    missing = missing_orders(snapshot, memory)
    if missing is None or missing.is_chance:
        return None
    per_s = _pace(snapshot, missing.last, _BEFORE_S)
    if shelf.on_shelf > min(per_s * (now - max(missing.last, since)), sold):
        return None
    return Emptied(live.sku, shelf.reserve, shelf.on_shelf, missing.last, now, per_s)


def _broke_off(snapshot: Snapshot, memory: Memory, since: int) -> bool:
    """Whether what sold fast broke off within seconds, as no interest fades; single payments still come."""
    live, now = snapshot.board.live, snapshot.now // 1000
    last = now - _BROKEN_S
    if live is None or last - _WHOLE_S < max(since, live.since // 1000) or pause_s(memory) > _TOLD_AT_ONCE_S:
        return False
    expected = _BROKEN_S * _pace(snapshot, last, _WHOLE_S)
    return expected >= _IMPROBABLE_NEW and _BROKEN_S * _pace(snapshot, now, _BROKEN_S) <= _BROKEN * expected


def _pace(snapshot: Snapshot, until: int, window_s: int) -> float:
    """Units a second that were ordered of the item on air in the window before that second."""
    live = snapshot.board.live
    return _sum(snapshot, f"units_created|{live.sku}", until, window_s) / window_s if live else 0.0


def _tells_of_paid_alone(snapshot: Snapshot) -> bool:
    """Whether orders are told of only once they are paid or given up, so that they are so as soon as they are new."""
    return all(
        row.get("orders_created", 0) == row.get("orders_paid", 0) + row.get("orders_cancelled", 0)
        for row in snapshot.seconds.values()
    )


def _is_of_this_spell(emptied: Emptied, snapshot: Snapshot) -> bool:
    live = snapshot.board.live
    return live is not None and live.sku == emptied.sku and 1000 * emptied.at >= live.since


def _resumed(snapshot: Snapshot, emptied: Emptied) -> bool:
    """Whether it sells again, by more than single orders."""
    now = snapshot.now // 1000
    window_s = min(_BEFORE_S, max(1, now - emptied.last - 1))
    units = snapshot.recent(f"units_created|{emptied.sku}", window_s)
    return units > 1 + _RESUMED * emptied.per_s * window_s
