"""The fold: events one by one into the counters, shelves and board of one show, in memory."""

from bisect import bisect_left, insort
from collections import defaultdict

import msgspec

from cueroom.show.board import Board
from cueroom.show.events import (
    MOST_MINOR,
    AfterSalesEvent,
    BoardEvent,
    Event,
    OrderCancelled,
    OrderCreated,
    OrderEvent,
    OrderPaid,
    OrderRefunded,
    ParcelShipped,
    ProductClicked,
    ProductViewed,
    RoomOnline,
    StockCounted,
    StockReleased,
    ViewerCommented,
    ViewerEntered,
    ViewerEvent,
    ViewerFollowed,
    ViewerGifted,
    ViewerLeft,
    ViewerLiked,
    ViewerShared,
    name_of,
)
from cueroom.show.rundown import Item, Rundown, strange_host
from cueroom.show.state import MINUTE_MS, RECENT_S, Counts, Shelf, Snapshot, minutes_from
from cueroom.show.wire import Rejection, too_dear

_COUNTED: dict[type[ViewerEvent], str] = {
    ViewerEntered: "entered",
    ViewerLeft: "left",
    ViewerCommented: "commented",
    ViewerLiked: "liked",
    ViewerFollowed: "followed",
    ViewerShared: "shared",
    ProductViewed: "viewed",
    ProductClicked: "clicked",
}
"""The viewer events that are their `n` in a counter of that name."""

_LIFE = ("order.created", "order.paid", "order.cancelled", "order.refunded")

_PRUNE_EVERY_S = 60


class Order(msgspec.Struct, gc=False):
    """What is known of one order line. `times` is what happened to it and when (ms), as it came; `unpaid` is its place
    among the unpaid: (when the minute of its creation began, amount); `paid` and `refunded` are amounts; `settled`: it
    needs no parcel any more."""

    times: dict[str, int]
    sku: str
    qty: int
    unpaid: tuple[int, int] | None = None
    paid: int | None = None
    refunded: int | None = None
    settled: bool = False

    @property
    def since(self) -> int | None:
        """When it was created; where nobody has told, when the first thing happened to it (ms)."""
        created = self.times.get("order.created")
        return min(self.times.values(), default=None) if created is None else created

    @property
    def is_void(self) -> bool:
        """Cancelled, or refunded in full."""
        refunded = self.paid is not None and self.refunded is not None and self.refunded >= self.paid
        return refunded or "order.cancelled" in self.times

    def is_earliest(self, kind: str) -> bool:
        """Whether nothing is known that comes earlier in an order's life. The earliest says how many units it is of, in
        whatever order they arrive: a refund may be of some of them."""
        return self.times.keys().isdisjoint(_LIFE[: _LIFE.index(kind)])


