"""Effect: what followed an accepted cue, beside what the engine expected without it.

The forecast is fixed at the acceptance: the last minute's orders and payments go on; those of the item on air fade as
its estimated decay says, and end with its stock. It looks at a window of minutes, not at the show: an item
brought forward is missing later, which no window shows."""

from collections.abc import Iterable
from math import sqrt

import msgspec

from cueroom.pacing.memory import Memory
from cueroom.pacing.policy import Policy
from cueroom.pacing.promise import usual_shapes
from cueroom.pacing.rates import Estimate, bins_of, estimate_of
from cueroom.pacing.room import room_of
from cueroom.pacing.silence import silences
from cueroom.show.board import Board, Phase
from cueroom.show.cues import CALLS, Cue, CueState, Doubt, Effect, EffectOutcome, Kind
from cueroom.show.state import Snapshot

WINDOW_S = 90
"""Long enough for an item's first rush to pass and for tens of orders at usual rates; short enough for the decay's
forecast to hold, and for another act to be rare."""
SETTLE_S = 10
"""A window is read so long after its end: by then late events are in."""
BASE_S = 60
"""The forecast goes on from what came in so long before the acceptance."""
LEAST_ORDERS = 10
"""With fewer, expected and seen, even twice as many may be chance."""
UNMEASURED = frozenset({Kind.MESSAGE, Kind.BLIND})
"""Cues that ask for nothing that could sell."""

_DISPERSION = 3.0
"""Orders come in bursts: their variance is about three times a Poisson's."""
_CV = 0.3
"""How far the decay's forecast may be off, as a part of it. With both, nineteen of twenty windows of simulated
shows in which nothing was done lie within the range."""
_WIDE = 2.1
"""The range reaches so many standard deviations to either side."""
_FRESH_S = 20
_MOST_REACTION_S = 60.0
_STEP_S = 5
_OPEN_MS = 110_000
"""A cue found accepted longer ago is not watched any more: the seconds before it are gone."""


class Forecast(msgspec.Struct, frozen=True, array_like=True):
    """What a window brings without the cue: GMV in minor units and its standard deviation, orders, viewers (None: no
    gauge); `sample` orders were looked at."""

    gmv: float
    sd: float
    orders: float
    online: float | None
    sample: int


class Watch(msgspec.Struct, frozen=True, array_like=True):
    """An accepted cue whose window (ms) is not over; without a forecast where there was nothing to go on from."""

    cue: Cue
    at: int
    since: int
    until: int
    forecast: Forecast | None


class Followed(msgspec.Struct, frozen=True):
    """The watches that go on, and the cues whose effect is told now."""

    watches: tuple[Watch, ...]
    measured: tuple[Cue, ...]


def follow(snapshot: Snapshot, memory: Memory, policy: Policy, watches: tuple[Watch, ...]) -> Followed:
    """Begin to watch cues accepted since the last decision, whose `memory` this is, and end watches that are over."""
    known = {watch.cue.id for watch in watches}
    new = (_watch(snapshot, memory, policy, cue) for cue in _just_accepted(snapshot) if cue.id not in known)
    going, measured = [], []
    for watch in (*watches, *new):
        if snapshot.board.phase is Phase.ENDED or snapshot.now >= watch.until + 1000 * SETTLE_S:
            measured.append(msgspec.structs.replace(watch.cue, effect=effect_of(snapshot, policy, watch)))
        else:
            going.append(watch)
    return Followed(tuple(going), tuple(measured))


def with_effects(board: Board, measured: tuple[Cue, ...]) -> Board:
    """The board whose closed cues have these effects."""
    by_id = {cue.id: cue for cue in measured}
    return msgspec.structs.replace(board, closed=tuple(by_id.get(cue.id, cue) for cue in board.closed))


def effect_of(snapshot: Snapshot, policy: Policy, watch: Watch) -> Effect:
    """The effect, once the window is over (or the show)."""
    forecast, seconds = watch.forecast, _seconds(watch.since, watch.until)
    gmv, orders = snapshot.summed("gmv", seconds), snapshot.summed("orders_created", seconds)
    online = _online(snapshot, seconds)
    doubt = _doubt(snapshot, policy, watch, orders)
    seen = Effect(
        outcome=EffectOutcome.CANNOT_TELL,
        doubt=doubt,
        since=watch.since,
        until=watch.until,
        gmv=gmv,
        orders=orders,
        online=None if online is None else round(online),
        sample=orders + (forecast.sample if forecast else 0),
    )
    if forecast is None:
        return seen
    low, high = _range(forecast)
    told = EffectOutcome.BETTER if gmv > high else EffectOutcome.WORSE if gmv < low else EffectOutcome.NO_DIFFERENCE
    return msgspec.structs.replace(
        seen,
        outcome=EffectOutcome.CANNOT_TELL if doubt else told,
        gmv_expected=round(forecast.gmv),
        gmv_low=round(low),
        gmv_high=round(high),
        orders_expected=round(forecast.orders),
        online_expected=None if forecast.online is None else round(forecast.online),
    )


