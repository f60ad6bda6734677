"""Leave or stay: `next` when the coming minute is worth less here than elsewhere, `hold` when it is worth more."""

from cueroom.pacing.memory import Emptied
from cueroom.pacing.missing import seems_empty, told_of
from cueroom.pacing.price import to_play
from cueroom.pacing.silence import heard_for_s
from cueroom.pacing.view import Advice, Numbers, Trait, View, per_cent, per_min
from cueroom.show.cues import Audience, CueState, Kind
from cueroom.show.rundown import Item

NEXT = Trait(priority=2, audience=Audience.BOTH, stays_s=90, rests_s=120, refused_s=120)
HOLD = Trait(priority=4, audience=Audience.PRODUCER, stays_s=60, rests_s=300)

_SOLD_OUT = "sold_out"
_KEEP = 0.3
OVER_S = 60
"""A show that runs over by less is none that runs over."""

_HEARD_S = 30
"""A feed that was lost tells for so long before an item is left for what it sells."""


def advise_next(view: View) -> Advice | None:
    """Go on to the next item of the running order, or begin with its first."""
    live, coming = view.live, to_play(view.snapshot)
    if coming and view.snapshot.board.live is None:
        return _opening(view, coming[0])
    if live is None or not coming or view.air_s < view.policy.least_s(live):
        return None
    item = coming[0]
    if not view.snapshot.shelf(live.sku).left:
        return _sold_out(view, live, item)
    selling_out = _selling_out(view, live, item)
    if selling_out:
        return selling_out
    if view.air_s >= view.policy.judged_from_s(live) and view.left_s <= view.market.needed_s:
        return _time_needed(view, live, item, len(coming))
    return _rate_below(view, live, item)


def _opening(view: View, item: Item) -> Advice:
    numbers: Numbers = {
        "sku": item.sku,
        "name": item.name,
        "expected_next": per_min(view.market.promises.get(item.sku, 0.0)),
        "currency": view.currency,
    }
    return Advice(kind=Kind.NEXT, rule="opening", sku=item.sku, numbers=numbers, after_s=view.policy.next_after_s)


def advise_hold(view: View) -> Advice | None:
    """Stay, although the planned minutes are over."""
    live, estimate, price = view.live, view.estimate, view.market.price
    if live is None or estimate is None or price is None:
        return None
    if view.air_s < 60 * live.minutes * view.policy.hold_after_share or view.left_s <= view.market.needed_s:
        return None
    sure = 1 - chance_to_leave(view)
    if view.snapshot.shelf(live.sku).left <= 2 * estimate.rate() * view.policy.reaction_s:
        return None
    return Advice(
        kind=Kind.HOLD,
        rule="above_price",
        sku=live.sku,
        numbers={"sku": live.sku, "name": live.name, **_here(view, sure)},
        sample=view.sample,
        ready=sure >= view.policy.hold_confidence,
        after_s=10.0,
    )


def chance_to_leave(view: View) -> float:
    """The probability that, once the people have reacted, a second here is worth less than elsewhere."""
    live, estimate, price = view.live, view.estimate, view.market.price
    if live is None or estimate is None or price is None:
        return 0.0
    return estimate.below(price / max(1e-9, view.worth), view.policy.reaction_s, view.market.spread)


def _sold_out(view: View, live: Item, item: Item) -> Advice:
    """Nothing is left to sell: news for those who refused to go on while there was."""
    emptied = seems_empty(view.snapshot, view.memory)
    if emptied:
        return _seems_sold_out(view, live, item, emptied)
    ended = view.snapshot.board.closed
    last = next((cue for cue in ended if (cue.kind, cue.sku) == (Kind.NEXT, item.sku)), None)
    is_news = last is not None and last.state is CueState.DISMISSED and last.why.rule != _SOLD_OUT
    return Advice(
        kind=Kind.NEXT,
        rule=_SOLD_OUT,
        sku=item.sku,
        numbers=_there(view, live, item),
        after_s=2.0,
        again=_SOLD_OUT if is_news else "",
    )


def _seems_sold_out(view: View, live: Item, item: Item, emptied: Emptied) -> Advice:
    """What is counted does not sell: news, too, since what was called for before waited for the orders."""
    return Advice(
        kind=Kind.NEXT,
        rule="seems_sold_out",
        sku=item.sku,
        numbers=_there(view, live, item) | told_of(emptied, view.now),
        after_s=2.0,
        again="seems_sold_out",
    )


def _selling_out(view: View, live: Item, item: Item) -> Advice | None:
    """The last units will be gone by the time the people have reacted."""
    if view.estimate is None:
        return None
    left, rate = view.snapshot.shelf(live.sku).left, view.estimate.rate()
    if left > 1.5 * rate * view.policy.reaction_s:
        return None
    return Advice(
        kind=Kind.NEXT,
        rule="selling_out",
        sku=item.sku,
        numbers={**_there(view, live, item), "left": left, "cover_s": round(left / rate) if rate else 0},
        sample=view.sample,
        ready=left <= rate * view.policy.reaction_s,
        after_s=2.0,
    )


def _rate_below(view: View, live: Item, item: Item) -> Advice | None:
    chance = chance_to_leave(view)
    if view.estimate is None or chance < _KEEP or view.air_s < view.policy.judged_from_s(live):
        return None
    return Advice(
        kind=Kind.NEXT,
        rule="rate_below_next",
        sku=item.sku,
        numbers={**_there(view, live, item), **_here(view, chance)},
        sample=view.sample,
        ready=chance >= _sure_enough(view) and _is_heard_again(view),
        after_s=view.policy.next_after_s,
    )


def _sure_enough(view: View) -> float:
    """An item that is left does not come back the same, and early on the least is known of the show that is to come."""
    return view.policy.sure_enough(view.left_s / (60 * view.snapshot.rundown.duration_min))


def _is_heard_again(view: View) -> bool:
    """What sold while the feed was lost nobody knows: it takes new seconds to judge an item by."""
    return heard_for_s(view.snapshot, view.stage.silent) >= _HEARD_S


def _time_needed(view: View, live: Item, item: Item, items: int) -> Advice | None:
    """Go on because of the clock; not when the end comes before the people could, or has just come."""
    if -OVER_S < view.left_s <= view.policy.reaction_s:
        return None
    numbers: Numbers = {**_there(view, live, item), "items": items}
    if view.left_s <= 0:
        numbers |= {"over_min": round(-view.left_s / 60, 1)}
        return Advice(kind=Kind.NEXT, rule="overtime", sku=item.sku, numbers=numbers)
    numbers |= {
        "remaining_min": round(view.left_s / 60, 1),
        "needed_min": round(view.market.needed_s / 60, 1),
    }
    return Advice(kind=Kind.NEXT, rule="time_needed", sku=item.sku, numbers=numbers)


def _there(view: View, live: Item, item: Item) -> Numbers:
    return {
        "sku": item.sku,
        "name": item.name,
        "live_sku": live.sku,
        "live_name": live.name,
        "expected_next": per_min(view.market.promises.get(item.sku, 0.0)),
        "currency": view.currency,
    }


def _here(view: View, sure: float) -> Numbers:
    estimate = view.estimate
    rate = estimate.rate(view.policy.reaction_s) if estimate else 0.0
    return {
        "gmv_per_min": per_min(rate * view.worth),
        "minute_price": per_min(view.market.price or 0.0),
        "confidence_pct": per_cent(sure),
        "sample": view.sample,
        "currency": view.currency,
    }
