"""The engine: one pure step from a snapshot and what is remembered to cues, memory and an outlook."""

from collections.abc import Callable, Mapping
from math import log

import msgspec

from cueroom.pacing import blind, encore, handover, inflow, lag, leave, mismatch, missing, people, plan, stock, unpaid
from cueroom.pacing.arbitration import arbitrate
from cueroom.pacing.memory import Known, Memory, Spell
from cueroom.pacing.policy import Policy, policy_of
from cueroom.pacing.price import Stage, market_of
from cueroom.pacing.promise import Crowd, shapes_of, usual_shapes
from cueroom.pacing.rates import Estimate, Promise, bins_of, estimate_of
from cueroom.pacing.room import Room, minutes_of, room_of
from cueroom.pacing.silence import silences
from cueroom.pacing.stale import stale_ages
from cueroom.pacing.view import Advice, Trait, View, per_min
from cueroom.pacing.worth import worths
from cueroom.show.board import Phase
from cueroom.show.cues import Cue, Kind
from cueroom.show.state import ItemOutlook, Outlook, PlanLine, Snapshot

TRAITS: Mapping[Kind, Trait] = {
    Kind.NEXT: leave.NEXT,
    Kind.HOLD: leave.HOLD,
    Kind.RELEASE: stock.RELEASE,
    Kind.STOCK: stock.STOCK,
    Kind.PAYMENT: unpaid.PAYMENT,
    Kind.ENGAGE: inflow.ENGAGE,
    Kind.BENEFIT: inflow.BENEFIT,
    Kind.AHEAD: plan.PLAN,
    Kind.BEHIND: plan.PLAN,
    Kind.MISMATCH: mismatch.MISMATCH,
    Kind.ENCORE: encore.ENCORE,
    Kind.HANDOVER: handover.HANDOVER,
    Kind.WRAP: handover.WRAP,
    Kind.BLIND: blind.BLIND,
}

_RULES: tuple[Callable[[View], Advice | list[Advice] | None], ...] = (
    leave.advise_next,
    leave.advise_hold,
    stock.advise_release,
    stock.advise_stock,
    unpaid.advise_payment,
    inflow.advise_benefit,
    inflow.advise_engage,
    encore.advise_encore,
    mismatch.advise_mismatch,
    handover.advise_handover,
    handover.advise_wrap,
)

_ENCORE_VARIANCE = 0.15
_MARKET_MS = 5_000
_PEAK_AFTER_S = 10
_AHEAD_S = 30


class Decision(msgspec.Struct, frozen=True):
    """`changes` are whole cues, newly issued or moved one step; the outlook is for the screens."""

    changes: tuple[Cue, ...]
    memory: Memory
    outlook: Outlook


def decide(snapshot: Snapshot, memory: Memory) -> Decision:
    """What to tell the people now. The same snapshot and memory always give the same answer."""
    memory = lag.heard_out(snapshot, people.watched(snapshot, memory))
    policy = lag.as_late_as_told(people.as_people_are(policy_of(snapshot.rundown), memory), memory)
    memory = missing.looked_at_shelf(snapshot, memory)
    snapshot = missing.as_it_seems(snapshot, memory)
    memory = _look(snapshot, memory, policy)
    stage, memory = _estimate(snapshot, memory, policy)
    memory = _reckon(stage, memory)
    market = memory.market
    line = plan.plan_line(snapshot, market, policy.plan_on_s)
    advice = _advise(stage, memory, line)
    ruling = arbitrate(snapshot, memory, policy, advice, TRAITS)
    outlook = _outlook(stage, memory, line)
    return Decision(ruling.changes, msgspec.structs.replace(ruling.memory, decided_at=snapshot.now), outlook)


def _look(snapshot: Snapshot, memory: Memory, policy: Policy) -> Memory:
    """Take down what will be gone from the snapshot: minutes of the room, when the shelf was empty, and who was
    reminded to pay."""
    minutes, minutes_until = minutes_of(snapshot, memory)
    return msgspec.structs.replace(
        memory,
        minutes=minutes,
        minutes_until=minutes_until,
        empty=_empty(snapshot, memory),
        pushed=_pushed(snapshot, memory, policy),
    )


