"""Recordings: a show's log as events, one after the other, such that they count to the same figures again; and, beside
them, all that the store holds of the show, which restores it to the last unit."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from cueroom.errors import CueroomError
from cueroom.show.aftersales import Service
from cueroom.show.wire import UNREADABLE
from cueroom.storage.backup import FORM, Kept
from cueroom.storage.store import Store
from cueroom.storage.stored import Order

Line = dict[str, Any]

KEPT = "kept"
"""Type of the lines that hold what the store holds."""


class KeptLine(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=KEPT):
    """One key of the store: `of` says how many there are, `form` which version can read them."""

    time: int
    show: str
    form: int
    of: int
    key: Kept


class _Typed(msgspec.Struct, frozen=True):
    type: str = ""


_TYPES = {
    "entered": "viewer.entered",
    "left": "viewer.left",
    "commented": "viewer.commented",
    "liked": "viewer.liked",
    "followed": "viewer.followed",
    "shared": "viewer.shared",
    "viewed": "product.viewed",
    "clicked": "product.clicked",
}


async def read_recording(store: Store, show: str) -> list[Line]:
    """Per-second totals, every order and what came after its sale, presented item, release, command and cue, by time.
    Distinct viewers are only a count in the store and in none of these. Raises UnknownShow, StoreUnavailable."""
    await store.rundown(show)
    base = await store.order_base(show)
    lines = [entry async for entry in store.log_entries(show)]
    logged = len(lines)
    async for second, fields in store.second_totals(show):
        lines += lines_of_second(second, fields)
    tell_peak(lines, await store.peak_online(show))
    async for order_id, order in store.orders(show):
        lines += lines_of_order(order_id, order, base)
    async for order_id, shipped_at in store.parcels(show):
        lines.append({"type": "parcel.shipped", "time": shipped_at, "id": order_id})
    for service in await store.services(show):
        lines += lines_of_service(service)
    # Two recordings of one show are the same to the byte: within a millisecond the log's order, then types and ids.
    lines[logged:] = sorted(lines[logged:], key=lambda line: (line["type"], str(line.get("id"))))
    lines.sort(key=lambda line: line["time"])
    return lines


def lines_of_kept(show: str, kept: Sequence[Kept], at: int) -> Iterator[Line]:
    """What the store holds of a show at an instant, a line a key."""
    for key in kept:
        line: Line = msgspec.to_builtins(KeptLine(time=at, show=show, form=FORM, of=len(kept), key=key))
        yield line


def kept_of(lines: Iterable[bytes]) -> tuple[str, list[Kept]]:
    """The show that a recording is of, and what the store held of it. Raises CueroomError where that is not whole, or
    not of this version's form."""
    kept: list[KeptLine] = []
    for number, line in enumerate(lines, start=1):
        try:
            if line.strip() and msgspec.json.decode(line, type=_Typed).type == KEPT:
                kept.append(msgspec.json.decode(line, type=KeptLine))
                kept[-1].key.check()
        except UNREADABLE as error:
            raise CueroomError(f"line {number} of the recording is broken: {error}") from error
    if not kept:
        raise CueroomError("the recording holds events only; `cueroom replay` sends them to a show")
    show, form, of = kept[0].show, kept[0].form, kept[0].of
    if form != FORM:
        raise CueroomError(
            f"the recording is of another version of Cueroom (form {form}, here {FORM}): serve the show file and "
            "`cueroom replay` the recording there"
        )
    if len(kept) != of:
        raise CueroomError(f"the recording is not whole: it has {len(kept)} of {of} lines of what the store held")
    return show, [line.key for line in kept]


def lines_of_second(second: int, fields: Mapping[str, int]) -> Iterator[Line]:
    """The totals of a second as events. What happened to a card is told per SKU only; the show's total follows."""
    at = second * 1000
    per_card = {field.partition("|")[0] for field in fields if "|" in field}
    for field, n in sorted(fields.items()):
        name, _, sku = field.partition("|")
        if name == "online":
            yield {"type": "room.online", "time": at, "n": n}
        elif name == "counted":
            yield {"type": "stock.counted", "time": at + fields.get(f"counted_ms|{sku}", 0), "sku": sku, "n": n}
        elif name == "gifted_amount":
            yield {"type": "viewer.gifted", "time": at, "amount": n}
        elif name in _TYPES and sku:
            yield {"type": _TYPES[name], "time": at, "sku": sku, "n": n}
        elif name in _TYPES and name not in per_card:
            yield {"type": _TYPES[name], "time": at, "n": n}


def tell_peak(lines: list[Line], peak: int) -> None:
    """Adds the most viewers there ever were at once, where it was so for less than a second: of each second only the
    last word is kept. When that was is not known; it is put before the highest of those words, in its second."""
    told = [line for line in lines if line["type"] == "room.online"]
    highest = max(told, key=lambda line: line["n"], default=None)
    if highest and highest["n"] < peak:
        lines.append({**highest, "n": peak})
        highest["time"] += 1


def lines_of_order(order_id: str, order: Order, base: int) -> Iterator[Line]:
    """The events of one order, as far as they came in; an amount that was estimated was not told. A refund's is told
    all the same: it may be of some of the units only, and how many is not kept."""
    told = (
        ("order.created", order.created_at, order.created),
        ("order.paid", order.paid_at, order.paid),
        ("order.cancelled", order.cancelled_at, None),
        ("order.refunded", order.refunded_at, _worth(order.refunded)),
    )
    for kind, time, amount in told:
        if time is not None:
            known = {"amount": amount} if amount is not None and amount >= 0 else {}
            yield {"type": kind, "time": base + time, "id": order_id, "sku": order.sku, "qty": order.qty, **known}


def _worth(amount: int | None) -> int | None:
    return -1 - amount if amount is not None and amount < 0 else amount


def lines_of_service(service: Service) -> Iterator[Line]:
    """The events of one service, as far as they came in."""
    if service.opened is not None:
        kind = {"kind": service.kind.value} if service.kind else {}
        yield {"type": "service.opened", "time": service.opened, "id": service.order, **kind}
    if service.answered is not None:
        yield {"type": "service.answered", "time": service.answered, "id": service.order}
    if service.closed is not None:
        given = {"goods": service.goods, "service": service.service, "logistics": service.logistics}
        ratings = {name: stars for name, stars in given.items() if stars is not None}
        yield {"type": "service.closed", "time": service.closed, "id": service.order, **ratings}
