"""Blind: when the data is too old to advise on, all of it or the orders alone."""

from math import ceil

from cueroom.pacing.memory import Memory
from cueroom.pacing.missing import LONGEST_S, missing_orders
from cueroom.pacing.policy import Policy
from cueroom.pacing.silence import is_no_pause, usual_minutes
from cueroom.pacing.view import Advice, Numbers, Trait, View
from cueroom.show.cues import Audience, Kind
from cueroom.show.state import Snapshot

BLIND = Trait(priority=1, audience=Audience.PRODUCER, stays_s=3600, rests_s=30)

_ORDERS_SILENT = "orders_silent"
_FIRST_S = 30
"""A feed may be connected so long after the show was started."""


def is_stale(snapshot: Snapshot, policy: Policy) -> bool:
    """Whether the newest event is too old for any advice."""
    return snapshot.age_ms is None or snapshot.age_ms > 1000 * policy.stale_s


def advise_blind(snapshot: Snapshot, memory: Memory, policy: Policy) -> Advice | None:
    """No event for a while; ready once that is longer than this feed's usual pauses. Or none since the start, or all
    that come are old: the platform is late, or the feed's clock slow."""
    age_ms = snapshot.age_ms
    if age_ms is None:
        return _never_heard(snapshot)
    if not is_stale(snapshot, policy):
        return None
    arrived_at = snapshot.arrived_at
    comes_late = arrived_at is not None and snapshot.now - arrived_at <= 1000 * policy.stale_s
    numbers: Numbers = {"age_s": round(age_ms / 1000)}
    return Advice(
        kind=Kind.BLIND,
        rule="late" if comes_late else "stale",
        numbers=numbers | {"stale_s": policy.stale_s} if comes_late else numbers,
        ready=is_silent(snapshot, memory, policy),
    )


def is_silent(snapshot: Snapshot, memory: Memory, policy: Policy) -> bool:
    """Whether nothing at all has come for longer than the policy waits, and than this feed pauses by chance."""
    age_ms = snapshot.age_ms or 0
    if age_ms <= 1000 * policy.blind_after_s:
        return False
    minutes = usual_minutes(memory, snapshot.now // 1000 - ceil(age_ms / 1000))
    usual = [max(minute.heard, minute.ordered) for minute in minutes]
    return is_no_pause(snapshot.seconds.keys(), age_ms / 1000, usual)


def _never_heard(snapshot: Snapshot) -> Advice | None:
    """The show is on, and no feed has told anything of it."""
    since_s = snapshot.elapsed_ms // 1000
    return Advice(kind=Kind.BLIND, rule="never_heard", numbers={"since_s": since_s}) if since_s > _FIRST_S else None


def advise_orders_blind(view: View) -> Advice | None:
    """Viewers still come, but no order, payment or cancellation does, where by chance some should."""
    missing = missing_orders(view.snapshot, view.memory)
    if missing is None:
        return None
    if missing.is_chance and not (missing.silence_s == LONGEST_S and misses_orders(view.snapshot)):
        return None
    numbers: Numbers = {"age_s": missing.silence_s, "expected_orders": round(missing.orders)}
    shelf = view.snapshot.shelf(view.live.sku) if view.live else None
    if not view.live or not shelf or not shelf.reserve:
        return Advice(kind=Kind.BLIND, rule=_ORDERS_SILENT, numbers=numbers)
    # Where a feed tells less than all orders, the shelf may be emptier than what it told.
    numbers |= {"name": view.live.name, "on_shelf": shelf.on_shelf, "reserve": shelf.reserve}
    return Advice(kind=Kind.BLIND, rule=f"{_ORDERS_SILENT}_in_reserve", numbers=numbers)


def misses_orders(snapshot: Snapshot) -> bool:
    """Whether an open cue says that orders are missing."""
    return any(cue.kind is Kind.BLIND and cue.why.rule.startswith(_ORDERS_SILENT) for cue in snapshot.board.cues)
