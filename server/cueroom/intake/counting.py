"""Counting: a tally into the store, and what became of each event, for both ways in."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import msgspec

from cueroom.edge.services import Services
from cueroom.metrics import Outcome
from cueroom.show.events import name_of
from cueroom.show.tally import Flush
from cueroom.show.wire import Rejection, rejected_entries
from cueroom.storage.calls import Flushed, Part, Sender


class Counted(msgspec.Struct):
    """What an acknowledgement says: how many events were taken, known already, or refused and why."""

    accepted: int = 0
    duplicate: int = 0
    rejected: list[dict[str, Any]] = []


def reject(services: Services, counted: Counted, seq: int | None, refused: Mapping[int, Rejection]) -> None:
    """Counts events that were not taken, by their places in a batch or a body."""
    counted.rejected += rejected_entries(seq, refused)
    for kind, n in Counter(why.kind for why in refused.values()).items():
        services.metrics.count_events(kind, Outcome.REJECTED, n)


async def flush_counted(
    services: Services, show: str, flush: Flush, counted: Counted, sender: Sender | None = None
) -> Flushed:
    """Makes the flush durable and completes the counts. Raises StoreUnavailable, UnknownShow."""
    *ahead, last = flush.pieces()
    repeats: Counter[str] = Counter()
    for piece in ahead:
        repeats.update((await services.flushing.flush(show, Part(piece))).repeats)
    flushed = await services.flushing.flush(show, Part(last, sender))
    repeats.update(flushed.repeats)
    for kind, n in flush.types.items():
        name = name_of(kind)
        again = repeats[name]
        services.metrics.count_events(name, Outcome.ACCEPTED, n - again)
        if again:
            services.metrics.count_events(name, Outcome.DUPLICATE, again)
        counted.accepted += n - again
        counted.duplicate += again
    return flushed
