"""Hand-over and wrap: who speaks next (1+N), and when to come to an end."""

from math import exp

import msgspec

from cueroom.pacing.leave import OVER_S, chance_to_leave
from cueroom.pacing.price import sellable, to_play
from cueroom.pacing.promise import Crowd
from cueroom.pacing.view import Advice, Numbers, Trait, View, per_cent
from cueroom.show.cues import Audience, Kind
from cueroom.show.rundown import Item

HANDOVER = Trait(priority=3, audience=Audience.BOTH, stays_s=40, rests_s=600)
WRAP = Trait(priority=4, audience=Audience.BOTH, stays_s=60, rests_s=3600)

_SOON, _STILL = 0.45, 0.2
_AFTER_S = 5.0
_WRAP_S = 120
_OVER_AGAIN_S = 600
_SOLD_S, _CRUMBS = 30.0, 0.02
"""Orders that nobody pays bring some units back: so small a part of a stock is as good as none."""


def advise_handover(view: View) -> Advice | None:
    """The next item is another host's, and its time comes soon: within the people's reaction this one may be left."""
    coming, live, on_air = to_play(view.snapshot), view.live, view.snapshot.board.live
    if not coming or live is None or on_air is None or coming[0].host == on_air.host:
        return None
    policy, item, chance = view.policy, coming[0], chance_to_leave(view)
    stays_s = max(policy.least_s(live), policy.judged_from_s(live))
    if chance < _STILL or view.air_s + policy.reaction_s < stays_s:
        return None
    yields = _yields(view, item, on_air.host)
    return Advice(
        kind=Kind.HANDOVER,
        rule="next_host_known" if yields else "next_host",
        sku=item.sku,
        numbers={
            "sku": item.sku,
            "name": item.name,
            "host": item.host,
            "host_name": _name(view, item.host),
            "seconds_s": round(policy.reaction_s),
            **yields,
        },
        ready=chance >= _SOON,
        after_s=_AFTER_S,
    )


def _yields(view: View, item: Item, present: str) -> Numbers:
    """What the item's host sells of it against what the present one would, by the items that both have shown; nothing
    where one has shown none. Few items say little, and leave the two alike."""
    shown = _shown(view, item.host)
    if not shown or not _shown(view, present):
        return {}
    crowd = Crowd(view.snapshot.rundown, view.memory.known, view.room.usual)
    own = msgspec.structs.replace(item, expected_per_min=None)
    ratio = exp(crowd.promise(own).appeal - crowd.promise(msgspec.structs.replace(own, host=present)).appeal)
    return {"live_host_name": _name(view, present), "yield_pct": per_cent(ratio), "items": shown}


def _name(view: View, host: str) -> str:
    return next((each.name for each in view.snapshot.rundown.hosts if each.id == host), host)


def _shown(view: View, host: str) -> int:
    """How many items of this host's this show has learned from."""
    return sum(1 for item in view.snapshot.rundown.items if item.host == host and item.sku in view.memory.known)


def advise_wrap(view: View) -> Advice | None:
    """The end is near or past, or nothing is left to sell."""
    if view.left_s <= -OVER_S:
        return _over(view)
    if view.live is None or view.left_s <= 0:
        return None
    if view.left_s <= _WRAP_S:
        return _time_up(view)
    return _all_sold(view)


def _time_up(view: View) -> Advice | None:
    """The planned end is near: with nothing left to put on, or more than there is time for."""
    items = len(to_play(view.snapshot))
    numbers: Numbers = {"remaining_min": _minutes(view.left_s)}
    if not items:
        return Advice(kind=Kind.WRAP, rule="time_up", numbers=numbers, again="once")
    if view.left_s > view.market.needed_s:
        return None
    numbers |= {"items": items, "needed_min": _minutes(view.market.needed_s)}
    return Advice(kind=Kind.WRAP, rule="items_left", numbers=numbers, again="once")


def _over(view: View) -> Advice:
    """The planned end is past, and the show is still on; said again every so often."""
    items, over_min = len(to_play(view.snapshot)), _minutes(-view.left_s)
    again = f"over {-view.left_s // _OVER_AGAIN_S:.0f}"
    if not items:
        return Advice(kind=Kind.WRAP, rule="over", numbers={"over_min": over_min}, again=again)
    numbers: Numbers = {"over_min": over_min, "items": items, "needed_min": _minutes(view.market.needed_s)}
    return Advice(kind=Kind.WRAP, rule="over_items_left", numbers=numbers, again=again)


def _all_sold(view: View) -> Advice | None:
    """There is hardly anything to sell any more, though there is time."""
    items = view.snapshot.rundown.items
    left = {item.sku: sellable(view.snapshot, item) for item in items}
    if any(left[item.sku] > _CRUMBS * item.stock for item in items) or _sells_on(view):
        return None
    numbers: Numbers = {"left": sum(left.values()), "remaining_min": _minutes(view.left_s)}
    return Advice(kind=Kind.WRAP, rule="all_sold", numbers=numbers, after_s=_SOLD_S, again="sold")


def _sells_on(view: View) -> bool:
    """Whether the item on air still finds buyers, and has units for more of them: of a large stock even crumbs are
    many."""
    sku = view.live.sku if view.live else ""
    return 0 < view.snapshot.recent(f"units_created|{sku}", round(_SOLD_S)) < view.snapshot.shelf(sku).left


def _minutes(seconds: float) -> float:
    return round(seconds / 60, 1)
