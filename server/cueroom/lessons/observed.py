"""What one show taught of each item that was on air: how it began to sell, how it faded, how many clicks were paid."""

import re
from math import exp, log, sqrt
from statistics import median

import msgspec

from cueroom.pacing.curve import HALF_LIVES_S, mean_of
from cueroom.pacing.memory import Known, Memory
from cueroom.pacing.room import room_of
from cueroom.show.board import Phase
from cueroom.show.rundown import Item, Role
from cueroom.show.state import MINUTE_MS, Snapshot

LEAST_MS = MINUTE_MS
"""An item that was on air for less has taught nothing but what was expected of it."""

_MADE_UP = re.compile(r"-try-\d{4}-\d{6}$")


class Measured(msgspec.Struct, frozen=True):
    """The logarithm of a figure, and its variance."""

    mean: float
    variance: float


class Observation(msgspec.Struct, frozen=True, kw_only=True):
    """One item in one show. `price` and `gmv` in minor units, `minutes` on air, `units` ordered, cards `clicked`,
    orders `paid`; `first`: units in the first minute on air before the show's usual room; `half_life`: seconds until
    it sold half as fast as at first. Both as the engine knew them in the end."""

    sku: str
    name: str
    category: str
    role: Role
    price: int
    minutes: float
    units: int
    clicked: int
    paid: int
    gmv: int
    first: Measured
    half_life: Measured


class Taught(msgspec.Struct, frozen=True, kw_only=True):
    """One show, which ended at `at` (ms). `room`: viewers in its usual room, None where no feed told; `middle`: the
    middle one of its prices, in minor units of `currency`; `made_up`: its audience was a simulated one."""

    show: str
    title: str
    at: int
    currency: str
    middle: int
    room: float | None
    made_up: bool
    items: tuple[Observation, ...]


def is_made_up(show: str) -> bool:
    """Whether the show is a copy that was tried on air before a made-up audience."""
    return _MADE_UP.search(show) is not None


def taught_by(snapshot: Snapshot, memory: Memory) -> Taught | None:
    """What a show taught that has ended; None for one that has not, or in which nothing was on air long enough."""
    board, rundown = snapshot.board, snapshot.rundown
    if board.phase is not Phase.ENDED or board.ended_at is None:
        return None
    room = room_of(snapshot, memory).usual
    seen = [
        _observation(snapshot, item, memory.known[item.sku], room)
        for item in rundown.items
        if item.sku in memory.known and board.air_ms(item.sku, snapshot.now) >= LEAST_MS
    ]
    if not seen:
        return None
    return Taught(
        show=rundown.id,
        title=rundown.title,
        at=board.ended_at,
        currency=rundown.currency,
        middle=middle_price(rundown.items),
        room=room if room > 1 else None,
        made_up=is_made_up(rundown.id),
        items=tuple(seen),
    )


def middle_price(items: tuple[Item, ...]) -> int:
    """The middle one of their prices, in minor units: prices are compared within a show, so any currency will do."""
    return max(1, round(median(item.price for item in items)))


def _observation(snapshot: Snapshot, item: Item, known: Known, room: float) -> Observation:
    counts = snapshot.counts(item.sku)
    first = known.appeal + log(room * mean_of(known.shapes).sold(60))
    return Observation(
        sku=item.sku,
        name=item.name,
        category=item.category,
        role=item.role,
        price=item.price,
        minutes=round(snapshot.board.air_ms(item.sku, snapshot.now) / MINUTE_MS, 2),
        units=counts.units_created,
        clicked=counts.clicked,
        paid=counts.orders_paid,
        gmv=counts.gmv,
        first=Measured(first, known.variance),
        half_life=_half_life(known),
    )


def _half_life(known: Known) -> Measured:
    logs = [log(half_life) for half_life in HALF_LIVES_S]
    mean = sum(weight * each for weight, each in zip(known.shapes, logs, strict=True)) / sum(known.shapes)
    parts = (weight * (each - mean) ** 2 for weight, each in zip(known.shapes, logs, strict=True))
    return Measured(mean, sum(parts) / sum(known.shapes))


def factor(variance: float) -> float:
    """The factor within which the truth lies two times in three, by the variance of the logarithm."""
    return exp(sqrt(variance))
