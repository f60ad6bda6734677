"""Stale: which of the screens' figures are not current, because what told them has fallen silent."""

from cueroom.pacing.blind import is_silent, misses_orders
from cueroom.pacing.memory import Memory
from cueroom.pacing.policy import Policy
from cueroom.pacing.silence import ORDER_FIELDS, ROOM_FIELDS, is_no_pause, usual_minutes
from cueroom.show.board import Phase
from cueroom.show.state import RECENT_S, Snapshot
from cueroom.show.tally import EARLY_MS

SALES, ROOM = "sales", "room"
"""The kinds of figures: what was sold, with stock and plan, and who is in the room."""

_TOLD_BY = {SALES: ORDER_FIELDS, ROOM: ROOM_FIELDS}


def stale_ages(snapshot: Snapshot, memory: Memory, policy: Policy) -> dict[str, int]:
    """How old (ms) the figures are that are not current, by kind; none while all are, nor outside the show.

    Where nothing comes any more, all figures are stale. Else a kind is once it has been silent for longer than it
    usually pauses and so has a feed that may have told it, or while a cue says that orders are missing."""
    if snapshot.board.phase is not Phase.LIVE or snapshot.age_ms is None:
        return {}
    all_silent = is_silent(snapshot, memory, policy)
    quiet = [feed.last_at for feed in snapshot.feeds if snapshot.now - feed.last_at > 1000 * policy.stale_s]
    missed = misses_orders(snapshot)
    if not (all_silent or quiet or missed):
        return {}  # as nearly always; this is asked many times a second
    ages = {}
    for kind in _kinds_told(snapshot):
        heard = [second for second, row in snapshot.seconds.items() if not _TOLD_BY[kind].isdisjoint(row)]
        age_ms = snapshot.now - 1000 * max(heard) if heard else _least_age_ms(snapshot, quiet)
        is_lost = any(at >= 1000 * max(heard, default=0) - EARLY_MS for at in quiet)
        too_long = age_ms > 1000 * policy.blind_after_s and is_no_pause(
            heard, age_ms / 1000, _usual(kind, snapshot.now - age_ms, memory)
        )
        if all_silent or (missed and kind == SALES) or (is_lost and too_long):
            ages[kind] = max(0, age_ms)
    return ages


def _usual(kind: str, until: int, memory: Memory) -> list[int]:
    """How many of the seconds of each usual minute told of a kind."""
    minutes = usual_minutes(memory, until // 1000)
    return [minute.ordered if kind == SALES else minute.heard for minute in minutes]


def _kinds_told(snapshot: Snapshot) -> list[str]:
    """The kinds of which anything was ever told."""
    told = {SALES: snapshot.totals.orders_created, ROOM: snapshot.totals.entered or snapshot.peak_online}
    return [kind for kind, any_of_it in told.items() if any_of_it]


def _least_age_ms(snapshot: Snapshot, quiet: list[int]) -> int:
    """How old that is at least which was told before the series begins: since then, or since a feed was lost."""
    lost_ms = min((snapshot.now - at for at in quiet), default=0)
    return max(1000 * RECENT_S, snapshot.age_ms or 0, lost_ms)
