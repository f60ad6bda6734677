"""The lag: how late orders are told, and how long nothing of them usually comes in between."""

from statistics import median_low

import msgspec

from cueroom.pacing.memory import Memory, Telling
from cueroom.pacing.policy import Policy
from cueroom.pacing.silence import tells_of_orders
from cueroom.show.state import RECENT_S, Snapshot

_KEPT = 9
_LEAST_S = 3
"""Orders that come within less are told at once: a feed collects some, and a second has to be over to be read."""


def heard_out(snapshot: Snapshot, memory: Memory) -> Memory:
    """The memory with the last second that orders were told of, if it is a new one."""
    now, last = snapshot.now // 1000, memory.tellings[-1].second if memory.tellings else None
    newest = next((now - ago for ago in range(RECENT_S) if tells_of_orders(snapshot.seconds.get(now - ago, {}))), None)
    if newest is None or (last is not None and newest <= last):
        return memory
    telling = Telling(newest, now - newest, now - (newest if last is None else last))
    return msgspec.structs.replace(memory, tellings=(*memory.tellings, telling)[-_KEPT:])


def late_s(memory: Memory) -> int:
    """Seconds until an order is told of, by the median of the last ones; 0 where that is at once."""
    usual_s = median_low(each.late_s for each in memory.tellings) if memory.tellings else 0
    return usual_s if usual_s >= _LEAST_S else 0


def pause_s(memory: Memory) -> int:
    """How many seconds old the last told order usually is by the time that the next is told: where a feed asks its
    platform for orders now and then, they come in lumps."""
    return median_low(each.pause_s for each in memory.tellings) if memory.tellings else 0


def as_late_as_told(policy: Policy, memory: Memory) -> Policy:
    """The policy for people who act on orders that are told late: what they do meets a later state than is known."""
    late = late_s(memory)
    return msgspec.structs.replace(
        policy, reaction_s=policy.reaction_s + late, release_lead_s=policy.release_lead_s + late
    )
