"""Stock: put the next batch on the shelf before it is empty, and say when an item is nearly gone."""

from functools import lru_cache
from math import ceil, exp, log, sqrt
from statistics import NormalDist

import msgspec

from cueroom.pacing.curve import mean_of
from cueroom.pacing.leave import chance_to_leave
from cueroom.pacing.memory import Emptied
from cueroom.pacing.missing import seems_empty, told_of
from cueroom.pacing.price import to_play
from cueroom.pacing.rates import Estimate
from cueroom.pacing.view import Advice, Numbers, Trait, View
from cueroom.show.cues import CALLS, Audience, Cue, CueState, Kind
from cueroom.show.rundown import Item

RELEASE = Trait(priority=1, audience=Audience.PRODUCER, stays_s=60, rests_s=25, refused_s=8)
STOCK = Trait(priority=4, audience=Audience.BOTH, stays_s=30, rests_s=900)

_WINDOW_S, _BURST_S = 20, 6
_LASTS = 2.0
"""What was asked for of an item on air or next stays asked for: a batch too early costs no sale. Of others it does
until the shelf lasts this many times longer."""

_CALLED = frozenset({CueState.ACCEPTED, CueState.EXPIRED})
"""A call that people took is followed soon, one that nobody answered is said again."""

_LIKELY = 0.45
_INTRODUCED_S = 20
"""Before that, nothing is known of an item's pace, nor of its being left early."""

_SETTLED_S = 5.0
"""A shelf that is too short by forecast alone must be so for this long: an item's first seconds say little."""

_SEEMS_EMPTY = "shelf_seems_empty"
_LEAST_UNITS, _STILL = 5, 1.5


def advise_release(view: View) -> list[Advice]:
    """The next batch of every item whose shelf will not outlast the time a release takes."""
    soon = _soon_on_air(view)
    return [advice for item in view.snapshot.rundown.items if (advice := _release(view, item, item.sku in soon))]


def keep_releases(view: View) -> list[Advice]:
    """What keeps the cues for a batch open while no order arrives: an empty shelf may be why."""
    return [msgspec.structs.replace(each, ready=False) for each in advise_release(view)]


def _soon_on_air(view: View) -> set[str]:
    """The items that may come on air before a batch asked for now is on their shelf: those called for, and the next
    one, which stays so once it was asked for. The next one gets a single batch ahead, for its first seconds on air: a
    shelf filled up for long beforehand would make batches pointless."""
    board, lead = view.snapshot.board, view.policy.release_lead_s
    called = {
        cue.sku
        for cue in (*board.cues, *board.closed)
        if cue.kind in CALLS
        and cue.sku
        and (cue.is_open or (cue.state in _CALLED and cue.steps[-1].at > view.now - 1000 * lead))
    }
    coming = to_play(view.snapshot)[:1]
    if coming and (_may_be_left(view) or _asked(view, coming[0])):
        called.add(coming[0].sku)
    return {sku for sku in called if not _is_filled(view, sku)}


def _is_filled(view: View, sku: str) -> bool:
    """Whether an item that was never on air has more than its first batch on the shelf already."""
    item = view.snapshot.rundown.item(sku)
    if item is None or sku in view.snapshot.board.played:
        return False
    return view.snapshot.shelf(sku).reserve < item.stock - item.first_batch


def _may_be_left(view: View) -> bool:
    """Whether the item on air may be left before a batch asked for now is on its shelf."""
    live, policy = view.live, view.policy
    if live is None or view.air_s + policy.release_lead_s >= 60 * live.minutes:
        return True
    if policy.release_lead_s <= policy.reaction_s:
        return False  # Once the next item is called for, there is time enough for a batch.
    return view.air_s >= _INTRODUCED_S and chance_to_leave(view) >= _LIKELY


def _asked(view: View, item: Item) -> Cue | None:
    """The cue that asks for its next batch already."""
    return next((cue for cue in view.snapshot.board.cues if cue.kind is Kind.RELEASE and cue.sku == item.sku), None)


def _is_on_air(view: View, item: Item) -> bool:
    live = view.snapshot.board.live
    return live is not None and live.sku == item.sku


