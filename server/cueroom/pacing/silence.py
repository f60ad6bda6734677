"""Silences: stretches in which the feed told nothing, although at its own pace it should have."""

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from math import ceil
from statistics import median

from cueroom.pacing.memory import Memory, Minute
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

_LATELY_S = 120
_FEW = 3
_NO_CHANCE = 7.0
"""Seconds that should have brought something and did not: by then a pause is no chance."""

_LONGEST_S, _LONGEST_KNOWN_S = 120, 600
"""The longest pause of what was hardly heard, and of what is known to come seldom."""


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


def is_no_pause(heard: Collection[int], silence_s: float, usual: Sequence[int]) -> bool:
    """Whether what was heard in these seconds would not pause that long by chance: by the last ones before and, of what
    comes seldom, by how many seconds of each of the usual minutes told it, too, since single orders come and fade."""
    last = max(heard, default=0)
    lately = [second in heard for second in range(last - _LATELY_S, last + 1)]
    told, known_s = sum(lately), len(lately) - lately.index(True) if heard else 0
    if told < _FEW or 2 * told < known_s:
        told, known_s = told + sum(usual), known_s + 60 * len(usual)
    longest_s = _LONGEST_KNOWN_S if told >= _FEW else _LONGEST_S
    return silence_s > longest_s or silence_s * told > _NO_CHANCE * known_s


def usual_minutes(memory: Memory, until_s: int) -> tuple[Minute, ...]:
    """The last of the whole minutes taken down that were over at a second."""
    later = ceil(max(0, (memory.minutes_until or 0) - until_s) / 60)
    return memory.minutes[: max(0, len(memory.minutes) - later)][-_USUAL_MIN:]


def tells_of_the_room(row: Mapping[str, int]) -> bool:
    """Whether a second told of the room: a feed of orders alone is silent while none come, and yet not lost."""
    return not ROOM_FIELDS.isdisjoint(row)


def tells_of_orders(row: Mapping[str, int]) -> bool:
    """Whether a second told of orders."""
    return not ORDER_FIELDS.isdisjoint(row)


def _pace(snapshot: Snapshot, minutes: tuple[Minute, ...]) -> float:
    """The part of the seconds that usually tells of the room; before the first whole minute, by the seconds so far."""
    if minutes:
        return median(minute.heard for minute in minutes[-_USUAL_MIN:]) / 60
    now = snapshot.now // 1000
    told = [second for second, row in snapshot.seconds.items() if second < now and tells_of_the_room(row)]
    return len(told) / (max(told) - min(told) + 1) if told else 0.0
