"""The plan: where the show should be by now on the curve of the rundown, and what that leaves to do."""

from functools import lru_cache
from itertools import pairwise
from math import exp, log, sqrt

from cueroom.pacing.memory import Market
from cueroom.pacing.price import left_s
from cueroom.pacing.promise import expectations, planned_time
from cueroom.pacing.view import Advice, Trait, View
from cueroom.show.board import Phase
from cueroom.show.cues import Audience, Kind
from cueroom.show.rundown import Item, Rundown
from cueroom.show.state import PlanLine, Snapshot

PLAN = Trait(priority=5, audience=Audience.PRODUCER, stays_s=120, rests_s=1800)

_STILL = 0.5
"""A lead or lag that was told stands until it is less than this part of what it takes to be told."""

_WIDE = 1.28
"""Eight times of ten the end lies within the forecast's range."""

Curve = tuple[tuple[float, float], ...]
"""Points (seconds of show, minor units by then), rising."""


def planned_curve(rundown: Rundown) -> Curve:
    """The planned GMV over the show: each item brings its share of the goal during its minutes.

    Planned minutes longer than the show are pressed into it; where they are shorter, the shares that are left
    (an encore's, say) come in the time that is left."""
    return _curve(rundown.planned, rundown.duration_min, rundown.goal)


@lru_cache(maxsize=64)
def _curve(items: tuple[Item, ...], duration_min: float, goal: int) -> Curve:
    """The curve of one sheet, which is asked for at every decision."""
    shares = _shares(items, goal)
    minutes = sum(item.minutes for item in items)
    pressed = min(1.0, duration_min / minutes) if minutes else 1.0
    points = [(0.0, 0.0)]
    for item in items:
        at_s, value = points[-1]
        points.append((at_s + 60 * item.minutes * pressed, value + shares[item.sku] * goal))
    return (*points, (max(points[-1][0], 60 * duration_min), float(goal)))


def planned_shares(rundown: Rundown) -> dict[str, float]:
    """Every item's share of the goal: the sheet's, or what price, role, stock and minutes let expect; nothing for what
    was inserted during the show."""
    return {item.sku: 0.0 for item in rundown.items} | _shares(rundown.planned, rundown.goal)


def _shares(items: tuple[Item, ...], goal: int) -> dict[str, float]:
    given = {item.sku: item.share for item in items if item.share is not None}
    left = max(0.0, 1 - sum(given.values()))
    sheet = expectations(items, goal)
    derived = {item.sku: exp(sheet[item.sku]) * item.price * planned_time(item) for item in items if item.share is None}
    total = sum(derived.values()) or 1.0
    shares = given | {sku: left * value / total for sku, value in derived.items()}
    over = max(1.0, sum(shares.values()))
    return {sku: share / over for sku, share in shares.items()}


def plan_line(snapshot: Snapshot, market: Market | None, on_s: float) -> PlanLine:
    """Where the show stands. Ahead and behind are told in time along the planned curve and in money."""
    rundown, gmv = snapshot.rundown, snapshot.totals.gmv
    curve = planned_curve(rundown)
    elapsed = min(snapshot.elapsed_ms / 1000, curve[-1][0])
    expected = _along(curve, elapsed)
    offset = _along(tuple((value, at_s) for at_s, value in curve), gmv) - elapsed
    status = "on" if abs(offset) < on_s else "ahead" if offset > 0 else "behind"
    minutes = left_s(snapshot) / 60
    over = snapshot.board.phase is Phase.ENDED
    forecast, low, high = (gmv, gmv, gmv) if over else _forecast(snapshot, market)
    return PlanLine(
        goal=rundown.goal,
        expected=round(expected),
        gap=round(gmv - expected),
        offset_s=round(abs(offset)),
        status=status,
        needed_per_min=round(max(0, rundown.goal - gmv) / minutes) if minutes > 0 and not over else None,
        forecast=forecast,
        forecast_low=low,
        forecast_high=high,
    )


def advise_plan(view: View, line: PlanLine) -> Advice | None:
    """Tell a clear lead or lag while the plan lasts, and by money that is heard of; nothing is re-planned by it."""
    if view.snapshot.elapsed_ms < 2000 * view.policy.plan_on_s or view.left_s <= 0:
        return None
    if not line.gap or line.offset_s < _STILL * view.policy.plan_on_s or not view.hears_of_payments:
        return None
    kind = Kind.AHEAD if line.gap > 0 else Kind.BEHIND
    return Advice(
        kind=kind,
        rule=f"plan_{kind.value}",
        numbers={
            "gap_minor": abs(line.gap),
            "offset_min": round(line.offset_s / 60),
            "expected_minor": line.expected,
            "gmv_minor": view.snapshot.totals.gmv,
            "needed_per_min": line.needed_per_min,
            "currency": view.currency,
        },
        sample=view.snapshot.totals.orders_paid,
        ready=line.status == kind.value,
        after_s=30.0,
    )


def _forecast(snapshot: Snapshot, market: Market | None) -> tuple[int | None, int | None, int | None]:
    """(GMV at the end, low, high): what is in and what is to come, if the remaining time is used well."""
    if market is None:
        return None, None, None
    counts = snapshot.totals
    paid = (counts.units_paid + 10) / (counts.units_created + 10)
    coming = market.to_come * min(1.0, paid)
    factor = exp(_WIDE * sqrt(market.to_come_spread**2 + log(1.1) ** 2))
    return round(counts.gmv + coming), round(counts.gmv + coming / factor), round(counts.gmv + coming * factor)


def _along(points: Curve, x: float) -> float:
    """The curve's value at `x`; beyond its ends the value of the end."""
    for (x0, y0), (x1, y1) in pairwise(points):
        if x <= x1:
            return y0 + (y1 - y0) * max(0.0, x - x0) / (x1 - x0) if x1 > x0 else y1
    return points[-1][1]
