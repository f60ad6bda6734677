"""The record: what the store keeps of a show, as far as a recap is made of it."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from cueroom.recap.summary import Minutes, Summary
from cueroom.show.aftersales import AfterSales
from cueroom.show.board import Phase, Play
from cueroom.show.state import MINUTE_MS, Series, Snapshot

SECOND_FIELDS = frozenset({"gmv", "units_created", "orders_cancelled", "counted"})
"""The fields that a recap looks at second by second, in the whole show and by item."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A show at `snapshot.now`, its series by minute and, as far as SECOND_FIELDS goes, by second (a second in which
    nothing of them happened but something was told is there, empty), the entries of its log, what came after the sale,
    and the summaries of earlier shows, the latest first."""

    snapshot: Snapshot
    minutes: Minutes = {}
    seconds: Series = {}
    entries: Sequence[Mapping[str, Any]] = ()
    after_sales: AfterSales = AfterSales()
    earlier: tuple[Summary, ...] = ()

    @property
    def until(self) -> int:
        """Up to when (ms) the show is told: its end or, while it runs, its newest event; whatever time went by since
        then, nothing is known of it."""
        snapshot = self.snapshot
        if snapshot.board.phase is Phase.LIVE and snapshot.newest_at is not None:
            return snapshot.newest_at
        return snapshot.board.ended_at or snapshot.now

    @property
    def plays(self) -> tuple[Play, ...]:
        """Every spell on air; the one that is on now lasts until now."""
        board = self.snapshot.board
        live = (Play(board.live.sku, board.live.since, self.until, board.live.host),) if board.live else ()
        return (*board.plays, *live)

    def on_air(self, at: int) -> Play | None:
        """The spell on air at that instant (ms)."""
        return next((play for play in self.plays if play.since <= at < play.until), None)

    @property
    def show_minutes(self) -> range:
        """The minutes of the show so far (since the epoch)."""
        started_at = self.snapshot.board.started_at
        return range(0) if started_at is None else range(started_at // MINUTE_MS, self.until // MINUTE_MS + 1)

    def sum(self, field: str, since: int, until: int) -> int:
        """How much of a field was booked in the seconds of that time (ms)."""
        span = range(since // 1000, until // 1000)
        return sum(self.seconds[second].get(field, 0) for second in span if second in self.seconds)


def seconds_needed(fields: Mapping[str, int]) -> dict[str, int]:
    """What a record keeps of a second."""
    return {field: n for field, n in fields.items() if field.partition("|")[0] in SECOND_FIELDS}
