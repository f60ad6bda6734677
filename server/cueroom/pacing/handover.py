"""Hand-over and wrap: who speaks next (1+N), and when to come to an end."""

from math import exp

import msgspec

from cueroom.pacing.leave import chance_to_leave
from cueroom.pacing.price import to_play
from cueroom.pacing.promise import Crowd
from cueroom.pacing.view import Advice, Numbers, Trait, View, per_cent
from cueroom.show.cues import Audience, Kind
from cueroom.show.rundown import Item

HANDOVER = Trait(priority=3, audience=Audience.BOTH, stays_s=40, rests_s=600)
WRAP = Trait(priority=4, audience=Audience.BOTH, stays_s=60, rests_s=3600)

_SOON, _STILL = 0.45, 0.2
_AFTER_S = 5.0
_WRAP_S = 120


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
    """The end is near and nothing is left to put on."""
    if view.live is None or to_play(view.snapshot) or not 0 < view.left_s <= _WRAP_S:
        return None
    return Advice(kind=Kind.WRAP, rule="time_up", numbers={"remaining_min": round(view.left_s / 60, 1)}, again="once")
