"""The state of a show at one instant: counters, shelf, board and feeds, as values, and what follows from them by
arithmetic alone."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from cueroom.show.board import Board
from cueroom.show.rundown import Item, Rundown

RATE_WINDOW_S = 60
"""`orders_per_min` and `gmv_per_min` look at this many whole seconds."""

RECENT_S = 180
"""How many seconds of the series a snapshot carries."""

MINUTE_MS = 60_000

Series = Mapping[int, Mapping[str, int]]
"""Second since the epoch → field → value. A field is a name of `Counts` (room-wide) or `name|sku`;
`online` is the last value of the gauge in that second, everything else a sum. Booked when it happened."""


class Counts(msgspec.Struct, kw_only=True):
    """What was counted, for the whole show or one item. Money in minor units."""

    entered: int = 0
    left: int = 0
    commented: int = 0
    liked: int = 0
    followed: int = 0
    shared: int = 0
    gifted_amount: int = 0
    viewed: int = 0
    clicked: int = 0
    orders_created: int = 0
    orders_paid: int = 0
    orders_cancelled: int = 0
    orders_refunded: int = 0
    units_created: int = 0
    units_paid: int = 0
    gmv: int = 0
    gmv_estimated: int = 0
    refunded: int = 0
    unpaid_orders: int = 0
    unpaid_amount: int = 0
    units_settled: int = 0
    """Ordered units that need no parcel any more: shipped, cancelled, or refunded in full."""
    parcels_shipped: int = 0

    @property
    def net(self) -> int:
        """GMV less refunds."""
        return self.gmv - self.refunded


class Shelf(msgspec.Struct, frozen=True):
    """Units that can be sold now, and units held back in batches."""

    on_shelf: int
    reserve: int

    @property
    def left(self) -> int:
        return self.on_shelf + self.reserve


class Feed(msgspec.Struct, frozen=True):
    """A producer's last durable batch and when it came (ms)."""

    producer: str
    last_seq: int
    last_at: int


class Screen(msgspec.Struct, frozen=True, kw_only=True):
    """A connected screen: its kind (`console`, `prompter`, `overlay`, or `feed` for a program), whose prompter it is,
    its key's role, since when (ms), and how late it painted its last frame, None where it has not told lately."""

    id: str
    screen: str
    host: str | None
    role: str
    since: int
    delay_ms: int | None = None


SCREENS_TOLD = 100
"""At most so many screens are in a state, those that have been there longest."""


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """Everything known about a show at `now` (ms). `newest_at` is the time of the newest event, `arrived_at` when
    the last events came in, `unpaid` the orders still unpaid: SKU → when the minute of their creation began (ms) →
    (orders, amount)."""

    rundown: Rundown
    board: Board
    totals: Counts
    items: Mapping[str, Counts]
    shelves: Mapping[str, Shelf]
    online: int = 0
    peak_online: int = 0
    unique: int = 0
    seconds: Series = {}
    unpaid: Mapping[str, Mapping[int, tuple[int, int]]] = {}
    feeds: tuple[Feed, ...] = ()
    screens: tuple[Screen, ...] = ()
    newest_at: int | None = None
    arrived_at: int | None = None
    rev: int = 0
    now: int

    @property
    def age_ms(self) -> int | None:
        """Age of the newest event; None where there was none."""
        return None if self.newest_at is None else max(0, self.now - self.newest_at)

    @property
    def elapsed_ms(self) -> int:
        """Show time so far; 0 before the start, frozen at the end."""
        if self.board.started_at is None:
            return 0
        return max(0, (self.board.ended_at or self.now) - self.board.started_at)

    def counts(self, sku: str) -> Counts:
        return self.items.get(sku) or Counts()

    def shelf(self, sku: str) -> Shelf:
        """The item's shelf; before anything was counted, what the rundown puts there."""
        if sku in self.shelves:
            return self.shelves[sku]
        item = self.rundown.item(sku)
        return initial_shelf(item) if item else Shelf(0, 0)

    def lately(self) -> dict[str, int]:
        """The sums of all series fields over the last minute, in one go."""
        last, sums = self.now // 1000, defaultdict[str, int](int)
        for second in range(last - RATE_WINDOW_S + 1, last + 1):
            for field, n in self.seconds.get(second, {}).items():
                sums[field] += n
        return sums

    def recent(self, field: str, window_s: int = RATE_WINDOW_S) -> int:
        """The sum of a series field over the last `window_s` whole seconds."""
        last = self.now // 1000
        return self.summed(field, range(last - window_s + 1, last + 1))

    def summed(self, field: str, seconds: Iterable[int]) -> int:
        """The sum of a series field over these seconds since the epoch."""
        return sum(self.seconds.get(second, {}).get(field, 0) for second in seconds)


def minutes_from(rundown: Rundown) -> int:
    """Where the minutes by which unpaid orders are kept begin (ms): with the second of the planned start, so that a
    show at another time of the clock is the same show."""
    return rundown.starts_at - rundown.starts_at % 1000


def initial_shelf(item: Item) -> Shelf:
    """The shelf before the show: the first batch is out, the rest is held back."""
    return Shelf(item.first_batch, item.stock - item.first_batch)


State = dict[str, Any]
"""The whole state as the contract spells it (`/openapi.json`), ready for JSON."""


