"""Inflow and interaction: a crowd that streams in, and a room that has fallen silent, each against its own usual."""

from math import ceil, sqrt
from statistics import fmean, median, pstdev
from typing import NamedTuple

from cueroom.pacing.silence import heard_for_s
from cueroom.pacing.view import Advice, Numbers, Trait, View, per_cent
from cueroom.show.cues import Audience, Kind

BENEFIT = Trait(priority=3, audience=Audience.BOTH, stays_s=40, rests_s=600)
ENGAGE = Trait(priority=4, audience=Audience.BOTH, stays_s=40, rests_s=900)

_CROWD_S, _TALK_S = 30, 45
_LATE_S = 3
_LEAST_MINUTES = 6
_TALK_LONGEST_S, _LEAST_COMMENTS = 150, 22
"""Where few talk, it takes so long to know that they fell silent: until so many comments are missed."""

_DISPERSION_ENTERED = 1.5
_DISPERSION = 4.0
_SURE_SD = 2.0
_STAY = 0.5
_BEFORE_S, _NOW_S = 20, 10
"""The gauge before the crowd came, and now: so large a part of those who came must still be there. Bots enter by the
minute without staying."""

_IN_STEP, _MOST_RISE = 0.25, 4.0
"""Newcomers talk and buy less than those who stayed: so much of the rise, up to so large a one, must show."""


def advise_benefit(view: View) -> Advice | None:
    """Far more viewers come in than usual, and they stay: catch them. Of a feed that tells of no entries, far more are
    in the room."""
    minutes = view.memory.minutes[-15:]
    entered = [float(minute.entered) for minute in minutes if minute.entered]
    return _by_entries(view, entered) if entered else _by_gauge(view, [each.online for each in minutes if each.online])


def _by_entries(view: View, entered: list[float]) -> Advice | None:
    rise = _rise(view, _recent(view, "entered", _CROWD_S), entered, _DISPERSION_ENTERED * 60 / _CROWD_S)
    if rise is None:
        return None
    numbers: Numbers = {
        "now_per_min_viewers": round(rise.now),
        "baseline_per_min_viewers": round(rise.usual),
        "measure": "entered",
    }
    return _benefit("inflow", rise, numbers, stay=_stay(view, rise.usual) or _take_part(view, rise.part))


def _by_gauge(view: View, online: list[float]) -> Advice | None:
    now = _rows(view, view.now // 1000 - _NOW_S, view.now // 1000, "online")
    rise = _rise(view, fmean(now), online, _DISPERSION) if now else None
    if rise is None:
        return None
    numbers: Numbers = {
        "now_viewers": round(rise.now),
        "baseline_viewers": round(rise.usual),
        "measure": "online",
    }
    return _benefit("inflow_online", rise, numbers, stay=_take_part(view, rise.part))


class _Rise(NamedTuple):
    """How far a measure of the room is above its usual value, and whether that is beyond chance."""

    now: float
    usual: float
    part: float
    enough: bool


def _rise(view: View, now: float, before: list[float], dispersion: float) -> _Rise | None:
    """The rise against the minutes before that told of it, where there is one; `dispersion`: variance by the mean, by
    chance."""
    if len(before) < _LEAST_MINUTES:
        return None
    usual = float(median(before))
    above = now - usual
    if above <= 0:
        return None
    spread = max(median(abs(each - usual) for each in before) * 1.5, sqrt(dispersion * max(usual, 1)))
    part = above / max(usual, 1)
    enough = above >= view.policy.inflow_certainty_sd * spread and part >= view.policy.inflow_rise
    return _Rise(now, usual, part, enough)


def _benefit(rule: str, rise: _Rise, numbers: Numbers, stay: bool) -> Advice:
    return Advice(
        kind=Kind.BENEFIT,
        rule=rule,
        numbers={"sku": None, "name": None, **numbers, "rise_pct": per_cent(rise.part)},
        sample=round(rise.now),
        ready=rise.enough and stay,
        after_s=5.0,
    )


def advise_engage(view: View) -> Advice | None:
    """Comments per viewer fell far below their own usual."""
    expected = _usual_comments(view)
    window_s = max(_TALK_S, ceil(60 * _LEAST_COMMENTS / expected)) if expected else _TALK_LONGEST_S + 1
    if window_s > _TALK_LONGEST_S or heard_for_s(view.snapshot, view.stage.silent) < window_s + _LATE_S:
        return None
    now = _recent(view, "commented", window_s)
    if now > expected * (1 - 0.8 * view.policy.engage_drop):
        return None
    return Advice(
        kind=Kind.ENGAGE,
        rule="comments_fall",
        numbers={
            "now_per_min_comments": round(now),
            "baseline_per_min_comments": round(expected),
            "drop_pct": per_cent(1 - now / expected),
        },
        sample=round(now),
        ready=now <= expected * (1 - view.policy.engage_drop),
        after_s=20.0,
    )


def _usual_comments(view: View) -> float:
    """Comments a minute that as many viewers as there are now usually make; none while that is not known. Viewers are
    those who enter, or those in the room where the feed tells of no entries."""
    minutes = view.memory.minutes[-15:]
    sizes = [float(minute.entered) for minute in minutes]
    if not any(sizes):
        sizes = [minute.online for minute in minutes]
    talk = [(minute.commented, size) for minute, size in zip(minutes, sizes, strict=True) if size]
    if len(talk) < _LEAST_MINUTES:
        return 0.0
    usual = median(commented for commented, _ in talk)
    per_viewer = median(commented / size for commented, size in talk)
    return min(float(usual), per_viewer * median(size for _, size in talk[-4:]))


def _recent(view: View, field: str, window_s: int) -> float:
    """A field's rate a minute over the last seconds, the very last left out: they are still coming in."""
    last = view.now // 1000 - _LATE_S
    return sum(_rows(view, last - window_s, last, field)) * 60 / window_s


def _rows(view: View, since_s: int, until_s: int, field: str) -> list[int]:
    """A field of those seconds, where it was told."""
    rows = (view.snapshot.seconds.get(second, {}) for second in range(since_s, until_s))
    return [row[field] for row in rows if field in row]


def _stay(view: View, usual: float) -> bool:
    """People who come are in the room then: it grew by most of those above the usual, and by more than its gauge
    trembles."""
    now = view.now // 1000
    since = now - _CROWD_S - _LATE_S
    before, after = _rows(view, since - _BEFORE_S, since, "online"), _rows(view, now - _NOW_S, now, "online")
    if not before or not after:
        return False
    grown, came = fmean(after) - fmean(before), sum(_rows(view, since, now, "entered")) - usual * (now - since) / 60
    return grown >= max(_STAY * came, _SURE_SD * pstdev(before))


def _take_part(view: View, rise: float) -> bool:
    """People who come also talk or buy, bots do not: comments or orders rose with them, and beyond chance. The orders
    of an item that came on air meanwhile rose by themselves."""
    fields = ("orders_created", "commented") if view.air_s > 2 * _TALK_S else ("commented",)
    return any(_rose(view, field, rise) for field in fields)


def _rose(view: View, field: str, rise: float) -> bool:
    last = view.now // 1000 - _LATE_S
    rows = [view.snapshot.seconds.get(last - ago, {}).get(field, 0) for ago in range(2 * _TALK_S)]
    now, before = sum(rows[:_TALK_S]), sum(rows[_TALK_S:])
    in_step = _IN_STEP * min(rise, _MOST_RISE) * before
    return now - before > max(in_step, _SURE_SD * sqrt(_DISPERSION * max(before, 1)))