def _empty(snapshot: Snapshot, memory: Memory) -> tuple[tuple[int, int], ...]:
    """The spans of seconds in which the item on air had nothing on its shelf."""
    live, now = snapshot.board.live, snapshot.now // 1000
    spans = tuple(span for span in memory.empty if span[1] > now - 180)
    if live is None or snapshot.shelf(live.sku).on_shelf or memory.decided_at is None:
        return spans
    emptied = missing.seems_empty(snapshot, memory)
    since = max(emptied.last if emptied else memory.decided_at // 1000, live.since // 1000)
    if spans and spans[-1][1] >= since:
        return (*spans[:-1], (spans[-1][0], now + 1))
    return (*spans, (since, now + 1))


def _pushed(snapshot: Snapshot, memory: Memory, policy: Policy) -> int:
    """Up to which creation (ms) the unpaid have been reminded: a cue reminds nobody until people take it."""
    ended = snapshot.board.closed
    taken = [cue.accepted_at for cue in ended if cue.kind is Kind.PAYMENT and cue.accepted_at is not None]
    return max([memory.pushed, *(at - round(1000 * policy.payment_age_s) for at in taken)])


def _estimate(snapshot: Snapshot, memory: Memory, policy: Policy) -> tuple[Stage, Memory]:
    """What is known of the item on air and of the crowd, and what it taught so far."""
    room = room_of(snapshot, memory)
    memory = _in_a_room_of(room, memory)
    live = snapshot.board.live
    shapes = usual_shapes(memory.known)
    if live is None:
        return Stage(snapshot, policy, room, memory.known, worths(snapshot), shapes, None), memory
    memory = _without_what_was_taken_back(snapshot, memory)
    spell = _spell(snapshot, memory, room, policy)
    before = memory.before if memory.spell and memory.spell.sku == spell.sku else memory.spell
    silent = silences(snapshot, memory.minutes)
    untold = (snapshot.now // 1000 - lag.late_s(memory), snapshot.now // 1000)
    spell, bins = bins_of(snapshot, spell, (*memory.empty, *silent, untold), room.level)
    item = snapshot.rundown.item(live.sku)
    estimate = estimate_of(spell, bins, shapes_of(item, shapes) if item else shapes, room.level)
    known = {**memory.known, live.sku: _lesson(estimate, spell, memory.known.get(live.sku), snapshot.now)}
    memory = msgspec.structs.replace(memory, spell=spell, before=before, known=known)
    return Stage(snapshot, policy, room, known, worths(snapshot), shapes, estimate, silent), memory


def _in_a_room_of(room: Room, memory: Memory) -> Memory:
    """What was learned and expected while nothing was known of the room is so of a room as large as it turns out."""
    if memory.room_known or not room.known:
        return memory
    known = {
        sku: msgspec.structs.replace(each, appeal=each.appeal - log(room.level)) for sku, each in memory.known.items()
    }
    return msgspec.structs.replace(
        memory,
        room_known=True,
        known=known,
        spell=memory.spell and memory.spell.in_a_room_of(room.level),
        before=memory.before and memory.before.in_a_room_of(room.level),
    )


def _without_what_was_taken_back(snapshot: Snapshot, memory: Memory) -> Memory:
    """A move that was taken back taught nothing, and what was on air then goes on as if it had never left."""
    live, played = snapshot.board.live, snapshot.board.played
    known = {sku: known for sku, known in memory.known.items() if sku in played}
    spell, before = memory.spell, memory.before
    if live and spell and before and live.since < spell.since and before.sku == live.sku:
        spell = before
    return msgspec.structs.replace(memory, spell=spell, known=known)


def _spell(snapshot: Snapshot, memory: Memory, room: Room, policy: Policy) -> Spell:
    """The spell on air: the one remembered, or a new one with what is expected of it. Another host on the same
    item is the same spell."""
    live = snapshot.board.live
    assert live is not None  # noqa: S101  # it is asked for only while an item is on air
    if memory.spell and memory.spell.sku == live.sku:
        return memory.spell
    known, item = memory.known.get(live.sku), snapshot.rundown.item(live.sku)
    if known:
        unseen = min(1.0, room.newcomers((live.since - known.off_at) / 1000) + policy.encore_regret)
        promise = Promise(known.appeal + log(unseen), known.variance + _ENCORE_VARIANCE)
    else:
        unseen = 1.0
        promise = Crowd(snapshot.rundown, memory.known, room.usual).promise(item) if item else Promise(0.0, 4.0)
    return Spell(live.sku, live.since, live.since // 1000, promise.appeal, promise.variance, unseen)


def _lesson(estimate: Estimate, spell: Spell, before: Known | None, now: int) -> Known:
    """What the item on air has taught by now, as of a room that has not seen it."""
    appeal, variance = estimate.appeal
    rate = estimate.rate() if estimate.at_s >= _PEAK_AFTER_S else 0.0
    return Known(
        appeal=appeal - log(spell.unseen),
        variance=variance,
        shapes=estimate.weights,
        peak=max(rate, before.peak if before else 0.0),
        off_at=now,
    )


def _reckon(stage: Stage, memory: Memory) -> Memory:
    """The price of a minute, anew every five seconds and whenever another item came on air."""
    market, now = memory.market, stage.snapshot.now
    live = stage.snapshot.board.live
    since = live.since if live else 0
    if market is not None and now - market.at < _MARKET_MS and market.at > since:
        return memory
    return msgspec.structs.replace(memory, market=market_of(stage, market))


def _advise(stage: Stage, memory: Memory, line: PlanLine) -> list[Advice]:
    """What all rules have to say; on stale data only that it is stale."""
    snapshot, market = stage.snapshot, memory.market
    if snapshot.board.phase is not Phase.LIVE or market is None:
        return []
    if blind.is_stale(snapshot, stage.policy):
        stale = blind.advise_blind(snapshot, memory, stage.policy)
        return [stale] if stale else []
    view = View(snapshot, memory, stage.policy, stage, market)
    silent = blind.advise_orders_blind(view)
    if silent:
        return [silent, *stock.keep_releases(view)]
    answers: list[Advice | list[Advice] | None] = [rule(view) for rule in _RULES]
    answers.append(plan.advise_plan(view, line))
    advice = [each for answer in answers if answer for each in (answer if isinstance(answer, list) else [answer])]
    misled = mismatch.misled(view, advice)
    return [each for each in advice if each.kind not in misled]


def _outlook(stage: Stage, memory: Memory, line: PlanLine) -> Outlook:
    market, estimate = memory.market, stage.estimate
    items = {}
    for item in stage.snapshot.rundown.items:
        known = memory.known.get(item.sku)
        promise = market.promises.get(item.sku) if market else None
        live = estimate if estimate and estimate.sku == item.sku else None
        worth = stage.worths[item.sku]
        items[item.sku] = ItemOutlook(
            peak_per_min=per_min(known.peak * worth) if known else None,
            promise_per_min=per_min(live.rate(_AHEAD_S) * worth) if live else _per_min(promise),
        )
    return Outlook(
        plan=line,
        minute_price=_per_min(market.price) if market else None,
        items=items,
        stale_ms=stale_ages(stage.snapshot, memory, stage.policy),
        orders_late_s=lag.late_s(memory),
    )


def _per_min(per_s: float | None) -> int | None:
    return None if per_s is None else per_min(per_s)