class PlanLine(msgspec.Struct, frozen=True, kw_only=True):
    """Where the show stands against its plan. Money in minor units; `offset_s` is how far ahead (or behind,
    as `status` says; never signed) on the planned curve; `needed_per_min` is None once no time is left."""

    goal: int
    expected: int
    gap: int
    offset_s: int
    status: str
    needed_per_min: int | None
    forecast: int | None
    forecast_low: int | None = None
    forecast_high: int | None = None


class ItemOutlook(msgspec.Struct, frozen=True, kw_only=True):
    """What the engine thinks of an item, in minor units a minute: its own peak, and what its next minute (or its first,
    if not yet played) promises. None: not known."""

    peak_per_min: int | None = None
    promise_per_min: int | None = None


class Outlook(msgspec.Struct, frozen=True, kw_only=True):
    """The engine's view beside its cues: the plan line, the price of a minute, each item's outlook, how old the
    figures are that are not current (`sales`, `room`), and how late orders are told (0: at once)."""

    plan: PlanLine
    minute_price: int | None = None
    items: dict[str, ItemOutlook] = {}
    stale_ms: dict[str, int] = {}
    orders_late_s: int = 0


def describe(snapshot: Snapshot, outlook: Outlook) -> State:
    """The whole state, in the contract's words."""
    board, lately = snapshot.board, snapshot.lately()
    return {
        "show": _describe_show(snapshot.rundown),
        "phase": board.phase.value,
        "rev": snapshot.rev,
        "time": snapshot.now,
        "age_ms": snapshot.age_ms,
        "stale_ms": dict(outlook.stale_ms),
        "orders_late_s": outlook.orders_late_s,
        "started_at": board.started_at,
        "ended_at": board.ended_at,
        "elapsed_s": snapshot.elapsed_ms // 1000,
        "live": msgspec.to_builtins(board.live),
        "next": board.next_sku,
        "totals": {
            **_describe_counts(snapshot.totals, _TOTALS),
            "unique": snapshot.unique,
            "online": snapshot.online,
            "peak_online": snapshot.peak_online,
        },
        "items": {item.sku: _describe_item(snapshot, item, outlook, lately) for item in snapshot.rundown.items},
        "order": list(board.order),
        "skipped": list(board.left_out),
        "plays": msgspec.to_builtins(board.plays),
        "undo_until": board.undo.until if board.undo else None,
        "policy": dict(board.policy),
        "plan": msgspec.to_builtins(outlook.plan),
        "minute_price": outlook.minute_price,
        "cues": msgspec.to_builtins(board.cues),
        "closed_cues": msgspec.to_builtins(board.closed),
        "feeds": [
            {"producer": feed.producer, "last_seq": feed.last_seq, "age_ms": max(0, snapshot.now - feed.last_at)}
            for feed in snapshot.feeds
        ],
        "screens": msgspec.to_builtins(snapshot.screens[:SCREENS_TOLD]),
    }


_ITEM = (
    "viewed",
    "clicked",
    "orders_created",
    "orders_paid",
    "orders_cancelled",
    "orders_refunded",
    "units_paid",
    "gmv",
    "gmv_estimated",
    "refunded",
    "net",
    "unpaid_orders",
    "unpaid_amount",
)
_TOTALS = ("entered", "commented", "liked", "followed", "shared", "gifted_amount", *_ITEM)


def _describe_counts(counts: Counts, names: tuple[str, ...]) -> State:
    return {name: getattr(counts, name) for name in names}


def _describe_show(rundown: Rundown) -> State:
    return {
        "id": rundown.id,
        "title": rundown.title,
        "starts_at": rundown.starts_at,
        "duration_min": rundown.duration_min,
        "currency": rundown.currency,
        "goal": rundown.goal,
        "locale": rundown.locale,
        "hosts": msgspec.to_builtins(rundown.hosts),
    }


def _describe_item(snapshot: Snapshot, item: Item, outlook: Outlook, lately: Mapping[str, int]) -> State:
    """`lately`: what happened in the last minute, by field. `cover_s` is how long the shelf lasts if units go on
    selling like that; None while nothing sells."""
    shelf = snapshot.shelf(item.sku)
    units = lately.get(f"units_created|{item.sku}", 0)
    per_min = 60 / RATE_WINDOW_S
    seen = outlook.items.get(item.sku) or ItemOutlook()
    return {
        "name": item.name,
        "role": item.role.value,
        "price": item.price,
        "host": item.host,
        "minutes": snapshot.board.edited(item).minutes,
        "planned_minutes": item.minutes,
        "inserted": item.inserted,
        **_describe_counts(snapshot.counts(item.sku), _ITEM),
        "stock_left": shelf.left,
        "on_shelf": shelf.on_shelf,
        "cover_s": round(shelf.on_shelf * RATE_WINDOW_S / units, 1) if units else None,
        "orders_per_min": round(lately.get(f"orders_created|{item.sku}", 0) * per_min, 2),
        "gmv_per_min": round(lately.get(f"gmv|{item.sku}", 0) * per_min),
        "air_s": snapshot.board.air_ms(item.sku, snapshot.now) // 1000,
        "peak_per_min": seen.peak_per_min,
        "promise_per_min": seen.promise_per_min,
    }
