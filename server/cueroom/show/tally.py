"""The tally: events added up into one flush: the store's work grows with seconds and SKUs, not with viewers."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from math import ceil
from typing import Any
from zlib import crc32

import msgspec
from msgspec.structs import astuple

from cueroom.show import events as ev
from cueroom.show.rundown import Rundown, strange_host
from cueroom.show.wire import Judged, Rejection, too_dear

ORDER_SHARDS = 16_384
"""Order ids are spread over this many small hashes, which the server then packs tightly."""

SERVICE_SHARDS = 1_024
"""Services are for few orders; a recap reads them all."""

LATE_MS = 24 * 3_600_000
EARLY_MS = 60_000
"""An event's time is believed when it lies within a day before and a minute after its receipt; otherwise the
feed's clock is wrong and the event is booked when it came."""

_ROOM_FIELDS: dict[type[ev.Event], str] = {
    ev.ViewerEntered: "entered",
    ev.ViewerLeft: "left",
    ev.ViewerCommented: "commented",
    ev.ViewerLiked: "liked",
    ev.ViewerFollowed: "followed",
    ev.ViewerShared: "shared",
}
_CARD_FIELDS: dict[type[ev.Event], str] = {ev.ProductViewed: "viewed", ev.ProductClicked: "clicked"}
_ORDER_CODES: dict[type[ev.Event], str] = {
    ev.OrderCreated: "c",
    ev.OrderPaid: "p",
    ev.OrderCancelled: "x",
    ev.OrderRefunded: "r",
}
_SERVICE_CODES: dict[type[ev.Event], str] = {ev.ServiceOpened: "o", ev.ServiceAnswered: "a", ev.ServiceClosed: "c"}

_LEAST_ESTIMATE = -1 - ev.MOST_MINOR

_SHARD_NAMES = tuple(map(str, range(ORDER_SHARDS)))
"""Spelled once: for the store it takes longer to spell a number than to write an order's key with it."""

ORDER_WIDTH = 7
ORDER_WEIGHT = 10
MOST_WEIGHT = 8_000
"""An order is for the store as much work as so many viewers, and one call as much as so many: a few milliseconds."""

Op = tuple[Any, ...]
"""Something the store must judge alone and in its place: code, type, how many orders come before it, and what
`flush.lua` says."""
_REPEATABLE = frozenset("npa")
"""Codes of ops that count once, and wherever they come among the orders."""


