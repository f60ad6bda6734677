"""Counting: a tally into the store, and what became of each event, for both ways in."""

import time
from collections.abc import Iterable
from typing import Any

import msgspec

from cueroom.metrics import Outcome
from cueroom.services import Services
from cueroom.store import Sender
from cueroom.tally import Flush, Tally
from cueroom.wire import Judged


class Counted(msgspec.Struct):
    """What an acknowledgement says: how many events were taken, known already, or refused and why."""

    accepted: int = 0
    duplicate: int = 0
    rejected: list[dict[str, Any]] = []


def add_all(tally: Tally, events: Iterable[Judged], received_at: int) -> list[Judged]:
    """Adds every good event to the tally; answers the same list with a rejection wherever one was not taken."""
    return [tally.add(event, received_at) or event for event in events]


async def flush_counted(
    services: Services, show: str, flush: Flush, counted: Counted, sender: Sender | None = None
) -> str:
    """Makes the flush durable and completes the counts; answers its status. Raises StoreUnavailable, UnknownShow."""
    started_s = time.perf_counter()
    flushed = await services.store.flush(show, flush, services.clock.now_ms(), sender)
    services.metrics.flush_seconds.observe(time.perf_counter() - started_s)
    repeats: dict[str, int] = {}
    for place in flushed.duplicates:
        name = flush.op_types[place]
        repeats[name] = repeats.get(name, 0) + 1
    for name, n in flush.types.items():
        services.metrics.count_events(name, Outcome.ACCEPTED, n - repeats.get(name, 0))
        services.metrics.count_events(name, Outcome.DUPLICATE, repeats.get(name, 0))
    services.metrics.count_events("", Outcome.REJECTED, len(counted.rejected))
    counted.accepted += sum(flush.types.values()) - len(flushed.duplicates)
    counted.duplicate += len(flushed.duplicates)
    return flushed.status
