"""The price of a minute: what the clock that is left is worth, if every item gets the time it deserves."""

from math import exp, log, sqrt

import msgspec

from cueroom.pacing.curve import Mean, Weights, mean_of
from cueroom.pacing.memory import Known, Market
from cueroom.pacing.policy import Policy
from cueroom.pacing.promise import ITEM_SD, Crowd, shapes_of
from cueroom.pacing.rates import Estimate, Promise
from cueroom.pacing.room import Room
from cueroom.pacing.silence import Spans
from cueroom.show.rundown import Item
from cueroom.show.state import Snapshot

_NODES = ((-1.732, 1 / 6), (0.0, 2 / 3), (1.732, 1 / 6))
"""Three points of a normal distribution that stand for it (Gauss-Hermite)."""

_ROUNDS, _NEAR = 16, 0.4
_MOST_SD = 0.9
_TAIL_MIDDLE = 0.5
_LEAST_PRICE = 0.03
"""Of the average: an item that sells nothing is not kept on air for a room that grows."""

_COMES_BACK = 0.5
"""Part of the items still to come that turn out worth bringing back; assumed."""

_HIGH_SD = 1.65
_LEAST_SPREAD, _MOST_SPREAD = 0.2, 0.25


class Offer(msgspec.Struct, frozen=True):
    """Air time on offer: an item at one guess of its appeal. `first` is what its first second is worth (minor
    units), `done_s` the selling time it has had, `least_s` and `most_s` the bounds of the time from here."""

    sku: str
    first: float
    chance: float
    curve: Mean
    least_s: float
    most_s: float
    done_s: float = 0.0
    intro_s: float = 0.0
    optional_s: float = 0.0

    def time(self, price: float) -> float:
        """The time it deserves while a second costs `price`; an encore that brings less than its time costs gets none,
        one that would be left before its least time may still bring more."""
        wanted = min(self.curve.time_to(price / self.first) - self.done_s, self.most_s)
        time = max(self.least_s, self.optional_s, wanted, 0.0) + self.intro_s
        return 0.0 if self.optional_s and self.value(time) < price * time else time

    def value(self, time_s: float) -> float:
        """What it brings in that time from here, in minor units."""
        selling = max(0.0, min(time_s - self.intro_s, self.most_s))
        return self.first * (self.curve.sold(self.done_s + selling) - self.curve.sold(self.done_s))


class Stage(msgspec.Struct, frozen=True):
    """All that the price depends on, and while an item is on air the silences that it was judged through; `worths`:
    minor units that a unit of each item brings."""

    snapshot: Snapshot
    policy: Policy
    room: Room
    known: dict[str, Known]
    worths: dict[str, float]
    shapes: Weights
    estimate: Estimate | None
    silent: Spans = ()


def left_s(snapshot: Snapshot) -> float:
    """Seconds until the planned end: the planned length counts from the real start."""
    start = snapshot.board.started_at
    begun = snapshot.rundown.starts_at if start is None else start
    return 60 * snapshot.rundown.duration_min - (snapshot.now - begun) / 1000


def sellable(snapshot: Snapshot, item: Item) -> int:
    """Units that can still be sold and, where the sheet says so, leave the warehouse in 48 hours."""
    left = snapshot.shelf(item.sku).left
    if item.ship_48h is None:
        return left
    counts = snapshot.counts(item.sku)
    return max(0, min(left, item.ship_48h - (counts.units_created - counts.units_settled)))


def to_play(snapshot: Snapshot) -> list[Item]:
    """The items still to come that have something to sell, in running order."""
    items = {item.sku: item for item in snapshot.rundown.items}
    return [items[sku] for sku in snapshot.board.to_come if sku in items and snapshot.shelf(sku).left > 0]