class Flush(msgspec.Struct):
    """What one call of the store's flush script applies. `seconds`: second since the epoch → field → sum; `viewers`:
    who was there, each once; `orders`: of one order event after the other id, shard, code, sku, qty, amount (an
    estimated one below nothing: -1 - amount), and when; `types`: how many events of each type are in it."""

    seconds: dict[int, dict[str, int]]
    online: dict[int, int]
    viewers: set[str]
    orders: list[Any]
    ops: list[Op]
    types: dict[type[ev.Event], int]
    newest_at: int = 0
    peak_online: int = 0

    @property
    def weight(self) -> int:
        """What it is for the store to apply: about one a viewer."""
        return len(self.viewers) + ORDER_WEIGHT * (len(self.orders) // ORDER_WIDTH + len(self.ops))

    def pieces(self, most: int) -> list["Flush"]:
        """The same in as many even pieces as it takes for each to weigh about that much at most. All but the last hold
        only what counts once however often it is told: a flush that breaks off between two can be repeated whole."""
        count = ceil(self.weight / most)
        if count <= 1:
            return [self]
        placed = [op for op in self.ops if op[0] not in _REPEATABLE]
        ops = [_moved(op, op[2]) for op in self.ops if op[0] in _REPEATABLE]
        free = placed[0][2] if placed else len(self.orders) // ORDER_WIDTH
        viewers = list(self.viewers)
        viewer, order, op = len(viewers) // count, ORDER_WIDTH * (free // count), len(ops) // count
        ahead = [
            Flush(
                seconds={},
                online={},
                viewers=set(viewers[place * viewer : (place + 1) * viewer]),
                orders=self.orders[place * order : (place + 1) * order],
                ops=ops[place * op : (place + 1) * op],
                types={},
            )
            for place in range(count - 1)
        ]
        gone = count - 1
        last = msgspec.structs.replace(
            self,
            viewers=set(viewers[gone * viewer :]),
            orders=self.orders[gone * order :],
            ops=[*ops[gone * op :], *(_moved(its, gone * order // ORDER_WIDTH) for its in placed)],
        )
        return [*ahead, last]

    @property
    def has_board_events(self) -> bool:
        return any(op[0] == "b" for op in self.ops)


def shard_of(order_id: str, shards: int = ORDER_SHARDS) -> str:
    """Which of the small hashes holds what is known of the order."""
    return _SHARD_NAMES[crc32(order_id.encode()) % shards]


def booked_at(time: int | None, received_at: int) -> int:
    """When an event is booked: at its own time where that can be believed, else at its receipt. In ms."""
    if time is None or not received_at - LATE_MS <= time <= received_at + EARLY_MS:
        return received_at
    return time


class _Moment(msgspec.Struct, frozen=True):
    """When events of one time are booked (ms), and the sums of that second."""

    at: int
    sums: dict[str, int]


class _Moments(dict[int | None, _Moment]):
    """The moments of events received together, by their times. Many share one, so each is worked out once."""

    def __init__(self, received_at: int, seconds: dict[int, dict[str, int]]) -> None:
        self.received_at = received_at
        self._seconds = seconds

    def __missing__(self, time: int | None) -> _Moment:
        at = booked_at(time, self.received_at)
        moment = self[time] = _Moment(at, self._seconds[at // 1000])
        return moment


class Tally:
    """Adds events up. `by_id` is the HTTP way, where every event that has an `id` counts once."""

    def __init__(self, rundown: Rundown, *, by_id: bool = False) -> None:
        self._by_id = by_id
        self._room_fields, self._card_fields = ({}, {}) if by_id else (_ROOM_FIELDS, _CARD_FIELDS)
        self._seconds: defaultdict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self._types: Counter[Any] = Counter()
        self.flush = Flush(self._seconds, {}, set(), [], [], self._types)
        """All that was added so far."""
        self.learn(rundown)

    def learn(self, rundown: Rundown) -> None:
        """From now on this is the rundown to judge by."""
        self._prices = {item.sku: item.price for item in rundown.items}
        self._hosts = rundown.host_ids

    def add_all(self, events: Sequence[Judged], received_at: int) -> dict[int, Rejection]:
        """Adds events in order; answers which of them were not taken, by place, and why. `received_at` in ms.

        This loop is where a worker spends its time, so what comes in masses is written out in it."""
        moments = _Moments(received_at, self._seconds)
        prices, orders, see = self._prices, self.flush.orders, self.flush.viewers.add
        codes, rooms, cards = _ORDER_CODES, self._room_fields, self._card_fields
        refused: dict[int, Rejection] = {}
        event: Any
        for place, event in enumerate(events):
            kind = type(event)
            if kind in rooms:
                moments[event.time].sums[rooms[kind]] += event.n
                viewer = event.viewer
            elif kind in codes and event.sku in prices:
                time, _, order, sku, qty, amount, viewer = astuple(event)
                if amount is None:
                    amount = -1 - prices[sku] * qty
                    if amount < _LEAST_ESTIMATE:
                        refused[place] = too_dear(ev.name_of(event), -1 - amount)
                        continue
                shard = _SHARD_NAMES[crc32(order.encode()) % ORDER_SHARDS]
                orders += (order, shard, codes[kind], sku, qty, amount, moments[time].at)
            elif kind in cards and event.sku in prices:
                moments[event.time].sums[f"{cards[kind]}|{event.sku}"] += event.n
                viewer = event.viewer
            else:
                problem = self._add_rare(event, moments)
                if problem:
                    refused[place] = problem
                continue
            if viewer:
                see(viewer)
        taken = [event for place, event in enumerate(events) if place not in refused] if refused else events
        self._types.update(map(type, taken))
        newest_at = max((moment.at for moment in moments.values()), default=0)
        # Not newer than its receipt: by a clock that is ahead a feed would look alive when it is dead.
        self.flush.newest_at = max(self.flush.newest_at, min(newest_at, received_at))
        return refused

    def _add_rare(self, event: Judged, moments: _Moments) -> Rejection | None:
        """Adds what is no mass, or answers why it cannot be counted."""
        problem = event if isinstance(event, Rejection) else self._problem_of(event)
        if problem:
            return problem
        if isinstance(event, ev.RoomOnline):
            self._add_gauge(event, moments[event.time].at)
        elif isinstance(event, ev.StockCounted | ev.StockReleased):
            code = "s" if isinstance(event, ev.StockCounted) else "l"
            self._add_op(code, event, event.sku, event.n, moments[event.time].at)
        elif isinstance(event, ev.BoardEvent):
            # What is told to be so is so now, however far ahead a feed's clock is: nothing goes on air in the future.
            at = min(moments[event.time].at, moments.received_at)
            dated = msgspec.structs.replace(event, time=at)
            self._add_op("b", event, msgspec.json.encode(dated).decode())
        elif isinstance(event, ev.ViewerEvent):
            self._add_viewer(event, moments[event.time])
        elif isinstance(event, ev.AfterSalesEvent):
            self._add_after_sales(event, booked_at(event.time, moments.received_at))
        return None

    def _problem_of(self, event: ev.Event) -> Rejection | None:
        kind = ev.name_of(event)
        sku = getattr(event, "sku", None)
        if sku is not None and sku not in self._prices:
            strange_sku = f"sku {sku!r} is not in the rundown; add the item and serve the show again"
            return Rejection("unknown_sku", strange_sku, kind)
        host = getattr(event, "host", None)
        if host is not None and host not in self._hosts:
            return Rejection("unknown_host", strange_host(host, self._hosts), kind)
        return None

    def _add_gauge(self, event: ev.RoomOnline, at: int) -> None:
        if self._by_id and event.id is not None:
            self._add_op("g", event, event.n, at)
            return
        self.flush.online[at] = event.n
        self.flush.peak_online = max(self.flush.peak_online, event.n)

    def _add_viewer(self, event: ev.ViewerEvent, moment: _Moment) -> None:
        field, n = _figure_of(event)
        if self._by_id and event.id is not None:
            self._add_op("n", event, moment.at // 1000, field, n, event.viewer or "")
            return
        moment.sums[field] += n
        if event.viewer:
            self.flush.viewers.add(event.viewer)

    def _add_after_sales(self, event: ev.AfterSalesEvent, at: int) -> None:
        if isinstance(event, ev.ParcelShipped):
            self._add_op("p", event, event.id, shard_of(event.id), at)
            return
        code, shard = _SERVICE_CODES[type(event)], shard_of(event.id, SERVICE_SHARDS)
        self._add_op("a", event, event.id, shard, code, _service_detail(event), at)

    def _add_op(self, code: str, event: ev.Event, *arguments: Any) -> None:
        orders_before = len(self.flush.orders) // ORDER_WIDTH
        self.flush.ops.append((code, ev.name_of(event), orders_before, self._key(event), *arguments))

    def _key(self, event: ev.Event) -> str:
        """What a repeat over HTTP is recognised by; empty where something else does that."""
        if not self._by_id or not isinstance(event, ev.Identified) or event.id is None:
            return ""
        return f"{event.source or ''}|{ev.name_of(event)}|{event.id}"


def _moved(op: Op, orders: int) -> Op:
    """The op where so many fewer orders come before it."""
    return (*op[:2], op[2] - orders, *op[3:])


def _figure_of(event: ev.ViewerEvent) -> tuple[str, int]:
    """The field an event adds to, and how much."""
    if isinstance(event, ev.ViewerGifted):
        return "gifted_amount", event.amount
    if isinstance(event, ev.ProductViewed | ev.ProductClicked):
        return f"{_CARD_FIELDS[type(event)]}|{event.sku}", event.n
    return _ROOM_FIELDS[type(event)], event.n


def _service_detail(event: ev.AfterSalesEvent) -> str:
    """What the event tells beside its time: the kind of complaint, or the ratings."""
    if isinstance(event, ev.ServiceOpened):
        return event.kind.value
    if isinstance(event, ev.ServiceClosed):
        return "|".join(str(stars or "") for stars in (event.goods, event.service, event.logistics))
    return ""