def _release(view: View, item: Item, soon: bool) -> Advice | None:
    shelf, asked = view.snapshot.shelf(item.sku), _asked(view, item)
    if not shelf.reserve or (asked and asked.why.numbers["reserve"] != shelf.reserve):
        return None
    units = _units_soon(view, item, soon)
    enough = units + _sd(view.policy.release_certainty) * sqrt(2 * units)
    short = units > 0 and shelf.on_shelf <= enough
    stays = asked and (soon or _is_on_air(view, item) or shelf.on_shelf <= _LASTS * enough)
    if not (short or stays):
        return None
    rule = _why_short(view, item)
    sells_out = shelf.on_shelf <= _seen(view, item) * view.policy.release_lead_s
    return Advice(
        kind=Kind.RELEASE,
        rule=rule,
        sku=item.sku,
        numbers=_release_numbers(view, item, units),
        sample=view.snapshot.recent(f"orders_created|{item.sku}", _WINDOW_S),
        ready=short,
        after_s=0.0 if sells_out else _SETTLED_S,
        again=f"{shelf.reserve} {rule}" if rule == _SEEMS_EMPTY else str(shelf.reserve),
    )


def _why_short(view: View, item: Item) -> str:
    """What is wrong with the shelf: of an item off air that does not sell it is only what its start may ask for."""
    if not view.snapshot.shelf(item.sku).on_shelf:
        return _SEEMS_EMPTY if _seems_empty(view, item) else "shelf_empty"
    return "cover_short" if _is_on_air(view, item) or _seen(view, item) else "cover_short_at_start"


def _release_numbers(view: View, item: Item, units: float) -> Numbers:
    """The batch, and the shelf beside what is ordered within the lead."""
    shelf, lead = view.snapshot.shelf(item.sku), view.policy.release_lead_s
    batch = item.next_batch(shelf.reserve)
    numbers: Numbers = {"sku": item.sku, "name": item.name, "units": batch, "reserve": shelf.reserve}
    emptied = _seems_empty(view, item)
    if emptied:
        return numbers | {"on_shelf": 0} | told_of(emptied, view.now)
    if not shelf.on_shelf or not units:
        return numbers
    per_min = 60 * units / lead
    return numbers | {
        "on_shelf": shelf.on_shelf,
        "units_per_min": round(per_min, 1),
        "cover_s": round(60 * shelf.on_shelf / per_min),
        "lead_s": round(lead),
    }


def _seems_empty(view: View, item: Item) -> Emptied | None:
    return seems_empty(view.snapshot, view.memory) if _is_on_air(view, item) else None


def _units_soon(view: View, item: Item, soon: bool) -> float:
    """Units that may be ordered within the lead: the most that last seconds, a burst or the forecast say."""
    seen, estimate, lead = _seen(view, item), view.estimate, view.policy.release_lead_s
    if estimate and estimate.sku == item.sku:
        return max(seen, _at_most(estimate, _sd(view.policy.release_certainty))) * lead
    return max(seen * lead, _at_start(view, item) if soon else 0.0)


def _seen(view: View, item: Item) -> float:
    """Units a second that were ordered of late, in a burst or for longer, beyond what chance makes of fewer."""
    sd, rates = _sd(view.policy.release_certainty), []
    for window_s in (_BURST_S, _WINDOW_S):
        units = view.snapshot.recent(f"units_created|{item.sku}", window_s)
        rates.append(max(0.0, units - sd * sqrt(units)) / window_s)
    return max(rates)


def _at_most(estimate: Estimate, sd: float) -> float:
    """Units a second now, if the item is as much better than thought as what is known of it allows: a new item may
    turn out far better than promised, and then its first batch is gone before anybody can act."""
    alpha = max(estimate.alphas)
    return estimate.rate() * exp(sd * sqrt(log(1 + 1 / alpha)))


def _at_start(view: View, item: Item) -> float:
    """Units within the lead if the item came on air now, likewise; of one that was there, to those who missed it."""
    known, policy = view.memory.known.get(item.sku), view.policy
    missed = view.room.newcomers((view.now - known.off_at) / 1000) + policy.encore_regret if known else 1.0
    start = view.market.starts.get(item.sku, 0.0) * min(1.0, missed)
    return start * mean_of(view.stage.shapes).sold(policy.release_lead_s)


@lru_cache(maxsize=16)
def _sd(certainty: float) -> float:
    """How many standard deviations that certainty is."""
    return NormalDist().inv_cdf(certainty)


def advise_stock(view: View) -> Advice | None:
    """The item on air is nearly gone, reserve included."""
    live, estimate = view.live, view.estimate
    if live is None or estimate is None or view.air_s < _INTRODUCED_S:
        return None
    left, per_min = view.snapshot.shelf(live.sku).left, 60 * estimate.rate()
    cover_min = view.policy.stock_cover_min
    if not left or per_min < 1 or left > _STILL * cover_min * per_min:
        return None
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
        sample=view.sample,
        ready=_LEAST_UNITS <= left <= cover_min * per_min,
        after_s=3.0,
    )