def market_of(stage: Stage, before: Market | None = None) -> Market:
    """The price at which the air times worth having use exactly the clock that is left; `before`: as last computed."""
    snapshot = stage.snapshot
    coming = to_play(snapshot)
    crowd = Crowd(snapshot.rundown, stage.known, stage.room.usual)
    promises = [crowd.promise(item) for item in coming]
    offers = [offer for item, promise in zip(coming, promises, strict=True) for offer in _offers(stage, item, promise)]
    encores = [*encore_offers(stage, _encore_at(stage)), *_later_encores(stage, coming, promises)]
    again = sorted(encores, key=lambda offer: -offer.first)
    again = again[: max(0, stage.policy.encore_most - encores_so_far(snapshot))]
    staying = _staying(stage)
    clock = max(0.0, left_s(snapshot)) - stage.policy.switch_s * len(coming)
    needed = sum(offer.chance * offer.least_s for offer in offers)
    everything = [*offers, *again, *staying]
    price = _solve(everything, clock, before.price if before else None) if everything else 0.0
    average = _worth(everything, price) / max(clock, 60.0)
    price = _in_time(max(price, stage.policy.price_floor * average), average, stage.room.later(left_s(snapshot)))
    spread = _spread(promises)
    return Market(
        at=snapshot.now,
        price=price if offers or again else None,
        spread=spread,
        promises=_promises(offers, price),
        to_come=_worth(everything, price),
        to_come_spread=spread,
        needed_s=needed + stage.policy.switch_s * len(coming),
        starts=_starts(stage, coming, promises),
    )


def _in_time(price: float, average: float, later: float) -> float:
    """The price of a minute now, where `price` would be that of a steady room and `average` what its time brings:
    waiting costs the last minute of the clock, in a room `later` times as large, but everything before it comes later
    too, to a room that has grown meanwhile."""
    return max(price * later - average * (later - 1), _LEAST_PRICE * average)


def _starts(stage: Stage, coming: list[Item], promises: list[Promise]) -> dict[str, float]:
    """How fast the next item, and those already shown, may sell as soon as they are on air: a high guess."""
    hopes = {item.sku: (promise.appeal, promise.variance) for item, promise in zip(coming[:1], promises, strict=False)}
    hopes |= {sku: (known.appeal, known.variance) for sku, known in stage.known.items()}
    level = stage.room.level
    return {sku: level * exp(mean + _HIGH_SD * min(_MOST_SD, sqrt(var))) for sku, (mean, var) in hopes.items()}


def _offers(stage: Stage, item: Item, promise: Promise) -> list[Offer]:
    curve = mean_of(shapes_of(item, stage.shapes))
    sd = min(_MOST_SD, sqrt(promise.variance))
    stock = stage.snapshot.shelf(item.sku).left
    offers = []
    for point, chance in _NODES:
        units = exp(promise.appeal + point * sd) * stage.room.level
        offers.append(
            Offer(
                sku=item.sku,
                first=max(1e-9, units * stage.worths[item.sku]),
                chance=chance,
                curve=curve,
                least_s=max(stage.policy.least_s(item), stage.policy.judged_from_s(item) + stage.policy.reaction_s),
                most_s=curve.time_for(stock / units),
            )
        )
    return offers


def _staying(stage: Stage) -> list[Offer]:
    """The rest of the item on air."""
    estimate, live = stage.estimate, stage.snapshot.board.live
    item = stage.snapshot.rundown.item(estimate.sku) if estimate else None
    if estimate is None or item is None or live is None:
        return []
    curve = mean_of(estimate.weights)
    units = max(1e-12, estimate.rate() / curve.rate(estimate.at_s))
    stock = stage.snapshot.shelf(item.sku).left
    return [
        Offer(
            sku=item.sku,
            first=max(1e-9, units * stage.worths[item.sku]),
            chance=1.0,
            curve=curve,
            least_s=max(0.0, stage.policy.least_s(item) - (stage.snapshot.now - live.since) / 1000),
            most_s=max(0.0, curve.time_for(curve.sold(estimate.at_s) + stock / units) - estimate.at_s),
            done_s=estimate.at_s,
        )
    ]


def _encore_at(stage: Stage) -> float:
    """When encores will be played, about (ms): in the middle of the tail, or now once that has begun."""
    tail_s = 60 * stage.policy.encore_tail_min * _TAIL_MIDDLE
    return stage.snapshot.now + 1000 * max(0.0, left_s(stage.snapshot) - tail_s)


def encores_so_far(snapshot: Snapshot, sku: str | None = None) -> int:
    """How often an item (or any) came back on air after another one."""
    board = snapshot.board
    spells = [play.sku for play in board.plays] + ([board.live.sku] if board.live else [])
    turns = [spell for i, spell in enumerate(spells) if i == 0 or spells[i - 1] != spell]
    return sum(1 for i, turn in enumerate(turns) if turn in turns[:i] and sku in (None, turn))


