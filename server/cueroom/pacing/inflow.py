"""Inflow and interaction: a crowd that streams in, and a room that has fallen silent, each against its own usual."""

from math import sqrt
from statistics import median

from cueroom.pacing.view import Advice, Trait, View, per_cent
from cueroom.show.cues import Audience, Kind

BENEFIT = Trait(priority=3, audience=Audience.BOTH, stays_s=40, rests_s=900)
ENGAGE = Trait(priority=4, audience=Audience.BOTH, stays_s=40, rests_s=900)

_WINDOW_S = 45
_LATE_S = 3
_LEAST_MINUTES = 6
_LEAST_COMMENTS = 30
_DISPERSION = 4.0
_SURE_SD = 2.0
_IN_STEP, _MOST_RISE = 0.25, 4.0
"""Newcomers talk and buy less than those who stayed: so much of the rise, up to so large a one, must show."""


def advise_benefit(view: View) -> Advice | None:
    """Far more viewers come in than usual, and they stay: catch them."""
    minutes = view.memory.minutes[-15:]
    if len(minutes) < _LEAST_MINUTES:
        return None
    usual = float(median(minute.entered for minute in minutes))
    now = _recent(view, "entered")
    spread = max(median(abs(minute.entered - usual) for minute in minutes) * 1.5, sqrt(_DISPERSION * max(usual, 1)))
    above = now - usual
    rise = above / max(usual, 1)
    if above < 0.5 * view.policy.inflow_certainty_sd * spread:
        return None
    enough = above >= view.policy.inflow_certainty_sd * spread and rise >= view.policy.inflow_rise
    return Advice(
        kind=Kind.BENEFIT,
        rule="inflow",
        numbers={
            "sku": None,
            "name": None,
            "now_per_min_viewers": round(now),
            "baseline_per_min_viewers": round(usual),
            "rise_pct": per_cent(rise),
            "measure": "entered",
        },
        sample=round(now),
        ready=enough and _are_people(view, rise),
        after_s=10.0,
    )


def advise_engage(view: View) -> Advice | None:
    """Comments per viewer fell far below their own usual."""
    minutes = [minute for minute in view.memory.minutes[-15:] if minute.entered]
    if len(minutes) < _LEAST_MINUTES:
        return None
    usual = float(median(minute.commented for minute in minutes))
    per_entry = float(median(minute.commented / minute.entered for minute in minutes))
    entered = float(median([minute.entered for minute in minutes[-4:]]))
    now, expected = _recent(view, "commented"), min(usual, per_entry * entered)
    if expected < _LEAST_COMMENTS or now > expected * (1 - 0.8 * view.policy.engage_drop):
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


def _recent(view: View, field: str) -> float:
    """A field's rate a minute over the last seconds, the very last left out: they are still coming in."""
    last = view.now // 1000 - _LATE_S
    rows = (view.snapshot.seconds.get(second, {}) for second in range(last - _WINDOW_S, last))
    return sum(row.get(field, 0) for row in rows) * 60 / _WINDOW_S


def _are_people(view: View, rise: float) -> bool:
    """People who come also talk or buy, bots do not: comments or orders rose with them, and beyond chance. The orders
    of an item that came on air meanwhile rose by themselves."""
    fields = ("orders_created", "commented") if view.air_s > 2 * _WINDOW_S else ("commented",)
    return any(_rose(view, field, rise) for field in fields)


def _rose(view: View, field: str, rise: float) -> bool:
    last = view.now // 1000 - _LATE_S
    rows = [view.snapshot.seconds.get(last - ago, {}).get(field, 0) for ago in range(2 * _WINDOW_S)]
    now, before = sum(rows[:_WINDOW_S]), sum(rows[_WINDOW_S:])
    in_step = _IN_STEP * min(rise, _MOST_RISE) * before
    return now - before > max(in_step, _SURE_SD * sqrt(_DISPERSION * max(before, 1)))
