"""The aftermath: what the show still owes its buyers, how their complaints went, and what they thought."""

import msgspec

from cueroom.recap.record import Record
from cueroom.show.aftersales import (
    Parcels,
    Service,
    Wait,
    all_parcels,
    closings,
    first_answers,
    parcels_by_item,
    parcels_by_supplier,
    rating,
)
from cueroom.show.events import Complaint
from cueroom.show.rundown import Item


class Complaints(msgspec.Struct, frozen=True, kw_only=True):
    """The complaints of a kind (None: of all kinds), those still open, and how long people waited for the first
    answer and for the end."""

    kind: Complaint | None
    told: int
    open: int
    answers: Wait | None
    closings: Wait | None


class Aftermath(msgspec.Struct, frozen=True, kw_only=True):
    """What came after the sale, as it stood at `at` (ms). Ratings are means of 1 to 5, None where nobody gave one;
    `rated` is how many buyers gave any."""

    at: int
    shipped: int
    parcels: Parcels
    by_item: tuple[tuple[Item, Parcels], ...]
    by_supplier: tuple[tuple[str, Parcels], ...]
    complaints: tuple[Complaints, ...]
    rated: int
    goods: float | None
    service: float | None
    logistics: float | None

    @property
    def all_complaints(self) -> Complaints | None:
        """Those of all kinds, if there were any."""
        return next((told for told in self.complaints if told.kind is None), None)


def aftermath_of(record: Record) -> Aftermath:
    """By now: parcels grow late by themselves."""
    now, told = record.snapshot.now, record.after_sales
    by_item = parcels_by_item(record.snapshot.rundown, told.unshipped, now)
    rated = [one for one in told.services if (one.goods, one.service, one.logistics) != (None, None, None)]
    return Aftermath(
        at=now,
        shipped=record.snapshot.totals.parcels_shipped,
        parcels=all_parcels(told.unshipped, now),
        by_item=tuple(by_item),
        by_supplier=tuple(parcels_by_supplier(by_item)),
        complaints=tuple(_complaints(told.services)),
        rated=len(rated),
        goods=_mean(rated, "goods"),
        service=_mean(rated, "service"),
        logistics=_mean(rated, "logistics"),
    )


def _complaints(services: tuple[Service, ...]) -> list[Complaints]:
    """Every kind that somebody complained of, then all of them."""
    opened = [service for service in services if service.opened is not None]
    kinds: list[Complaint | None] = [*Complaint, None]
    by_kind = [(kind, [one for one in opened if kind in (None, one.kind)]) for kind in kinds]
    return [
        Complaints(
            kind=kind,
            told=len(told),
            open=sum(one.is_open for one in told),
            answers=first_answers(told),
            closings=closings(told),
        )
        for kind, told in by_kind
        if told
    ]


def _mean(services: list[Service], of: str) -> float | None:
    told = rating(services, of)
    return told[0] if told else None
