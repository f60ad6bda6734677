"""The summary: the figures of a whole show, by the field's definitions."""

from collections.abc import Mapping

import msgspec

from cueroom.show.board import Phase
from cueroom.show.rundown import Rundown
from cueroom.show.state import MINUTE_MS, Counts, Snapshot

Minutes = Mapping[int, Mapping[str, int]]
"""Minute since the epoch → field → value; the fields of `state.Series`."""


class Sales(msgspec.Struct, frozen=True, kw_only=True):
    """What was counted in so much time on air, and the metrics that follow from that alone. Money in minor units; one
    that would divide by nothing is None."""

    counts: Counts
    air_ms: int

    @property
    def aov(self) -> float | None:
        """GMV ÷ paid orders."""
        return ratio(self.counts.gmv, self.counts.orders_paid)

    @property
    def unpaid_share(self) -> float | None:
        """Unpaid orders ÷ created orders."""
        return ratio(self.counts.unpaid_orders, self.counts.orders_created)

    @property
    def refund_share(self) -> float | None:
        """Refunds ÷ GMV."""
        return ratio(self.counts.refunded, self.counts.gmv)

    @property
    def revenue_per_min(self) -> float | None:
        """GMV ÷ minutes on air."""
        return ratio(self.counts.gmv * MINUTE_MS, self.air_ms)

    @property
    def ctr(self) -> float | None:
        """Product clicks ÷ product exposures."""
        return ratio(self.counts.clicked, self.counts.viewed)

    @property
    def click_to_order(self) -> float | None:
        """Paid orders ÷ product clicks."""
        return ratio(self.counts.orders_paid, self.counts.clicked)


class Summary(Sales, frozen=True, kw_only=True):
    """What a show came to, so far or in the end. Money in minor units; a metric that would divide by nothing is None.
    `unique` is an estimate from 2,000 on (standard error 0.81 %), None where no feed names viewers; `average_online`
    is the mean of the per-minute values; `best_at` (ms) is the minute with the most GMV, `best_gmv`."""

    rundown: Rundown
    phase: Phase
    started_at: int | None
    ended_at: int | None
    unique: int | None
    peak_online: int
    average_online: float | None
    best_at: int | None
    best_gmv: int | None

    @property
    def names_few(self) -> bool:
        """Whether feeds name fewer viewers than were online at once: then what is divided by UV tells of some only."""
        return self.unique is not None and self.unique < self.peak_online

    @property
    def gpm(self) -> float | None:
        """GMV ÷ PV x 1000."""
        return ratio(self.counts.gmv * 1000, self.counts.entered)

    @property
    def uv_value(self) -> float | None:
        """GMV ÷ UV."""
        return ratio(self.counts.gmv, self.unique)

    @property
    def follow_rate(self) -> float | None:
        """Follows ÷ UV."""
        return ratio(self.counts.followed, self.unique)

    @property
    def goal_share(self) -> float | None:
        """GMV ÷ goal."""
        return ratio(self.counts.gmv, self.rundown.goal)


def summary_of(snapshot: Snapshot, minutes: Minutes) -> Summary:
    """The summary of a show out of its snapshot and its series by minute."""
    board = snapshot.board
    best_at, best_gmv = best_minute(minutes, "gmv")
    return Summary(
        rundown=snapshot.rundown,
        phase=board.phase,
        started_at=board.started_at,
        ended_at=board.ended_at,
        air_ms=snapshot.elapsed_ms,
        counts=snapshot.totals,
        unique=snapshot.unique or None,
        peak_online=snapshot.peak_online,
        average_online=_average_online(snapshot, minutes),
        best_at=best_at,
        best_gmv=best_gmv,
    )


def best_minute(minutes: Minutes, field: str) -> tuple[int | None, int | None]:
    """The first minute (ms) with the most of a field, and how much; nothing where there was none of it."""
    best = max(minutes, key=lambda minute: (minutes[minute].get(field, 0), -minute), default=None)
    if best is None or not minutes[best].get(field):
        return None, None
    return best * MINUTE_MS, minutes[best][field]


def ratio(part: float, whole: float | None) -> float | None:
    """`part` ÷ `whole`; None where there is nothing to divide by."""
    return part / whole if whole else None


def _average_online(snapshot: Snapshot, minutes: Minutes) -> float | None:
    """Over the minutes of the show for which the platform told a number."""
    board = snapshot.board
    if board.started_at is None:
        return None
    first, last = board.started_at // MINUTE_MS, (board.ended_at or snapshot.now) // MINUTE_MS
    told = [fields["online"] for minute, fields in minutes.items() if first <= minute <= last and "online" in fields]
    return ratio(sum(told), len(told))
