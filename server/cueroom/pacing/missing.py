"""Missing: orders that should have come by now and have not, and whether an empty shelf may be why."""

from typing import NamedTuple

import msgspec

from cueroom.pacing.lag import pause_s
from cueroom.pacing.memory import Emptied, Memory
from cueroom.pacing.silence import ORDER_FIELDS
from cueroom.show.board import OnAir
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
    before = range(last - _BEFORE_S, last)
    heard, created = sum(_heard(snapshot, second) for second in before), snapshot.summed("orders_created", before)
    is_chance = missing_s * heard < _IMPROBABLE * _BEFORE_S or missing_s * created < _IMPROBABLE_NEW * _BEFORE_S
    return Missing(last, silence, silence * created / _BEFORE_S, is_chance)


def _heard(snapshot: Snapshot, second: int) -> int:
    row = snapshot.seconds.get(second)
    return sum(row.get(field, 0) for field in ORDER_FIELDS) if row else 0


def looked_at_shelf(snapshot: Snapshot, memory: Memory) -> Memory:
    """The memory with whether the shelf of the item on air seems empty, though units are on it by the count: none of
    them sells, where all of them should be gone by now. So it is where a feed tells of paid orders alone, not of what
    unpaid ones hold; and were the orders only lost, the shelf would be empty by now, too."""
    live = snapshot.board.live
    shelf = snapshot.shelf(live.sku) if live else None
    if live is None or shelf is None or not shelf.on_shelf:
        return msgspec.structs.replace(memory, emptied=None)
    was = memory.emptied
    if was and (was.sku != live.sku or 1000 * was.at < live.since or _resumed(snapshot, was)):
        was = None
    if was and was.reserve == shelf.reserve:
        return memory
    since = was.at if was else 0  # After a batch was put on the shelf, what came before does not count.
    stop = _broke_off(snapshot, memory, live, since) or _fell_silent(snapshot, memory, live, since)
    if stop and _tells_of_paid_alone(snapshot):
        was = Emptied(live.sku, shelf.reserve, shelf.on_shelf, stop.last, snapshot.now // 1000, stop.per_s)
    return msgspec.structs.replace(memory, emptied=was)


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


class _Stop(NamedTuple):
    """The second after which no more is sold, and the units a second before."""

    last: int
    per_s: float


def _broke_off(snapshot: Snapshot, memory: Memory, live: OnAir, since: int) -> _Stop | None:
    """What sold fast broke off within seconds, as no interest fades, and unpaid orders may hold what is counted;
    single payments still come."""
    now = snapshot.now // 1000
    last = now - _BROKEN_S
    if last - _WHOLE_S < max(since, live.since // 1000) or pause_s(memory) > _TOLD_AT_ONCE_S:
        return None
    if snapshot.shelf(live.sku).on_shelf > _HELD * snapshot.counts(live.sku).units_created:
        return None
    before, lately = _pace(snapshot, live.sku, last, _WHOLE_S), _pace(snapshot, live.sku, now, _BROKEN_S)
    return _Stop(last, before) if before * _BROKEN_S >= _IMPROBABLE_NEW and lately <= _BROKEN * before else None


def _fell_silent(snapshot: Snapshot, memory: Memory, live: OnAir, since: int) -> _Stop | None:
    """No order comes at all, for so long that at their pace all that is counted should be gone."""
    missing = missing_orders(snapshot, memory)
    if missing is None or missing.is_chance:
        return None
    stop = _Stop(missing.last, _pace(snapshot, live.sku, missing.last, _BEFORE_S))
    missed = stop.per_s * (snapshot.now // 1000 - max(stop.last, since))
    return stop if snapshot.shelf(live.sku).on_shelf <= min(missed, snapshot.counts(live.sku).units_created) else None


def _pace(snapshot: Snapshot, sku: str, until: int, window_s: int) -> float:
    """Units a second that were ordered of an item in the window before that second."""
    return snapshot.summed(f"units_created|{sku}", range(until - window_s, until)) / window_s


def _tells_of_paid_alone(snapshot: Snapshot) -> bool:
    """Whether orders are told of only once they are paid or given up, so that they are so as soon as they are new."""
    return all(
        row.get("orders_created", 0) == row.get("orders_paid", 0) + row.get("orders_cancelled", 0)
        for row in snapshot.seconds.values()
    )


def _resumed(snapshot: Snapshot, emptied: Emptied) -> bool:
    """Whether it sells again, by more than single orders."""
    now = snapshot.now // 1000
    window_s = min(_BEFORE_S, max(1, now - emptied.last - 1))
    units = snapshot.recent(f"units_created|{emptied.sku}", window_s)
    return units > 1 + _RESUMED * emptied.per_s * window_s
