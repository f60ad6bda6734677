"""People: how fast those of this show act and release, what their reminders save; the policy's figures until then."""

from math import exp, log

import msgspec

from cueroom.pacing.memory import Asked, Memory, Reminder
from cueroom.pacing.policy import Policy
from cueroom.show.cues import CALLS, Cue, CueState, Kind
from cueroom.show.state import MINUTE_MS, Snapshot

_TRUST = 3.0
"""The policy's figure weighs as much as so many observations."""

_SLOWER, _LEAST_LEAD_S = 1.5, 5.0
"""A release may take so many times longer than the slowest of late, and never less than this."""

_KEPT = 8
_LATEST_S = 150
_LISTENED_S = 120
_LEAST_ORDERS = 10
_YOUNGEST_MIN, _OLDEST_MIN = 2, 10
"""Only orders so young are counted: platforms cancel those of a quarter of an hour, which is no payment."""


def watched(snapshot: Snapshot, memory: Memory) -> Memory:
    """The memory with what people have done since the last look."""
    return _listened(snapshot, _released(snapshot, _reacted(snapshot, memory)))


def as_people_are(policy: Policy, memory: Memory) -> Policy:
    """The policy with this show's own reaction time, lead of a release and success of reminders, as far as it has
    shown them."""
    reacted = [_TRUST * log(max(1.0, policy.reaction_s)), *(log(max(1.0, each)) for each in memory.reacted)]
    saved = [_TRUST * policy.payment_saved, *memory.saved]
    return msgspec.structs.replace(
        policy,
        reaction_s=exp(sum(reacted) / (_TRUST + len(memory.reacted))),
        payment_saved=sum(saved) / (_TRUST + len(memory.saved)),
        release_lead_s=_lead_s(policy.release_lead_s, memory.released),
    )


def _lead_s(thought_s: float, took_s: tuple[float, ...]) -> float:
    """What even a slow release keeps within: the mean would leave every other shelf empty."""
    slow_s = max(_LEAST_LEAD_S, _SLOWER * max(took_s, default=0.0))
    return exp((_TRUST * log(thought_s) + len(took_s) * log(slow_s)) / (_TRUST + len(took_s)))


def _reacted(snapshot: Snapshot, memory: Memory) -> Memory:
    """Seconds from the last call for the item that has just come on air until it did."""
    live = snapshot.board.live
    if live is None or live.since == memory.acted:
        return memory
    calls = [cue.issued_at for cue in _cues(snapshot) if cue.kind in CALLS and cue.sku == live.sku]
    took_s = [(live.since - at) / 1000 for at in calls if 0 < live.since - at <= 1000 * _LATEST_S]
    reacted = (*memory.reacted, *sorted(took_s)[:1])[-_KEPT:]
    return msgspec.structs.replace(memory, acted=live.since, reacted=reacted)


def _released(snapshot: Snapshot, memory: Memory) -> Memory:
    """Seconds from the first cue for a batch until it was on the shelf; a refusal meanwhile is part of them."""
    recent = snapshot.now - 1000 * _LATEST_S
    asked = {sku: each for sku, each in memory.asked.items() if each.at >= recent}
    done = {sku: each for sku, each in asked.items() if snapshot.shelf(sku).reserve < each.reserve}
    took_s = [(snapshot.now - each.at) / 1000 for each in done.values()]
    waiting = {sku: each for sku, each in asked.items() if sku not in done}
    said = {cue.sku: cue for cue in snapshot.board.cues if cue.kind is Kind.RELEASE and cue.issued_at >= recent}
    new = {
        sku: Asked(int(cue.why.numbers["reserve"] or 0), cue.issued_at)
        for sku, cue in said.items()
        if sku and sku not in asked
    }
    return msgspec.structs.replace(memory, asked=waiting | new, released=(*memory.released, *took_s)[-_KEPT:])


def _listened(snapshot: Snapshot, memory: Memory) -> Memory:
    """The part of the orders that waited when people agreed to remind, and wait no longer."""
    last = memory.reminder
    if last and last.orders and snapshot.now >= last.at + 1000 * _LISTENED_S:
        taken = any(cue.id == last.cue and cue.state is CueState.ACCEPTED for cue in _cues(snapshot))
        left = _waiting(snapshot, last.at)
        told = (max(0.0, 1 - left / last.orders),) if taken and last.orders >= _LEAST_ORDERS else ()
        done = msgspec.structs.replace(last, orders=0)
        return msgspec.structs.replace(memory, reminder=done, saved=(*memory.saved, *told)[-_KEPT:])
    latest = max((cue for cue in _cues(snapshot) if cue.kind is Kind.PAYMENT), key=_issued_at, default=None)
    if latest is None or (last and latest.issued_at <= last.at):
        return memory
    reminder = Reminder(latest.id, latest.issued_at, _waiting(snapshot, latest.issued_at))
    return msgspec.structs.replace(memory, reminder=reminder)


def _waiting(snapshot: Snapshot, at: int) -> int:
    """Unpaid orders that a reminder at that time (ms) was for, and that no platform has cancelled since."""
    after, until = at - MINUTE_MS * _OLDEST_MIN, at - MINUTE_MS * _YOUNGEST_MIN
    return sum(
        count for minutes in snapshot.unpaid.values() for since, (count, _) in minutes.items() if after < since <= until
    )


def _issued_at(cue: Cue) -> int:
    return cue.issued_at


def _cues(snapshot: Snapshot) -> tuple[Cue, ...]:
    return (*snapshot.board.cues, *snapshot.board.closed)