def encore_offers(stage: Stage, at_ms: float) -> list[Offer]:
    """What every item already shown would bring if it came back at that time (ms since the epoch)."""
    policy, snapshot = stage.policy, stage.snapshot
    if not policy.encore_most:
        return []
    live = snapshot.board.live.sku if snapshot.board.live else None
    offers = []
    for item in snapshot.rundown.items:
        known = stage.known.get(item.sku)
        if known is None or not item.encore or item.sku == live:
            continue
        if encores_so_far(snapshot, item.sku) >= policy.encore_item_most:
            continue
        gap_s = (at_ms - known.off_at) / 1000
        offers.append(_encore(stage, item, known.appeal, mean_of(known.shapes), gap_s))
    return [offer for offer in offers if offer.most_s]


def _later_encores(stage: Stage, coming: list[Item], promises: list[Promise]) -> list[Offer]:
    """What the items still to come would bring if they came back in the tail; they are shown half-way to it, about."""
    gap_s = (_encore_at(stage) - stage.snapshot.now) / 2000
    offers = [
        _encore(stage, item, promise.appeal, mean_of(stage.shapes), gap_s)
        for item, promise in zip(coming, promises, strict=True)
        if item.encore
    ]
    return [msgspec.structs.replace(offer, chance=_COMES_BACK) for offer in offers if offer.most_s]


def _encore(stage: Stage, item: Item, appeal: float, curve: Mean, gap_s: float) -> Offer:
    """An item (`appeal`: the log of its first units a second per unit of level) that comes back after `gap_s`;
    with no time where nothing of it can be sold."""
    policy = stage.policy
    unseen = min(1.0, stage.room.newcomers(gap_s) + policy.encore_regret)
    units = exp(appeal) * stage.room.level * unseen
    return Offer(
        sku=item.sku,
        first=max(1e-9, units * stage.worths[item.sku]),
        chance=1.0,
        curve=curve,
        least_s=0.0,
        most_s=curve.time_for(sellable(stage.snapshot, item) / units),
        intro_s=policy.encore_intro_s,
        optional_s=policy.encore_min_s,
    )


def _solve(offers: list[Offer], clock_s: float, near: float | None) -> float:
    """Bisection in the logarithm of the price; around the one before, which has seldom gone far."""
    low = log(min(offer.first for offer in offers)) - 8
    high = log(max(offer.first for offer in offers))
    rounds = _ROUNDS
    if near and _wanted(offers, near / exp(_NEAR)) > clock_s >= _wanted(offers, near * exp(_NEAR)):
        low, high, rounds = log(near) - _NEAR, log(near) + _NEAR, _ROUNDS // 2
    for _ in range(rounds):
        middle = (low + high) / 2
        if _wanted(offers, exp(middle)) > clock_s:
            low = middle
        else:
            high = middle
    return exp((low + high) / 2)


def _wanted(offers: list[Offer], price: float) -> float:
    """Seconds that all of them deserve at that price."""
    return sum(offer.chance * offer.time(price) for offer in offers)


def _worth(offers: list[Offer], price: float) -> float:
    """What all of them bring at that price, in minor units."""
    return sum(offer.chance * offer.value(offer.time(price)) for offer in offers)


def _promises(offers: list[Offer], price: float) -> dict[str, float]:
    """Of each item to come, what a second brings over its best time."""
    values: dict[str, float] = {}
    times: dict[str, float] = {}
    for offer in offers:
        time = max(offer.time(price), 60.0)
        values[offer.sku] = values.get(offer.sku, 0.0) + offer.chance * offer.value(time)
        times[offer.sku] = times.get(offer.sku, 0.0) + offer.chance * time
    return {sku: values[sku] / times[sku] for sku in values}


def _spread(promises: list[Promise]) -> float:
    """How uncertain the price is, as its log's standard deviation: what all promises share, and their mean's own."""
    if not promises:
        return _LEAST_SPREAD
    own = ITEM_SD * ITEM_SD
    shared = sum(max(0.0, promise.variance - own) for promise in promises) / len(promises)
    return min(_MOST_SPREAD, sqrt(shared + own / len(promises)))
