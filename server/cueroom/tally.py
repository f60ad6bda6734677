"""The tally: judged events added up into one flush: the store's work grows with seconds and SKUs, not events."""

import zlib
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import msgspec

from cueroom import events as ev
from cueroom.rundown import Rundown
from cueroom.wire import Judged, Rejection

ORDER_SHARDS = 16_384
"""Order ids are spread over this many small hashes, which the server then packs tightly."""

SERVICE_SHARDS = 1_024
"""Services are for few orders; a recap reads them all."""

LATE_MS = 24 * 3_600_000
EARLY_MS = 60_000
"""An event's time is believed when it lies within a day before and a minute after its receipt; otherwise the
feed's clock is wrong and the event is booked when it came."""

_ORDER_CODES = {ev.OrderCreated: "c", ev.OrderPaid: "p", ev.OrderCancelled: "x", ev.OrderRefunded: "r"}

_SERVICE_CODES: dict[type[ev.Event], str] = {ev.ServiceOpened: "o", ev.ServiceAnswered: "a", ev.ServiceClosed: "c"}

_ROOM_FIELDS: dict[type[ev.Event], str] = {
    ev.ViewerEntered: "entered",
    ev.ViewerLeft: "left",
    ev.ViewerCommented: "commented",
    ev.ViewerLiked: "liked",
    ev.ViewerFollowed: "followed",
    ev.ViewerShared: "shared",
}
_CARD_FIELDS: dict[type[ev.Event], str] = {ev.ProductViewed: "viewed", ev.ProductClicked: "clicked"}

Op = tuple[Any, ...]
"""Something the store must judge one by one and in order, as `flush.lua` describes."""


class Flush(msgspec.Struct):
    """What one call of the store's flush script applies. `seconds`: second since the epoch → field → sum;
    `types`: how many events of each type are in it; `op_types`: the type behind each op."""

    seconds: dict[int, dict[str, int]]
    online: dict[int, int]
    viewers: list[str]
    ops: list[Op]
    op_types: list[str]
    types: dict[str, int]
    newest_at: int = 0
    peak_online: int = 0

    @property
    def has_board_events(self) -> bool:
        return any(op[0] == "b" for op in self.ops)


