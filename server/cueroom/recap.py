"""The recap: what a show came to, as values: its metrics, each item's way from card to payment, every cue's life."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from cueroom.board import Phase, cue_number
from cueroom.cues import Cue
from cueroom.pacing.plan import planned_shares
from cueroom.rundown import Item, Rundown
from cueroom.state import Counts, Snapshot

MINUTE_MS = 60_000

Minutes = Mapping[int, Mapping[str, int]]
"""Minute since the epoch → field → value; the fields of `state.Series`."""


class ItemRecap(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one item. `spells` is how often it was on air, `air_ms` how long in all; `best_at` (ms) is the
    minute with the most GMV, `best_gmv`; the shares are parts of the goal and of the show's GMV."""

    item: Item
    counts: Counts
    spells: int
    air_ms: int
    best_at: int | None
    best_gmv: int | None
    planned_share: float
    share: float | None
    stock_left: int

    @property
    def planned_ms(self) -> int:
        """Planned time on air."""
        return round(self.item.minutes * MINUTE_MS)

    @property
    def ctr(self) -> float | None:
        """Product clicks ÷ product exposures."""
        return ratio(self.counts.clicked, self.counts.viewed)

    @property
    def click_to_order(self) -> float | None:
        """Paid orders ÷ product clicks."""
        return ratio(self.counts.orders_paid, self.counts.clicked)

    @property
    def gmv_per_min(self) -> float | None:
        """GMV ÷ minutes on air."""
        return ratio(self.counts.gmv * MINUTE_MS, self.air_ms)


class PolicyChange(msgspec.Struct, frozen=True):
    """A threshold that a person set during the show, when (ms) and to what; None: back to the show file's."""

    at: int
    by: str
    key: str
    value: Any


class Recap(msgspec.Struct, frozen=True, kw_only=True):
    """What a show came to, so far or in the end. Money in minor units; a metric that would divide by nothing is None.
    `unique` is an estimate (standard error 0.81 %), None where no feed names viewers; `average_online` is the mean of
    the per-minute values."""

    rundown: Rundown
    phase: Phase
    started_at: int | None
    ended_at: int | None
    air_ms: int
    counts: Counts
    unique: int | None
    peak_online: int
    average_online: float | None
    items: tuple[ItemRecap, ...]
    cues: tuple[Cue, ...]
    policy_changes: tuple[PolicyChange, ...]

    @property
    def gpm(self) -> float | None:
        """GMV ÷ PV x 1000."""
        return ratio(self.counts.gmv * 1000, self.counts.entered)

    @property
    def uv_value(self) -> float | None:
        """GMV ÷ UV."""
        return ratio(self.counts.gmv, self.unique)

    @property
    def aov(self) -> float | None:
        """GMV ÷ paid orders."""
        return ratio(self.counts.gmv, self.counts.orders_paid)

    @property
    def follow_rate(self) -> float | None:
        """Follows ÷ UV."""
        return ratio(self.counts.followed, self.unique)

    @property
    def unpaid_share(self) -> float | None:
        """Unpaid orders ÷ created orders."""
        return ratio(self.counts.unpaid_orders, self.counts.orders_created)

    @property
    def revenue_per_min(self) -> float | None:
        """GMV ÷ minutes on air."""
        return ratio(self.counts.gmv * MINUTE_MS, self.air_ms)

    @property
    def goal_share(self) -> float | None:
        """GMV ÷ goal."""
        return ratio(self.counts.gmv, self.rundown.goal)


def recap_of(snapshot: Snapshot, minutes: Minutes, entries: Iterable[Mapping[str, Any]]) -> Recap:
    """The recap of a show out of its snapshot, its series by minute and the entries of its log. A show that was not
    ended is told up to its newest event: whatever time went by since, nothing is known of it."""
    if snapshot.board.phase is Phase.LIVE and snapshot.newest_at is not None:
        snapshot = msgspec.structs.replace(snapshot, now=snapshot.newest_at)
    logged = list(entries)
    board, planned = snapshot.board, planned_shares(snapshot.rundown)
    return Recap(
        rundown=snapshot.rundown,
        phase=board.phase,
        started_at=board.started_at,
        ended_at=board.ended_at,
        air_ms=snapshot.elapsed_ms,
        counts=snapshot.totals,
        unique=snapshot.unique or None,
        peak_online=snapshot.peak_online,
        average_online=_average_online(snapshot, minutes),
        items=tuple(_item(snapshot, item, minutes, planned[item.sku]) for item in snapshot.rundown.items),
        cues=cues_of(logged),
        policy_changes=tuple(policy_changes_of(logged)),
    )


def cues_of(entries: Iterable[Mapping[str, Any]]) -> tuple[Cue, ...]:
    """Every cue as the log told it last, with all its steps; the oldest first."""
    told = {entry["cue"]["id"]: entry["cue"] for entry in entries if entry["type"] == "cue"}
    return tuple(sorted(msgspec.convert(list(told.values()), list[Cue]), key=cue_number))


def policy_changes_of(entries: Iterable[Mapping[str, Any]]) -> Iterator[PolicyChange]:
    """Every threshold set during the show, in the order of the log."""
    for entry in entries:
        command = entry.get("command", {})
        if entry["type"] == "command" and command.get("command") == "policy":
            for key, value in command["set"].items():
                yield PolicyChange(entry["time"], entry["by"], key, value)


def ratio(part: float, whole: float | None) -> float | None:
    """`part` ÷ `whole`; None where there is nothing to divide by."""
    return part / whole if whole else None


def _item(snapshot: Snapshot, item: Item, minutes: Minutes, planned_share: float) -> ItemRecap:
    board, counts = snapshot.board, snapshot.counts(item.sku)
    on_air = [play.sku for play in board.plays] + ([board.live.sku] if board.live else [])
    by_gmv = {minute: fields.get(f"gmv|{item.sku}", 0) for minute, fields in minutes.items()}
    best = max(by_gmv, key=lambda minute: (by_gmv[minute], -minute), default=None)
    if best is not None and not by_gmv[best]:
        best = None
    return ItemRecap(
        item=item,
        counts=counts,
        spells=on_air.count(item.sku),
        air_ms=board.air_ms(item.sku, snapshot.now),
        best_at=None if best is None else best * MINUTE_MS,
        best_gmv=None if best is None else by_gmv[best],
        planned_share=planned_share,
        share=ratio(counts.gmv, snapshot.totals.gmv),
        stock_left=snapshot.shelf(item.sku).left,
    )


def _average_online(snapshot: Snapshot, minutes: Minutes) -> float | None:
    """Over the minutes of the show for which the platform told a number."""
    board = snapshot.board
    if board.started_at is None:
        return None
    first, last = board.started_at // MINUTE_MS, (board.ended_at or snapshot.now) // MINUTE_MS
    told = [fields["online"] for minute, fields in minutes.items() if first <= minute <= last and "online" in fields]
    return ratio(sum(told), len(told))
