"""The room: how large the audience is, how fast it is renewed, and whether it talks; all by medians, which bursts
of bots do not move."""

from collections.abc import Iterable
from functools import lru_cache
from itertools import combinations
from math import exp, log
from statistics import median, median_low

import msgspec

from cueroom.pacing.memory import Memory, Minute
from cueroom.pacing.silence import Spans, silences, tells_of_orders, tells_of_the_room
from cueroom.show.state import Snapshot

KEPT_MIN = 30
"""Whole minutes of the room that are remembered."""

_LATE_S = 60
"""A minute is taken down this long after its end: by then late events are in."""

_LOST_S = 40
"""A minute of which so much was lost tells too little of the rest."""

_DWELL_S = 300.0
_DWELL_BOUNDS_S = (60.0, 1800.0)
_SMOOTH_MIN = 5

_FILLING, _FILLING_S = 0.35, 1200.0
"""A room that opens its doors will grow so much (as a factor's log), and gets there with this time constant: those who
stay long are few of those who come, and gather slowly. Assumed; what is seen of the room soon corrects it."""

_TREND_S = 600.0
"""Growth that is seen goes on for about so long."""

_EBB_S, _MOST_EBB = 1500.0, 0.35
"""A room that has shrunk for half an hour goes on doing so for longer, as the evening ends, yet not without end (a
factor's log). One that shrinks for less is taken as it is: after every burst it does, and steadies. Assumed."""

_TREND_MIN, _TREND_LEAST_MIN, _APART_MIN = 15, 5, 2


class Room(msgspec.Struct, frozen=True):
    """`level`: viewers in the room (1 while nothing is `known` of them); `usual`: the same over the last half hour;
    `dwell_s`: how long one stays, about; `growth`: how far it will still grow, or shrink if below zero, as a factor's
    log."""

    level: float
    usual: float
    dwell_s: float
    known: bool = True
    growth: float = 0.0

    def newcomers(self, gap_s: float) -> float:
        """The part of the room that came within the last `gap_s`."""
        return 1 - exp(-max(0.0, gap_s) / self.dwell_s)

    def later(self, wait_s: float) -> float:
        """How many times as large as now the room will be after `wait_s`."""
        takes_s = _EBB_S if self.growth < 0 else _TREND_S
        return exp(self.growth * (1 - exp(-max(0.0, wait_s) / takes_s)))


def room_of(snapshot: Snapshot, memory: Memory) -> Room:
    """The room as it is now."""
    minutes = memory.minutes
    every = [minute.online for minute in minutes if minute.online]
    gauges = every[-5:]
    entries = [minute.entered for minute in minutes[-10:]]
    per_s = median(entries) / 60 if entries else 0.0
    if snapshot.online or gauges:
        level = median_low([*gauges, float(snapshot.online)]) if gauges else float(snapshot.online)
        usual = max(1.0, median([*every, level]))
        return Room(max(level, 1.0), usual, _dwell(level, per_s), growth=_growth(snapshot, every))
    if snapshot.totals.left and minutes:
        level = max(1.0, float(snapshot.totals.entered - snapshot.totals.left))
        return Room(level, level, _dwell(level, per_s))
    if not per_s:
        return Room(1.0, 1.0, _DWELL_S, known=False)
    level = max(1.0, _held(minutes))
    return Room(level, level, _DWELL_S)


def _growth(snapshot: Snapshot, levels: list[float]) -> float:
    """How far the room will still grow (log): as rooms of its age do until its own trend can be seen, and never more
    than these. Or, below zero, how far it will shrink, by the slower of its trends of late and of the last half hour.
    """
    started_at = snapshot.board.started_at
    if started_at is None:
        return 0.0
    expected = _FILLING * exp(-(snapshot.now - started_at) / 1000 / _FILLING_S)
    if len(levels) < _TREND_LEAST_MIN:
        return expected
    lately = _trend(tuple(levels[-_TREND_MIN:])) / 60
    if lately > 0 or len(levels) < KEPT_MIN:
        return min(max(lately * _TREND_S, 0.0), expected)
    ebb = min(max(lately, _trend(tuple(levels)) / 60), 0.0)
    return max(ebb * _EBB_S, -_MOST_EBB)


@lru_cache(maxsize=256)
def _trend(levels: tuple[float, ...]) -> float:
    """The growth a minute (log): the median of all pairs far enough apart (Theil and Sen), which no burst moves."""
    logs = [log(level) for level in levels]
    pairs = [(i, j) for i, j in combinations(range(len(logs)), 2) if j - i >= _APART_MIN]
    return median((logs[j] - logs[i]) / (j - i) for i, j in pairs)


def _held(minutes: tuple[Minute, ...]) -> float:
    """Viewers by entries alone, if as many as since came before the first of the minutes."""
    weights = [exp(-60 * age / _DWELL_S) for age in range(len(minutes))]
    lately = zip(reversed(_smoothed(minutes)), weights, strict=True)
    entered = sum(entered * weight for entered, weight in lately) / sum(weights)
    return entered / (1 - exp(-60 / _DWELL_S))


def _smoothed(minutes: tuple[Minute, ...]) -> list[float]:
    """Entries by the minute, each the median of the last few: a short burst leaves no trace."""
    entered = [float(minute.entered) for minute in minutes]
    return [median(entered[max(0, end - _SMOOTH_MIN) : end]) for end in range(1, len(entered) + 1)]


def minutes_of(snapshot: Snapshot, memory: Memory) -> tuple[tuple[Minute, ...], int | None]:
    """The whole minutes of the room from the show's start on, with the one that has become old enough taken down unless
    the feed was lost in it, and the second at which the last one ended. Of several the last is taken down: the snapshot
    holds no older seconds."""
    started_at, until = snapshot.board.started_at, memory.minutes_until
    if started_at is None:
        return memory.minutes, until
    since = started_at // 1000 if until is None else until
    over = (snapshot.now // 1000 - _LATE_S - since) // 60
    if over < 1:
        return memory.minutes, until
    until = since + 60 * over
    minute = _minute(snapshot, until - 60, silences(snapshot, memory.minutes))
    return (*memory.minutes, *([minute] if minute else []))[-KEPT_MIN:], until


def _minute(snapshot: Snapshot, since_s: int, silent: Spans) -> Minute | None:
    """The minute from then on, by those of its seconds that the feed was there for; None if those are too few."""
    lost = sum(max(0, min(until, since_s + 60) - max(since, since_s)) for since, until in silent)
    if lost > _LOST_S:
        return None
    rows = [snapshot.seconds.get(second, {}) for second in range(since_s, since_s + 60)]
    gauges = [row["online"] for row in rows if "online" in row]

    def whole(counts: Iterable[int]) -> int:
        return round(sum(counts) * 60 / (60 - lost))

    return Minute(
        entered=whole(row.get("entered", 0) for row in rows),
        left=whole(row.get("left", 0) for row in rows),
        commented=whole(row.get("commented", 0) for row in rows),
        online=sum(gauges) / len(gauges) if gauges else 0.0,
        heard=whole(map(tells_of_the_room, rows)),
        ordered=whole(map(tells_of_orders, rows)),
    )


def _dwell(level: float, entered_per_s: float) -> float:
    """In a steady room as many come as go: viewers = entries a second × seconds stayed."""
    low, high = _DWELL_BOUNDS_S
    return min(max(level / entered_per_s, low), high) if entered_per_s else _DWELL_S