class Tally:
    """Adds judged events up. `by_id` is the HTTP way, where every event that has an `id` counts once."""

    def __init__(self, rundown: Rundown, *, by_id: bool = False) -> None:
        self._rundown = rundown
        self._prices = {item.sku: item.price for item in rundown.items}
        self._hosts = {host.id for host in rundown.hosts}
        self._by_id = by_id
        self._seconds: defaultdict[int, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
        self._flush = Flush(self._seconds, {}, [], [], [], {})  # type: ignore[arg-type]  # a defaultdict is a dict here

    @property
    def flush(self) -> Flush:
        """All that was added so far."""
        return self._flush

    def add(self, event: Judged, received_at: int) -> Rejection | None:
        """Adds one event; returns why not, if it cannot be counted. `received_at` in ms."""
        if isinstance(event, Rejection):
            return event
        problem = self._unknown(event)
        if problem:
            return problem
        at = booked_at(event.time, received_at)
        flush = self._flush
        if not isinstance(event, ev.AfterSalesEvent):
            flush.newest_at = max(flush.newest_at, at)
        name, add = _ADDERS[type(event)]
        flush.types[name] = flush.types.get(name, 0) + 1
        add(self, event, at)
        if len(flush.ops) > len(flush.op_types):
            flush.op_types.append(name)
        return None

    def _unknown(self, event: ev.Event) -> Rejection | None:
        sku = getattr(event, "sku", None)
        if sku is not None and sku not in self._prices:
            return Rejection("unknown_sku", f"sku {sku!r} is not in the rundown; add the item and serve the show again")
        host = getattr(event, "host", None)
        if host is not None and host not in self._hosts:
            return Rejection("unknown_host", f"host {host!r} is not one of {', '.join(sorted(self._hosts))}")
        return None

    def _key(self, event: ev.Identified) -> str:
        """What a repeat over HTTP is recognised by; empty where repeats are recognised by batch number."""
        if not self._by_id or event.id is None:
            return ""
        return f"{event.source or ''}|{ev.name_of(event)}|{event.id}"

    def _count(self, event: ev.ViewerEvent, at: int, field: str, amount: int) -> None:
        key = self._key(event)
        if key:
            self._flush.ops.append(("n", key, at // 1000, field, amount, event.viewer or ""))
            return
        self._seconds[at // 1000][field] += amount
        if event.viewer:
            self._flush.viewers.append(event.viewer)

    def _add_room(self, event: ev.ViewerEvent, at: int) -> None:
        self._count(event, at, _ROOM_FIELDS[type(event)], event.n)

    def _add_gift(self, event: ev.ViewerGifted, at: int) -> None:
        self._count(event, at, "gifted_amount", event.amount)

    def _add_card(self, event: ev.ProductViewed | ev.ProductClicked, at: int) -> None:
        self._count(event, at, f"{_CARD_FIELDS[type(event)]}|{event.sku}", event.n)

    def _add_online(self, event: ev.RoomOnline, at: int) -> None:
        self._flush.online[at] = event.n
        self._flush.peak_online = max(self._flush.peak_online, event.n)

    def _add_order(self, event: ev.OrderEvent, at: int) -> None:
        estimated = event.amount is None
        amount = self._prices[event.sku] * event.qty if event.amount is None else event.amount
        shard = shard_of(event.id)
        code = _ORDER_CODES[type(event)]
        self._flush.ops.append(("o", event.id, shard, code, event.sku, event.qty, amount, int(estimated), at))
        if event.viewer:
            self._flush.viewers.append(event.viewer)

    def _add_parcel(self, event: ev.ParcelShipped, at: int) -> None:
        self._flush.ops.append(("p", event.id, shard_of(event.id), at))

    def _add_service(self, event: ev.ServiceOpened | ev.ServiceAnswered | ev.ServiceClosed, at: int) -> None:
        code = _SERVICE_CODES[type(event)]
        shard = shard_of(event.id, SERVICE_SHARDS)
        self._flush.ops.append(("a", event.id, shard, code, _service_detail(event), at))

    def _add_stock(self, event: ev.StockCounted | ev.StockReleased, at: int) -> None:
        code = "s" if isinstance(event, ev.StockCounted) else "l"
        self._flush.ops.append((code, self._key(event), event.sku, event.n, at))

    def _add_board(self, event: ev.BoardEvent, at: int) -> None:
        dated = msgspec.structs.replace(event, time=at)
        self._flush.ops.append(("b", self._key(event), msgspec.msgpack.encode(dated)))


def _adders() -> dict[type[ev.Event], tuple[str, Callable[[Tally, Any, int], None]]]:
    methods: dict[type[ev.Event], Callable[[Tally, Any, int], None]] = {
        **dict.fromkeys(_ROOM_FIELDS, Tally._add_room),
        **dict.fromkeys(_CARD_FIELDS, Tally._add_card),
        **dict.fromkeys(_ORDER_CODES, Tally._add_order),
        **dict.fromkeys(_SERVICE_CODES, Tally._add_service),
        **dict.fromkeys((ev.StockCounted, ev.StockReleased), Tally._add_stock),
        **dict.fromkeys((ev.ItemPresented, ev.ShowStarted, ev.ShowEnded), Tally._add_board),
        ev.ParcelShipped: Tally._add_parcel,
        ev.ViewerGifted: Tally._add_gift,
        ev.RoomOnline: Tally._add_online,
    }
    return {kind: (ev.name_of(kind), method) for kind, method in methods.items()}


_ADDERS = _adders()


def shard_of(order_id: str, shards: int = ORDER_SHARDS) -> int:
    """Which of the small hashes holds what is known of the order."""
    return zlib.crc32(order_id.encode()) % shards


def _service_detail(event: ev.ServiceOpened | ev.ServiceAnswered | ev.ServiceClosed) -> str:
    """What the event tells beside its time: the kind of complaint, or the ratings."""
    if isinstance(event, ev.ServiceOpened):
        return event.kind.value
    if isinstance(event, ev.ServiceClosed):
        return "|".join(str(stars or "") for stars in (event.goods, event.service, event.logistics))
    return ""


def booked_at(time: int | None, received_at: int) -> int:
    """When an event is booked: at its own time where that can be believed, else at its receipt. In ms."""
    if time is None or not received_at - LATE_MS <= time <= received_at + EARLY_MS:
        return received_at
    return time
