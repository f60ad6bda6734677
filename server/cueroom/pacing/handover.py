"""Hand-over and wrap: who speaks next (1+N), and when to come to an end."""

from cueroom.pacing.leave import chance_to_leave
from cueroom.pacing.price import to_play
from cueroom.pacing.view import Advice, Trait, View
from cueroom.show.cues import Audience, Kind

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
    host = next((host for host in view.snapshot.rundown.hosts if host.id == item.host), None)
    return Advice(
        kind=Kind.HANDOVER,
        rule="next_host",
        sku=item.sku,
        numbers={
            "sku": item.sku,
            "name": item.name,
            "host": item.host,
            "host_name": host.name if host else item.host,
            "seconds_s": round(policy.reaction_s),
        },
        ready=chance >= _SOON,
        after_s=_AFTER_S,
    )


def advise_wrap(view: View) -> Advice | None:
    """The end is near and nothing is left to put on."""
    if view.live is None or to_play(view.snapshot) or not 0 < view.left_s <= _WRAP_S:
        return None
    return Advice(kind=Kind.WRAP, rule="time_up", numbers={"remaining_min": round(view.left_s / 60, 1)}, again="once")
