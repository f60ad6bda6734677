"""Counting: a tally into the store, and what became of each event, for both ways in."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import msgspec

from cueroom.edge.burden import Turns
from cueroom.edge.services import Services
from cueroom.metrics import Outcome
from cueroom.show.events import name_of
from cueroom.show.tally import Flush, Tally
from cueroom.show.wire import Judged, Rejection, Slices, rejected_entries
from cueroom.storage.calls import Flushed, Part, Sender

TAKEN = frozenset({"ok", "again"})
"""What became of a flush that is in the store; of another it is for its sender to send again."""


class Counted(msgspec.Struct):
    """What an acknowledgement says: how many events were taken, known already, or refused and why."""

    accepted: int = 0
    duplicate: int = 0
    rejected: list[dict[str, Any]] = []


class NotTaken(msgspec.Struct, frozen=True):
    """An event that was not taken: its place in what it came in, and why."""

    place: int
    event: Judged
    why: Rejection


async def add_up(turns: Turns, tally: Tally, slices: Slices, received_at: int) -> list[NotTaken]:
    """Adds events up in one of these turns, or in several, a slice in each; answers which were not taken. `received_at`
    in ms."""
    not_taken: list[NotTaken] = []
    first = 0
    for events in slices:
        if first:
            await turns.pause()
        refused = tally.add_all(events, received_at)
        not_taken += [NotTaken(first + place, events[place], why) for place, why in refused.items()]
        first += len(events)
    return not_taken


def reject(services: Services, counted: Counted, seq: int | None, refused: Mapping[int, Rejection]) -> None:
    """Counts events that were not taken, by their places in a batch or a body."""
    counted.rejected += rejected_entries(seq, refused)
    for kind, n in Counter(why.kind for why in refused.values()).items():
        services.metrics.count_events(kind, Outcome.REJECTED, n)


async def flush_counted(
    services: Services, show: str, flush: Flush, counted: Counted, sender: Sender | None = None
) -> Flushed:
    """Makes the flush durable and completes the counts, unless the store refuses it. Raises StoreUnavailable,
    UnknownShow."""
    pieces, most = [flush], services.flushing.most_weight
    if flush.weight > most:  # cutting takes a while of the loop; most flushes are one call anyway
        async with services.burden.turns:
            pieces = flush.pieces(most)
    *ahead, last = pieces
    repeats: Counter[str] = Counter()
    for piece in ahead:
        repeats.update((await services.flushing.flush(show, Part(piece))).repeats)
    flushed = await services.flushing.flush(show, Part(last, sender))
    if flushed.status not in TAKEN:
        return flushed
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