def _range(forecast: Forecast) -> tuple[float, float]:
    """Where the GMV of a window without any act lies: evenly to both sides on the scale of square roots, for sales go
    further up by chance than down."""
    if not forecast.gmv:
        return 0.0, _WIDE * forecast.sd
    root = sqrt(forecast.gmv)
    away = _WIDE * forecast.sd / (2 * root)
    return max(0.0, root - away) ** 2, (root + away) ** 2


def _just_accepted(snapshot: Snapshot) -> Iterable[Cue]:
    for cue in snapshot.board.closed:
        if cue.state is CueState.ACCEPTED and cue.effect is None and cue.kind not in UNMEASURED:
            at = cue.accepted_at
            if at is not None and 0 <= snapshot.now - at <= _OPEN_MS:
                yield cue


# The forecast


def _watch(snapshot: Snapshot, memory: Memory, policy: Policy, cue: Cue) -> Watch:
    """The window begins once people have reacted. Who acts first and accepts then is forecast from the act."""
    own = _own_act(snapshot.board, cue)
    at = min([cue.accepted_at or 0, *([own] if own else [])])
    since = at + round(1000 * min(policy.reaction_s, _MOST_REACTION_S))
    bare = Watch(cue, at, since, since + 1000 * WINDOW_S, None)
    return msgspec.structs.replace(bare, forecast=_forecast(snapshot, memory, bare))


def _forecast(snapshot: Snapshot, memory: Memory, watch: Watch) -> Forecast | None:
    """What the window would bring as things were at the acceptance; None where the item on air is not known."""
    base = _seconds(watch.at - 1000 * BASE_S, watch.at)
    sku = _on_air(snapshot.board, watch.at)
    gmv, orders = snapshot.summed("gmv", base), snapshot.summed("orders_created", base)
    own_gmv = own_orders = 0
    going = 0.0
    if sku is not None:
        estimate = _estimate(snapshot, memory, watch.at)
        if estimate is None or estimate.sku != sku:
            return None
        own_gmv, own_orders = snapshot.summed(f"gmv|{sku}", base), snapshot.summed(f"orders_created|{sku}", base)
        going = _part_going_on(estimate, _sellable(snapshot, watch.cue, sku), watch) * _elsewhere(watch.cue)
    steady = WINDOW_S / BASE_S
    own, rest = own_gmv * going, (gmv - own_gmv) * steady
    paid = snapshot.summed("orders_paid", base)
    value = gmv / paid if paid else 0.0
    noise = _DISPERSION * value * (own + rest + own_gmv * going**2 + (gmv - own_gmv) * steady**2)
    return Forecast(
        gmv=own + rest,
        sd=sqrt(noise + (_CV * own) ** 2),
        orders=own_orders * going + (orders - own_orders) * steady,
        online=_online(snapshot, base),
        sample=orders,
    )


def _estimate(snapshot: Snapshot, memory: Memory, at: int) -> Estimate | None:
    """What the engine knew of the item on air at that instant."""
    if memory.spell is None or memory.spell.since > at:
        return None
    then = msgspec.structs.replace(snapshot, now=at)
    level = room_of(then, memory).level
    spell, bins = bins_of(then, memory.spell, (*memory.empty, *silences(then, memory.minutes)), level)
    return estimate_of(spell, bins, usual_shapes(memory.known), level)


def _part_going_on(estimate: Estimate, sellable: int, watch: Watch) -> float:
    """Units expected in the window, as a part of those expected in the seconds before the acceptance."""
    before = _units(estimate, -BASE_S, 0)
    start_s = round((watch.since - watch.at) / 1000)
    gone = _units(estimate, 0, start_s)
    coming = min(gone + _units(estimate, start_s, start_s + WINDOW_S), sellable) - min(gone, sellable)
    return coming / before if before else 0.0


