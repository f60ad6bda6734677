"""Stock: put the next batch on the shelf before it is empty, and say when an item is nearly gone."""

from functools import lru_cache
from math import ceil, exp, log, sqrt
from statistics import NormalDist

from cueroom.pacing.curve import mean_of
from cueroom.pacing.leave import chance_to_leave
from cueroom.pacing.price import to_play
from cueroom.pacing.rates import Estimate
from cueroom.pacing.view import Advice, Numbers, Trait, View
from cueroom.show.cues import Audience, CueState, Kind
from cueroom.show.rundown import Item

RELEASE = Trait(priority=1, audience=Audience.PRODUCER, stays_s=60, rests_s=25, refused_s=8)
STOCK = Trait(priority=4, audience=Audience.BOTH, stays_s=30, rests_s=900)

_WINDOW_S, _BURST_S = 20, 6
_LASTS = 2.0
"""What was asked for stays asked for until the shelf lasts this many times longer: a quiet moment saves no batch."""

_LIKELY = 0.3
_CALLS = frozenset({Kind.NEXT, Kind.ENCORE})
_LEAST_UNITS = 5
_STOCK_AIR_S = 20


def advise_release(view: View) -> list[Advice]:
    """The next batch of every item whose shelf will not outlast the time a release takes."""
    soon = _soon_on_air(view)
    return [advice for item in view.snapshot.rundown.items if (advice := _release(view, item, item.sku in soon))]


def _soon_on_air(view: View) -> set[str]:
    """The items that may come on air before a batch asked for now is on their shelf."""
    live, board, lead = view.live, view.snapshot.board, view.policy.release_lead_s
    called = {
        cue.sku
        for cue in (*board.cues, *board.closed)
        if cue.kind in _CALLS
        and cue.sku
        and (cue.is_open or (cue.state is CueState.ACCEPTED and cue.issued_at > view.now - 1000 * lead))
    }
    if live is None or view.air_s + lead >= 60 * live.minutes or chance_to_leave(view) >= _LIKELY:
        called.update(item.sku for item in to_play(view.snapshot)[:1])
    return called


def _release(view: View, item: Item, soon: bool) -> Advice | None:
    shelf = view.snapshot.shelf(item.sku)
    if not shelf.reserve:
        return None
    lead = view.policy.release_lead_s
    units = _units_soon(view, item, soon)
    enough = units + _sd(view.policy.release_certainty) * sqrt(2 * units)
    asked = next((cue for cue in view.snapshot.board.cues if cue.kind is Kind.RELEASE and cue.sku == item.sku), None)
    if asked and asked.why.numbers["reserve"] != shelf.reserve:
        return None
    if not units or shelf.on_shelf > enough * (_LASTS if asked else 1.0):
        return None
    numbers: Numbers = {
        "sku": item.sku,
        "name": item.name,
        "units": item.next_batch(view.snapshot.shelf(item.sku).reserve),
        "reserve": shelf.reserve,
    }
    if shelf.on_shelf:
        per_min = 60 * units / lead
        cover = round(60 * shelf.on_shelf / per_min)
        numbers |= {
            "on_shelf": shelf.on_shelf,
            "units_per_min": round(per_min, 1),
            "cover_s": cover,
            "lead_s": round(lead),
        }
    return Advice(
        kind=Kind.RELEASE,
        rule="cover_short" if shelf.on_shelf else "shelf_empty",
        sku=item.sku,
        numbers=numbers,
        sample=view.snapshot.recent(f"orders_created|{item.sku}", _WINDOW_S),
        again=str(shelf.reserve),
    )


def _units_soon(view: View, item: Item, soon: bool) -> float:
    """Units that may be ordered within the lead: the most that last seconds, a burst or the forecast say."""
    field, lead = f"units_created|{item.sku}", view.policy.release_lead_s
    recent = view.snapshot.recent(field, _WINDOW_S) / _WINDOW_S
    estimate = view.estimate
    if estimate and estimate.sku == item.sku:
        burst = view.snapshot.recent(field, _BURST_S) / _BURST_S
        return max(recent, burst, _at_most(estimate, _sd(view.policy.release_certainty))) * lead
    return max(recent * lead, _at_start(view, item) if soon else 0.0)


def _at_most(estimate: Estimate, sd: float) -> float:
    """Units a second now, if the item is as much better than thought as what is known of it allows: a new item may
    turn out far better than promised, and then its first batch is gone before anybody can act."""
    alpha = max(estimate.alphas)
    return estimate.rate() * exp(sd * sqrt(log(1 + 1 / alpha)))


def _at_start(view: View, item: Item) -> float:
    """Units within the lead if the item came on air now, likewise."""
    return view.market.starts.get(item.sku, 0.0) * mean_of(view.stage.shapes).sold(view.policy.release_lead_s)


@lru_cache(maxsize=16)
def _sd(certainty: float) -> float:
    """How many standard deviations that certainty is."""
    return NormalDist().inv_cdf(certainty)


def advise_stock(view: View) -> Advice | None:
    """The item on air is nearly gone, reserve included."""
    live, estimate = view.live, view.estimate
    if live is None or estimate is None or view.air_s < _STOCK_AIR_S:
        return None
    left, rate = view.snapshot.shelf(live.sku).left, estimate.rate()
    if left < _LEAST_UNITS or rate * 60 * view.policy.stock_cover_min < left or rate * 60 < 1:
        return None
    per_min = rate * 60
    return Advice(
        kind=Kind.STOCK,
        rule="nearly_gone",
        sku=live.sku,
        numbers={
            "sku": live.sku,
            "name": live.name,
            "left": left,
            "units_per_min": round(per_min, 1),
            "cover_min": ceil(10 * left / per_min) / 10,
        },
        sample=estimate.units,
        after_s=3.0,
    )
