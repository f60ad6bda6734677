"""Stock: put the next batch on the shelf before it is empty, and say when an item is nearly gone."""

from math import ceil, sqrt

from cueroom.cues import Audience, Kind
from cueroom.pacing.view import Advice, Numbers, Trait, View
from cueroom.rundown import Item
from cueroom.state import Snapshot

RELEASE = Trait(priority=1, audience=Audience.PRODUCER, stays_s=60, rests_s=15)
STOCK = Trait(priority=4, audience=Audience.BOTH, stays_s=30, rests_s=900)

_WINDOW_S, _BURST_S = 20, 6
_WIDE = 1.65
_NEW_S, _UNKNOWN = 30, 2.0
_LEAST_UNITS = 5
_STOCK_AIR_S = 20


def advise_release(view: View) -> list[Advice]:
    """The next batch of every item whose shelf will not outlast the time a release takes."""
    return [advice for item in view.snapshot.rundown.items if (advice := _release(view, item))]


def _release(view: View, item: Item) -> Advice | None:
    shelf = view.snapshot.shelf(item.sku)
    if not shelf.reserve:
        return None
    lead = view.policy.release_lead_s
    units = _units_soon(view, item, lead)
    if not units or shelf.on_shelf > units + _WIDE * sqrt(2 * units):
        return None
    numbers: Numbers = {
        "sku": item.sku,
        "name": item.name,
        "units": next_batch(view.snapshot, item),
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


def next_batch(snapshot: Snapshot, item: Item) -> int:
    """Units of the next batch: the sheet's, found by what is still in reserve; all of it where that fits none."""
    reserve = snapshot.shelf(item.sku).reserve
    left = 0
    for batch in reversed(item.batches[1:]):
        left += batch
        if left >= reserve:
            return batch - (left - reserve)
    return reserve


def _units_soon(view: View, item: Item, lead_s: float) -> float:
    """Units that may be ordered within the lead: the most that last seconds, a burst or the forecast say."""
    field = f"units_created|{item.sku}"
    recent = view.snapshot.recent(field, _WINDOW_S) / _WINDOW_S
    estimate = view.estimate
    if estimate is None or estimate.sku != item.sku:
        return recent * lead_s
    burst = view.snapshot.recent(field, _BURST_S) / _BURST_S
    # A new item may turn out far better than promised, and then its first batch is gone before anybody can act.
    forecast = estimate.rate() * (_UNKNOWN if estimate.open_s < _NEW_S else 1.0)
    return max(recent, burst, forecast) * lead_s


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
