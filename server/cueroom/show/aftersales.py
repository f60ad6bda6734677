"""After the sale: parcels that are owed and when they are due, complaints, and what buyers thought, as values."""

from collections.abc import Callable, Iterable, Mapping
from math import ceil

import msgspec

from cueroom.show.events import Complaint
from cueroom.show.rundown import Item, Rundown
from cueroom.show.state import MINUTE_MS

DUE_MS = 48 * 3_600_000
"""A parcel leaves within 48 hours of the payment."""
SOON_MS = 12 * 3_600_000

Unshipped = Mapping[str, Mapping[int, tuple[int, int]]]
"""SKU → minute of payment (since the epoch) → orders and units that wait for their parcel."""


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a buyer's complaint about one order, times in ms, as far as it was told in whatever order; a
    service that was only closed is a rating."""

    order: str
    opened: int | None = None
    answered: int | None = None
    closed: int | None = None
    kind: Complaint | None = None
    goods: int | None = None
    service: int | None = None
    logistics: int | None = None

    @property
    def is_open(self) -> bool:
        return self.opened is not None and self.closed is None


class AfterSales(msgspec.Struct, frozen=True):
    """Everything told after the sale."""

    unshipped: Unshipped = {}
    services: tuple[Service, ...] = ()


class Parcels(msgspec.Struct, frozen=True, kw_only=True):
    """Paid orders that wait for their parcel: in all, those due within twelve hours, those past their 48 hours;
    `next_due_at` (ms) is when the next one's time is up."""

    orders: int = 0
    units: int = 0
    soon: int = 0
    late: int = 0
    next_due_at: int | None = None

    def plus(self, other: "Parcels") -> "Parcels":
        due = [at for at in (self.next_due_at, other.next_due_at) if at is not None]
        return Parcels(
            orders=self.orders + other.orders,
            units=self.units + other.units,
            soon=self.soon + other.soon,
            late=self.late + other.late,
            next_due_at=min(due, default=None),
        )


class Wait(msgspec.Struct, frozen=True):
    """How long it took: of so many cases, half were done within `median_ms`, nine of ten within `p90_ms`."""

    cases: int
    median_ms: int
    p90_ms: int


def parcels_of(paid: Mapping[int, tuple[int, int]], now: int) -> Parcels:
    """The parcels of orders paid in those minutes, as they stand at `now` (ms). The orders of a minute count as late
    once all of them are."""
    told = Parcels()
    for minute, (orders, units) in paid.items():
        due_at = (minute + 1) * MINUTE_MS + DUE_MS
        late = due_at <= now
        soon = not late and due_at <= now + SOON_MS
        told = told.plus(
            Parcels(
                orders=orders,
                units=units,
                soon=orders if soon else 0,
                late=orders if late else 0,
                next_due_at=None if late else due_at,
            )
        )
    return told


def parcels_by_item(rundown: Rundown, unshipped: Unshipped, now: int) -> list[tuple[Item, Parcels]]:
    """What each item owes, the latest first; items that owe nothing are left out."""
    owed = [(item, parcels_of(unshipped.get(item.sku, {}), now)) for item in rundown.items]
    return sorted((pair for pair in owed if pair[1].orders), key=_pressing)


def parcels_by_supplier(owed: Iterable[tuple[Item, Parcels]]) -> list[tuple[str, Parcels]]:
    """The same by supplier; of an item without one, under an empty name."""
    sums: dict[str, Parcels] = {}
    for item, parcels in owed:
        sums[item.supplier] = sums.get(item.supplier, Parcels()).plus(parcels)
    return sorted(sums.items(), key=_pressing)


def _pressing(owed: tuple[object, Parcels]) -> tuple[int, int, int]:
    parcels = owed[1]
    return -parcels.late, -parcels.soon, -parcels.orders


def all_parcels(unshipped: Unshipped, now: int) -> Parcels:
    """What the whole show owes."""
    told = Parcels()
    for paid in unshipped.values():
        told = told.plus(parcels_of(paid, now))
    return told


def first_answers(services: Iterable[Service]) -> Wait | None:
    """From the complaint to the first answer: the answer itself or, without one, the end."""
    return _wait(services, lambda service: service.answered if service.answered is not None else service.closed)


def closings(services: Iterable[Service]) -> Wait | None:
    """From the complaint to its end."""
    return _wait(services, lambda service: service.closed)


def rating(services: Iterable[Service], of: str) -> tuple[float, int] | None:
    """The mean of `goods`, `service` or `logistics`, and how many buyers gave one; None where nobody did."""
    stars = [given for service in services if (given := getattr(service, of)) is not None]
    return (sum(stars) / len(stars), len(stars)) if stars else None


def _wait(services: Iterable[Service], end: Callable[[Service], int | None]) -> Wait | None:
    waits = sorted(
        max(0, until - service.opened)
        for service in services
        if service.opened is not None and (until := end(service)) is not None
    )
    if not waits:
        return None
    return Wait(len(waits), _quantile(waits, 0.5), _quantile(waits, 0.9))


def _quantile(waits: list[int], part: float) -> int:
    """The least value that so great a part of them does not exceed (nearest rank)."""
    return waits[ceil(part * len(waits)) - 1]
