"""Stored: how a show's keys in Redis read back as values."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from cueroom.show.aftersales import Service
from cueroom.show.board import Board
from cueroom.show.events import Complaint
from cueroom.show.rundown import Rundown
from cueroom.show.state import MINUTE_MS, Counts, Feed, Outlook, Screen, Shelf, Snapshot

COUNT_NAMES = frozenset(Counts.__struct_fields__)
ITEM_SUMS = (
    "viewed",
    "clicked",
    "orders_created",
    "orders_paid",
    "orders_cancelled",
    "orders_refunded",
    "units_created",
    "units_paid",
    "gmv",
    "gmv_estimated",
    "refunded",
    "unpaid_orders",
    "unpaid_amount",
    "units_settled",
)
"""The sums of an item in the order in which `flush.lua` packs them."""

Owed = dict[str, dict[int, tuple[int, int]]]
"""SKU → minute → how many orders owe something since then, and how much of it."""


class Saved(msgspec.Struct, frozen=True):
    """What the last director left: the engine's memory (msgpack) and its outlook."""

    memory: bytes | None = None
    outlook: Outlook | None = None


class Minute(msgspec.Struct, frozen=True):
    """One minute of a show's series: `at` in minutes since the epoch, and its totals by field."""

    at: int
    fields: dict[str, int]


class Order(msgspec.Struct, frozen=True, array_like=True):
    """What is known of one order: when it was created, paid, cancelled and refunded, in ms after the show's base, and
    with what amounts; those that were estimated are below nothing (-1 - amount)."""

    created_at: int | None
    paid_at: int | None
    cancelled_at: int | None
    refunded_at: int | None
    qty: int
    created: int | None
    paid: int | None
    refunded: int | None
    sku: str


def snapshot_of(answer: Sequence[Any], series: Sequence[int], rundown: Rundown, now: int) -> Snapshot:
    """The show at `now` out of what `read.lua` answered for the minutes in `series`."""
    _, _, counts, shelf, board, unpaid, feeds, _, screens, *buckets = answer
    counts = pairs(counts)
    totals, items = _counts(counts)
    return Snapshot(
        rundown=rundown,
        board=board_of(board),
        totals=totals,
        items=items,
        shelves=_shelves(rundown, pairs(shelf)),
        online=int(counts.get(b"online", 0)),
        peak_online=int(counts.get(b"peak_online", 0)),
        unique=int(counts.get(b"unique", 0)),
        seconds=seconds_of(zip(series, map(pairs, buckets), strict=True)),
        unpaid=_since(int(counts[b"minutes_from"]), owed_of(pairs(unpaid))),
        feeds=_feeds(pairs(feeds)),
        screens=_screens(screens),
        newest_at=int(counts[b"newest"]) if b"newest" in counts else None,
        arrived_at=int(counts[b"arrived"]) if b"arrived" in counts else None,
        rev=int(counts.get(b"rev", 0)),
        now=now,
    )


def decode_board(doc: bytes) -> Board:
    """A board as the store keeps it."""
    return msgspec.msgpack.decode(doc, type=Board)


def board_of(raw: list[bytes]) -> Board:
    """The board of (version, doc); the stored version is the one that counts."""
    return msgspec.structs.replace(decode_board(raw[1]), version=int(raw[0]))


def minutes_of(raw: Mapping[bytes, bytes]) -> list[Minute]:
    """The series by minute, in order."""
    series: dict[int, dict[str, int]] = {}
    for key, value in raw.items():
        minute, _, field = key.decode().partition("|")
        series.setdefault(int(minute), {}).update(_sums(field, value))
    return [Minute(at, series[at]) for at in sorted(series)]


def pairs(flat: Sequence[bytes]) -> dict[bytes, bytes]:
    """A hash as a script answers it."""
    return dict(zip(flat[::2], flat[1::2], strict=True))


def _sums(field: str, value: bytes) -> dict[str, int]:
    """What a field of a hash of sums tells, by `field` or `field|SKU`: of an item all there is, else itself."""
    kind, _, sku = field.partition("|")
    if kind != "item":
        return {field: int(value)}
    sums = zip(ITEM_SUMS, msgspec.msgpack.decode(value, type=list[int]), strict=True)
    return {f"{name}|{sku}": n for name, n in sums if n}