def _units(estimate: Estimate, start_s: int, end_s: int) -> float:
    """Units expected from `start_s` to `end_s` seconds after now; none before the item came on air."""
    middles = (second + _STEP_S / 2 for second in range(start_s, end_s, _STEP_S))
    return sum(_STEP_S * estimate.rate(middle) for middle in middles if middle + estimate.at_s >= 0)


def _sellable(snapshot: Snapshot, cue: Cue, sku: str) -> int:
    """Units there are to sell without the cue. Batches come out in time as they always did; only without a `release`
    the shelf would be left with what it had when that was issued."""
    shelf, told = snapshot.shelf(sku), cue.why.numbers.get("on_shelf")
    if cue.kind is not Kind.RELEASE or cue.sku != sku:
        return shelf.left
    return min(shelf.on_shelf, int(told)) if isinstance(told, int | float) else shelf.on_shelf


def _elsewhere(cue: Cue) -> float:
    """Without a `hold` people would have left: a minute elsewhere, as a part of one here, by the cue's own figures."""
    here, elsewhere = cue.why.numbers.get("gmv_per_min"), cue.why.numbers.get("minute_price")
    if cue.kind is not Kind.HOLD or not isinstance(here, int | float) or not isinstance(elsewhere, int | float):
        return 1.0
    return elsewhere / here if here else 1.0


# The doubts


def _doubt(snapshot: Snapshot, policy: Policy, watch: Watch, orders: int) -> Doubt | None:
    """Why the effect cannot be told, the plainest reason first."""
    board, cue, forecast = snapshot.board, watch.cue, watch.forecast
    own = _own_act(board, cue)
    if board.ended_at is not None and board.ended_at < watch.until:
        return Doubt.SHOW_ENDED
    if forecast is None or _was_blind(snapshot, policy, watch):
        return Doubt.BLIND
    if cue.kind in CALLS and (own is None or own > watch.since):
        return Doubt.NOT_DONE
    if any(since != own for since in _changes(board, watch)) or _other_accepted(board, watch):
        return Doubt.OTHER_ACT
    return Doubt.FEW_ORDERS if max(orders, forecast.orders) < LEAST_ORDERS else None


def _was_blind(snapshot: Snapshot, policy: Policy, watch: Watch) -> bool:
    """Whether the feed, or only its orders, fell silent in the window."""
    silent_s = 0
    for second in _seconds(watch.since, watch.until):
        silent_s = 0 if snapshot.seconds.get(second) else silent_s + 1
        if silent_s > policy.blind_after_s:
            return True
    blind = (cue for cue in (*snapshot.board.cues, *snapshot.board.closed) if cue.kind is Kind.BLIND)
    return any(
        cue.issued_at < watch.until and (cue.is_open or not cue.steps or cue.steps[-1].at > watch.since)
        for cue in blind
    )


def _own_act(board: Board, cue: Cue) -> int | None:
    """When the item the cue named came on air after it was issued, if it did."""
    return min((since for sku, since in _spells(board) if sku == cue.sku and since >= cue.issued_at), default=None)


def _changes(board: Board, watch: Watch) -> list[int]:
    """When something came on air, from shortly before the acceptance until the end of the window."""
    first = watch.at - 1000 * _FRESH_S
    return [since for _, since in _spells(board) if first < since < watch.until]


def _other_accepted(board: Board, watch: Watch) -> bool:
    """Whether another cue was taken so near that its effect is in the window, too."""
    others = (cue for cue in board.closed if cue.id != watch.cue.id and cue.kind not in UNMEASURED)
    first = watch.at - (watch.since - watch.at)
    return any(cue.accepted_at is not None and first < cue.accepted_at < watch.until for cue in others)


# Reading


def _spells(board: Board) -> list[tuple[str, int]]:
    live = [(board.live.sku, board.live.since)] if board.live else []
    return [(play.sku, play.since) for play in board.plays] + live


def _on_air(board: Board, at: int) -> str | None:
    """What was on air right before that instant."""
    if board.live and board.live.since < at:
        return board.live.sku
    return next((play.sku for play in reversed(board.plays) if play.since < at <= play.until), None)


def _seconds(since: int, until: int) -> range:
    return range(since // 1000, until // 1000)


def _online(snapshot: Snapshot, seconds: range) -> float | None:
    """The mean of the gauge; None where it told nothing."""
    told = [row["online"] for second in seconds if "online" in (row := snapshot.seconds.get(second, {}))]
    return sum(told) / len(told) if told else None
