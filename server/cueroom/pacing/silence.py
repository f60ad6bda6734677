"""Silences: stretches in which the feed told nothing, although at its own pace it should have."""

from collections.abc import Mapping
from itertools import pairwise
from statistics import median

from cueroom.pacing.memory import Minute
from cueroom.show.state import RECENT_S, Snapshot

Spans = tuple[tuple[int, int], ...]
"""Stretches of seconds, each [from, until)."""

_MISSED = 6.0
"""Seconds that should have told of the room and did not: by then a silence is no chance."""

ORDER_FIELDS = frozenset({"orders_created", "orders_paid", "orders_cancelled"})
"""What a second tells of orders."""

ROOM_FIELDS = frozenset({"online", "entered", "left", "commented", "liked", "viewed"})
"""What a second tells of the room."""

_USUAL_MIN = 10


def silences(snapshot: Snapshot, minutes: tuple[Minute, ...]) -> Spans:
    """The stretches of the snapshot's seconds in which nothing was heard, whole, each too long for chance. What was or
    was not sold in them nobody knows."""
    pace = _pace(snapshot, minutes)
    now = snapshot.now // 1000
    since = now - RECENT_S
    before = [since] if minutes else []
    heard = [*before, *sorted(second for second in snapshot.seconds if since < second < now), now]
    return tuple((last + 1, first) for last, first in pairwise(heard) if (first - last - 1) * pace > _MISSED)


def heard_for_s(snapshot: Snapshot, silent: Spans) -> float:
    """Seconds since the last of those stretches was over."""
    return snapshot.now / 1000 - max((until for _, until in silent), default=0)


def tells_of_the_room(row: Mapping[str, int]) -> bool:
    """Whether a second told of the room: a feed of orders alone is silent while none come, and yet not lost."""
    return not ROOM_FIELDS.isdisjoint(row)


def _pace(snapshot: Snapshot, minutes: tuple[Minute, ...]) -> float:
    """The part of the seconds that usually tells of the room; before the first whole minute, by the seconds so far."""
    if minutes:
        return median(minute.heard for minute in minutes[-_USUAL_MIN:]) / 60
    now = snapshot.now // 1000
    told = [second for second, row in snapshot.seconds.items() if second < now and tells_of_the_room(row)]
    return len(told) / (max(told) - min(told) + 1) if told else 0.0