def _counts(raw: Mapping[bytes, bytes]) -> tuple[Counts, dict[str, Counts]]:
    totals: dict[str, int] = {}
    items: dict[str, dict[str, int]] = {}
    for key, value in raw.items():
        for field, n in _sums(key.decode(), value).items():
            name, _, sku = field.partition("|")
            if name in COUNT_NAMES:
                (items.setdefault(sku, {}) if sku else totals)[name] = n
    return Counts(**totals), {sku: Counts(**fields) for sku, fields in items.items()}


def _shelves(rundown: Rundown, raw: Mapping[bytes, bytes]) -> dict[str, Shelf]:
    shelves = {}
    for item in rundown.items:
        on_shelf = int(raw.get(f"on|{item.sku}".encode(), item.first_batch))
        released = int(raw.get(f"out|{item.sku}".encode(), 0))
        shelves[item.sku] = Shelf(max(0, on_shelf), max(0, item.stock - item.first_batch - released))
    return shelves


def seconds_of(buckets: Iterable[tuple[int, Mapping[bytes, bytes]]]) -> dict[int, dict[str, int]]:
    """The series by second, out of the hashes of whole minutes."""
    seconds: dict[int, dict[str, int]] = {}
    for minute, raw in buckets:
        start = minute * 60
        for key, value in raw.items():
            second, _, field = key.decode().partition("|")
            seconds.setdefault(start + int(second), {}).update(_sums(field, value))
    return seconds


def owed_of(raw: Mapping[bytes, bytes]) -> Owed:
    """What orders still owe: a payment, a parcel."""
    owed: Owed = {}
    for key, value in raw.items():
        minute, sku = key.decode().split("|", 1)
        owed.setdefault(sku, {})[int(minute)] = msgspec.msgpack.decode(_OWED_HEAD + value, type=tuple[int, int])
    return owed


def _since(first_ms: int, owed: Owed) -> Owed:
    """The same, by when each minute began (ms), where the first one began then."""
    return {sku: {first_ms + MINUTE_MS * at: told for at, told in minutes.items()} for sku, minutes in owed.items()}


_OWED_HEAD = b"\x92"
"""Makes one array of the two values of what is owed."""

_ORDER_HEAD = b"\x99"
"""Makes one array of the nine values of an order's record."""


def order_of(record: bytes) -> Order:
    """An order's record as `flush.lua` packs it."""
    return msgspec.msgpack.decode(_ORDER_HEAD + record, type=Order)


def service_of(order_id: bytes, record: bytes, base: int) -> Service:
    """A service's record as `flush.lua` spells it; its times count from `base` (ms)."""
    opened, answered, closed, kind, *stars = record.decode().split("|")
    goods, service, logistics = (int(given) if given else None for given in stars)
    return Service(
        order=order_id.decode(),
        opened=base + int(opened) if opened else None,
        answered=base + int(answered) if answered else None,
        closed=base + int(closed) if closed else None,
        kind=Complaint(kind) if kind else None,
        goods=goods,
        service=service,
        logistics=logistics,
    )


def _feeds(raw: Mapping[bytes, bytes]) -> tuple[Feed, ...]:
    feeds = []
    for producer, value in sorted(raw.items()):
        _, seq, at = value.decode().split("|")
        feeds.append(Feed(producer.decode(), int(seq), int(at)))
    return tuple(feeds)


def _screens(lists: Sequence[bytes]) -> tuple[Screen, ...]:
    """The longest there first, whichever process serves them."""
    screens = [screen for raw in lists for screen in msgspec.msgpack.decode(raw, type=list[Screen])]
    return tuple(sorted(screens, key=lambda screen: (screen.since, screen.id)))


def saved_of(answer: Sequence[Any]) -> Saved:
    """What the director left, out of the same answer."""
    memory, outlook = answer[7]
    return Saved(memory, msgspec.msgpack.decode(outlook, type=Outlook) if outlook else None)
