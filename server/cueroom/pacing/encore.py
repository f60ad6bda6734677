"""Encore: which hot item to bring back in the tail, chosen by what it brings to those who have not seen it."""

from cueroom.pacing.leave import chance_to_leave
from cueroom.pacing.price import Offer, encore_offers, encores_so_far, sellable, to_play
from cueroom.pacing.view import Advice, Trait, View, per_cent, per_min
from cueroom.show.cues import Audience, Kind
from cueroom.show.rundown import Item

ENCORE = Trait(priority=2, audience=Audience.BOTH, stays_s=90, rests_s=120)

_BETTER, _MUCH_BETTER, _HARDLY = 1.1, 2.0, 6.0
_KEEP, _STILL = 0.25, 0.8
_LUCK = 0.75
"""Of several guesses the best is mostly a lucky one: encores chosen so brought that much less than they promised."""

_MOST_NEW_PCT = 95
"""Somebody is always there from before."""

_SAID = 1.25
"""What was said already is not unsaid for a little more elsewhere."""


def advise_encore(view: View) -> Advice | None:
    """Bring back the item whose encore is worth most, once staying is worth less."""
    policy = view.policy
    room_s = view.left_s - policy.reaction_s
    if to_play(view.snapshot) or room_s < policy.encore_min_s:
        return None
    if encores_so_far(view.snapshot) >= policy.encore_most or (view.live and not _may_leave(view, view.live)):
        return None
    offers = [offer for offer in encore_offers(view.stage, view.now) if offer.most_s >= policy.encore_min_s / 2]
    said = {cue.sku for cue in view.snapshot.board.cues if cue.kind is Kind.ENCORE}
    best = max(offers, key=lambda offer: _gain(view, offer, _SAID if offer.sku in said else 1.0), default=None)
    if best is None:
        return None
    return _advice(view, best)


def _may_leave(view: View, live: Item) -> bool:
    """Whether the item on air has had the time it was promised and can be judged by; an encore's is its own least."""
    if not view.snapshot.shelf(live.sku).left:
        return True
    again = any(play.sku == live.sku for play in view.snapshot.board.plays)
    judged_s = view.policy.encore_min_s - view.policy.reaction_s if again else view.policy.judged_from_s(live)
    return view.air_s >= max(view.policy.least_s(live), judged_s)


def _gain(view: View, offer: Offer, favour: float) -> float:
    """What the encore, valued `favour` times, brings above the price of its time. Not what it brings a second: a fresh
    hit that deserves long would lose to one that is worth its least time only."""
    time = _time(view, offer)
    return favour * offer.value(time) - (view.market.price or 0.0) * time


def _per_s(view: View, offer: Offer) -> float:
    """What a second of the encore brings over its best time, the introduction included, cautiously reckoned."""
    time = _time(view, offer)
    return _LUCK * offer.value(time) / time


def _time(view: View, offer: Offer) -> float:
    """The best time of the encore within the clock that is left, the introduction included."""
    least = offer.optional_s + offer.intro_s
    wanted = min(offer.time(view.market.price or 0.0), view.left_s - view.policy.reaction_s)
    return max(least, wanted)


def _advice(view: View, best: Offer) -> Advice | None:
    policy, live, estimate = view.policy, view.live, view.estimate
    promised = _per_s(view, best)
    middle = policy.reaction_s + policy.encore_min_s / 2
    here = estimate.rate(middle) * view.worth if live and estimate and view.snapshot.shelf(live.sku).left else 0.0
    chance = chance_to_leave(view) if here else 1.0
    in_tail = view.left_s <= 60 * policy.encore_tail_min
    much_better = promised > _MUCH_BETTER * here and chance >= _KEEP and _has_had_its_turn(view, promised, here)
    if promised < _STILL * here or (chance < _KEEP and not in_tail):
        return None
    item = view.snapshot.rundown.item(best.sku)
    known = view.memory.known[best.sku]
    unseen = view.room.newcomers((view.now - known.off_at) / 1000)
    return Advice(
        kind=Kind.ENCORE,
        rule="worth_more",
        sku=best.sku,
        numbers={
            "sku": best.sku,
            "name": item.name if item else best.sku,
            "live_sku": live.sku if live else None,
            "live_name": live.name if live else None,
            "gmv_per_min": per_min(here),
            "expected_per_min": per_min(promised),
            "minute_price": per_min(view.market.price or 0.0),
            "unseen_pct": min(_MOST_NEW_PCT, per_cent(unseen)),
            "left": sellable(view.snapshot, item) if item else 0,
            "currency": view.currency,
        },
        sample=view.sample,
        ready=much_better or (in_tail and promised > _BETTER * here and chance >= policy.next_confidence),
        after_s=policy.next_after_s,
    )


def _has_had_its_turn(view: View, promised: float, here: float) -> bool:
    """Encores are few: spread them over the clock, unless what is on air hardly sells."""
    slots = view.policy.encore_most - encores_so_far(view.snapshot)
    return view.air_s >= view.left_s / (slots + 1) or promised > _HARDLY * here