class Ledger:
    """The counters of one show. `apply` is right in any order of arrival and counts an order event once; the
    board is open to its owner, who opens and moves cues on it."""

    def __init__(self, rundown: Rundown) -> None:
        self.rundown = rundown
        self.board = Board(order=tuple(item.sku for item in rundown.items))
        self._items = {item.sku: item for item in rundown.items}
        self._totals = Counts()
        self._counts = {item.sku: Counts() for item in rundown.items}
        self._stocks = {item.sku: _Stock(item) for item in rundown.items}
        self._shelves = {sku: stock.shelf() for sku, stock in self._stocks.items()}
        self._orders: dict[str, Order] = {}
        self._shipped: set[str] = set()
        self._viewers: set[str] = set()
        self._seconds: dict[int, dict[str, int]] = {}
        self._unpaid: dict[str, dict[int, tuple[int, int]]] = defaultdict(dict)
        self._online = (0, 0)
        self._peak_online = 0
        self._newest_at: int | None = None
        self._pruned_at = 0

    def insert(self, item: Item) -> None:
        """An item comes into the rundown during the show."""
        self.rundown = msgspec.structs.replace(self.rundown, items=(*self.rundown.items, item))
        self._items[item.sku] = item
        self._counts[item.sku] = Counts()
        self._stocks[item.sku] = _Stock(item)
        self._reshelve(item.sku)

    def check(self, event: Event) -> Rejection | None:
        """Why the event cannot be taken, if so: its SKU or its host is not in the rundown, or it comes to too much."""
        sku = getattr(event, "sku", None)
        if sku is not None and sku not in self._items:
            return Rejection("unknown_sku", f"no item of the rundown has the SKU {sku}")
        host = getattr(event, "host", None)
        if host is not None and host not in self.rundown.host_ids:
            return Rejection("unknown_host", strange_host(host, self.rundown.host_ids))
        if isinstance(event, OrderEvent) and event.amount is None:
            worth = self._items[event.sku].price * event.qty
            return too_dear(name_of(event), worth) if worth > MOST_MINOR else None
        return None

    def apply(self, event: Event, at_ms: int, received_at: int | None = None) -> Rejection | None:
        """Take one event that happened at `at_ms`; the answer is why it was not taken, if so. Where it was received
        before that, by a clock that is behind the feed's, it is no newer, and nothing is on air later."""
        rejection = self.check(event)
        if rejection:
            return rejection
        if isinstance(event, AfterSalesEvent):
            self._after_sales(event)
            return None
        known_at = at_ms if received_at is None else min(at_ms, received_at)
        self._newest_at = max(known_at, self._newest_at or known_at)
        if isinstance(event, OrderEvent):
            self._order(event, at_ms)
        elif isinstance(event, ViewerEvent):
            self._viewer(event, at_ms)
        elif isinstance(event, RoomOnline):
            self._room(event, at_ms)
        elif isinstance(event, StockCounted):
            self._stocks[event.sku].count(at_ms, event.n)
            self._reshelve(event.sku)
        elif isinstance(event, StockReleased):
            self._stocks[event.sku].release(at_ms, event.n)
            self._reshelve(event.sku)
        elif isinstance(event, BoardEvent):
            self.board = self.board.told(event, self.rundown, known_at)
        return None

    def snapshot(self, now: int) -> Snapshot:
        """The show at `now`. Its mappings are views of this ledger, good until the next `apply`."""
        self._prune(now // 1000)
        return Snapshot(
            rundown=self.rundown,
            board=self.board,
            totals=self._totals,
            items=self._counts,
            shelves=self._shelves,
            online=self._online[1],
            peak_online=self._peak_online,
            unique=len(self._viewers),
            seconds=self._seconds,
            unpaid=self._unpaid,
            newest_at=self._newest_at,
            arrived_at=self._newest_at,
            now=now,
        )

    def _prune(self, second: int) -> None:
        if second - self._pruned_at < _PRUNE_EVERY_S:
            return
        self._pruned_at = second
        for old in [key for key in self._seconds if key <= second - RECENT_S]:
            del self._seconds[old]

    def _book(self, at_ms: int, field: str, amount: int) -> None:
        row = self._seconds.setdefault(at_ms // 1000, {})
        row[field] = row.get(field, 0) + amount

    def _add(self, sku: str | None, at_ms: int, **amounts: int) -> None:
        """Add to the show's counters, to the item's if there is one, and to the series."""
        for name, amount in amounts.items():
            setattr(self._totals, name, getattr(self._totals, name) + amount)
            self._book(at_ms, name, amount)
            if sku is not None:
                counts = self._counts[sku]
                setattr(counts, name, getattr(counts, name) + amount)
                self._book(at_ms, f"{name}|{sku}", amount)

    def _viewer(self, event: ViewerEvent, at_ms: int) -> None:
        if event.viewer is not None:
            self._viewers.add(event.viewer)
        if isinstance(event, ViewerGifted):
            self._add(None, at_ms, gifted_amount=event.amount)
        else:
            self._add(getattr(event, "sku", None), at_ms, **{_COUNTED[type(event)]: event.n})

    def _room(self, event: RoomOnline, at_ms: int) -> None:
        self._online = max(self._online, (at_ms, event.n))
        self._peak_online = max(self._peak_online, event.n)
        row = self._seconds.setdefault(at_ms // 1000, {})
        row["online"] = max(row.get("online", 0), event.n)

    def _order(self, event: OrderEvent, at_ms: int) -> None:
        kind = str(event.__struct_config__.tag)
        order = self._orders.get(event.id)
        if order is None:
            order = self._orders[event.id] = Order({}, event.sku, event.qty)
        if kind in order.times:
            return
        if event.qty != order.qty and order.is_earliest(kind):
            self._correct_units(order, event.qty)
        booked = order.since
        order.times[kind] = at_ms
        if order.since != booked:
            self._book_created(order, booked, -1)
            self._book_created(order, order.since, 1)
        amount = event.amount if event.amount is not None else self._items[event.sku].price * event.qty
        if isinstance(event, OrderCreated):
            self._open_bill(order, event.sku, at_ms, amount)
        elif isinstance(event, OrderPaid):
            estimated = amount if event.amount is None else 0
            self._add(event.sku, at_ms, orders_paid=1, units_paid=order.qty, gmv=amount, gmv_estimated=estimated)
            self._close_bill(order, event.sku)
            order.paid = amount
        elif isinstance(event, OrderCancelled):
            self._add(event.sku, at_ms, orders_cancelled=1)
            self._charge(event.sku, at_ms, -order.qty)
            self._close_bill(order, event.sku)
        elif isinstance(event, OrderRefunded):
            self._add(event.sku, at_ms, orders_refunded=1, refunded=amount)
            order.refunded = amount
        self._settle(event.id, order)

    def _book_created(self, order: Order, at_ms: int | None, sign: int) -> None:
        if at_ms is not None:
            self._add(order.sku, at_ms, orders_created=sign, units_created=sign * order.qty)
            self._charge(order.sku, at_ms, sign * order.qty)

    def _correct_units(self, order: Order, qty: int) -> None:
        """What is booked already was of so many units all along."""
        more = qty - order.qty
        self._book_created(order, order.since, -1)
        order.qty = qty
        self._book_created(order, order.since, 1)
        if "order.paid" in order.times:
            self._add(order.sku, order.times["order.paid"], units_paid=more)
        if "order.cancelled" in order.times:
            self._charge(order.sku, order.times["order.cancelled"], -more)
        if order.settled:
            self._settle_units(order.sku, more)

    def _after_sales(self, event: AfterSalesEvent) -> None:
        """A parcel that was shipped is owed no more; services are no business of the show's counters."""
        if isinstance(event, ParcelShipped):
            self._shipped.add(event.id)
            self._totals.parcels_shipped = len(self._shipped)
            if event.id in self._orders:
                self._settle(event.id, self._orders[event.id])

    def _settle(self, order_id: str, order: Order) -> None:
        if order.settled or not (order.is_void or order_id in self._shipped):
            return
        order.settled = True
        self._settle_units(order.sku, order.qty)

    def _settle_units(self, sku: str, units: int) -> None:
        for counts in (self._totals, self._counts[sku]):
            counts.units_settled += units

    def _open_bill(self, order: Order, sku: str, at_ms: int, amount: int) -> None:
        """The order waits for its payment, unless that (or its end) came before."""
        if order.times.keys() & {"order.paid", "order.cancelled"}:
            return
        order.unpaid = (at_ms - (at_ms - minutes_from(self.rundown)) % MINUTE_MS, amount)
        self._owe(sku, *order.unpaid, orders=1)

    def _close_bill(self, order: Order, sku: str) -> None:
        if order.unpaid is None:
            return
        since, amount = order.unpaid
        order.unpaid = None
        self._owe(sku, since, -amount, orders=-1)

    def _owe(self, sku: str, since: int, amount: int, orders: int) -> None:
        minutes = self._unpaid[sku]
        count, total = minutes.get(since, (0, 0))
        minutes[since] = (count + orders, total + amount)
        if minutes[since][0] == 0:
            del minutes[since]
        for counts in (self._totals, self._counts[sku]):
            counts.unpaid_orders += orders
            counts.unpaid_amount += amount

    def _charge(self, sku: str, at_ms: int, units: int) -> None:
        self._stocks[sku].charge(at_ms, units)
        self._reshelve(sku)

    def _reshelve(self, sku: str) -> None:
        self._shelves[sku] = self._stocks[sku].shelf()


class _Stock:
    """One item's shelf: the last count (or the first batch) less what was taken since."""

    def __init__(self, item: Item) -> None:
        self._counted_at = 0
        self._counted = item.first_batch
        self._taken: list[tuple[int, int]] = []
        self._taken_sum = 0
        self._held = item.stock - item.first_batch

    def shelf(self) -> Shelf:
        return Shelf(max(0, self._counted - self._taken_sum), max(0, self._held))

    def charge(self, at_ms: int, units: int) -> None:
        """Take units off the shelf (negative: put them back). What a later count has seen already is no news."""
        if at_ms >= self._counted_at:
            insort(self._taken, (at_ms, units))
            self._taken_sum += units

    def release(self, at_ms: int, units: int) -> None:
        self._held -= units
        self.charge(at_ms, -units)

    def count(self, at_ms: int, units: int) -> None:
        """What was counted at `at_ms` holds from then on; a count older than the last is no news."""
        if at_ms < self._counted_at:
            return
        self._counted_at, self._counted = at_ms, units
        self._taken = self._taken[bisect_left(self._taken, (at_ms, -(1 << 62))) :]
        self._taken_sum = sum(units for _, units in self._taken)
