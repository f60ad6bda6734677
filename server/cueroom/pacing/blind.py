"""Blind: when the data is too old to advise on, all of it or the orders alone."""

from cueroom.cues import Audience, Kind
from cueroom.pacing.policy import Policy
from cueroom.pacing.view import Advice, Trait, View
from cueroom.state import Snapshot

BLIND = Trait(priority=1, audience=Audience.PRODUCER, stays_s=3600, rests_s=30, orders=False)

_IMPROBABLE = 30.0
_LEAST_SILENCE_S = 6


def is_stale(snapshot: Snapshot, policy: Policy) -> bool:
    """Whether the newest event is too old for any advice."""
    return snapshot.age_ms is None or snapshot.age_ms > 1000 * policy.stale_s


def advise_blind(snapshot: Snapshot, policy: Policy) -> Advice | None:
    """No event for a while."""
    age_ms = snapshot.age_ms
    if age_ms is None or not is_stale(snapshot, policy):
        return None
    return Advice(
        kind=Kind.BLIND,
        rule="stale",
        numbers={"age_s": round(age_ms / 1000)},
        ready=age_ms > 1000 * policy.blind_after_s,
    )


def advise_orders_blind(view: View) -> Advice | None:
    """Viewers still come, but the orders have stopped where they should not have by any chance."""
    live, estimate = view.live, view.estimate
    if live is None or estimate is None or not view.snapshot.shelf(live.sku).on_shelf:
        return None
    silence = _silence_s(view)
    expected = silence * estimate.rate()
    if silence < _LEAST_SILENCE_S or expected < _IMPROBABLE:
        return None
    numbers = {"age_s": silence, "expected_orders": round(expected)}
    return Advice(kind=Kind.BLIND, rule="orders_silent", numbers=dict(numbers))


def _silence_s(view: View) -> int:
    """Whole seconds without any order, up to the item's own time on air."""
    last = view.now // 1000 - 1
    for ago in range(min(int(view.air_s), 150)):
        if view.snapshot.seconds.get(last - ago, {}).get("orders_created"):
            return ago
    return min(int(view.air_s), 150)
