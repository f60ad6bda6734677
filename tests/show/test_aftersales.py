"""Laws of what comes after the sale: what is owed and when it is due, and how long people waited."""

import re
from typing import Any

import msgspec
import pytest

from conftest import ShowOnServer
from cueroom.show.aftersales import (
    DUE_MS,
    SOON_MS,
    Parcels,
    Service,
    Wait,
    all_parcels,
    closings,
    first_answers,
    parcels_by_item,
    parcels_by_supplier,
    parcels_of,
    rating,
)
from cueroom.show.events import Complaint
from cueroom.show.state import MINUTE_MS
from feeding import PlainFeed, order
from scenes import rundown
from waiting import until

MINUTE = 29_000_000
PAID = MINUTE * MINUTE_MS


def test_a_parcel_is_late_once_all_orders_of_its_minute_are_48_hours_old() -> None:
    due_at = PAID + MINUTE_MS + DUE_MS
    paid = {MINUTE: (3, 5)}
    assert parcels_of(paid, PAID) == Parcels(orders=3, units=5, next_due_at=due_at)
    assert parcels_of(paid, due_at - SOON_MS).soon == 3
    assert parcels_of(paid, due_at - 1) == Parcels(orders=3, units=5, soon=3, next_due_at=due_at)
    assert parcels_of(paid, due_at) == Parcels(orders=3, units=5, late=3)


def test_items_and_suppliers_that_are_latest_come_first_and_add_up_to_the_show() -> None:
    sheet = rundown()
    suppliers = {"V01": "华美", "V02": "", "V03": "华美"}
    items = tuple(msgspec.structs.replace(item, supplier=suppliers.get(item.sku, "")) for item in sheet.items)
    sheet = msgspec.structs.replace(sheet, items=items)
    unshipped = {"V01": {MINUTE + 600: (2, 2)}, "V02": {MINUTE: (1, 4)}, "V03": {MINUTE + 600: (5, 5)}, "V04": {}}
    now = PAID + MINUTE_MS + DUE_MS
    owed = parcels_by_item(sheet, unshipped, now)
    assert [item.sku for item, _ in owed] == ["V02", "V03", "V01"]
    assert [(name, parcels.orders, parcels.late) for name, parcels in parcels_by_supplier(owed)] == [
        ("", 1, 1),
        ("华美", 7, 0),
    ]
    total = all_parcels(unshipped, now)
    assert (total.orders, total.units, total.late) == (8, 11, 1)
    assert total.next_due_at == (MINUTE + 601) * MINUTE_MS + DUE_MS


def service(order_id: str, opened: int | None = None, **fields: Any) -> Service:
    return Service(order=order_id, opened=opened, **fields)


def test_half_and_nine_of_ten_waits_are_told_by_nearest_rank() -> None:
    told = [service(str(n), 0, answered=n * 1_000) for n in range(1, 11)]
    assert first_answers(told) == Wait(10, 5_000, 9_000)
    assert first_answers([]) is None
    assert closings(told) is None


def test_an_end_without_an_answer_answers_too() -> None:
    told = [service("1", 10, closed=30), service("2", 10, answered=20, closed=90), service("3", closed=5)]
    assert first_answers(told) == Wait(2, 10, 20)
    assert closings(told) == Wait(2, 20, 80)


def test_a_service_is_open_from_its_complaint_to_its_end() -> None:
    told = [
        service("1", 1, kind=Complaint.SLOW),
        service("2", 1, closed=2, kind=Complaint.SLOW),
        service("3", closed=2),
    ]
    assert [one.is_open for one in told] == [True, False, False]


def test_ratings_are_means_of_those_given() -> None:
    told = [service("1", closed=1, goods=5), service("2", closed=1, goods=2, logistics=4), service("3", closed=1)]
    assert rating(told, "goods") == (3.5, 2)
    assert rating(told, "logistics") == (4, 1)
    assert rating(told, "service") is None


AFTER_SALES = [
    {"type": "parcel.shipped", "id": "1"},
    {"type": "service.opened", "id": "2", "kind": "missing"},
    {"type": "service.answered", "id": "2"},
]


def metrics_of(show: ShowOnServer) -> dict[str, float]:
    """The after-sales series of this show."""
    names = ("cueroom_unshipped_orders", "cueroom_service_open")
    lines = [line for line in show.http.get("/metrics").text.splitlines() if line.startswith(names) and show.id in line]
    pairs = (re.sub(f',?show="{show.id}",?', "", line).rsplit(" ", 1) for line in lines)
    return {series: float(value) for series, value in pairs}


def test_whatever_comes_after_the_sale_counts_once_by_either_way_in(show: ShowOnServer) -> None:
    show.post([order("1"), order("2", qty=2), order("3")])
    assert show.post(AFTER_SALES).json()["accepted"] == 3
    with show.connect_ingest() as socket:
        ack = PlainFeed(socket).push([*AFTER_SALES, {"type": "service.closed", "id": "2", "goods": 1}])
    assert (ack["accepted"], ack["duplicate"]) == (1, 3)
    told = show.server.with_store(lambda store: store.after_sales(show.id))
    assert [sum(orders for orders, _ in paid.values()) for paid in told.unshipped.values()] == [2]
    assert [(one.order, one.kind, one.is_open, one.goods) for one in told.services] == [("2", "missing", False, 1)]


def test_ratings_and_kinds_are_checked_at_the_door(show: ShowOnServer) -> None:
    bad = [
        {"type": "service.closed", "id": "1", "goods": 6},
        {"type": "service.opened", "id": "1", "kind": "mood"},
        {"type": "parcel.shipped"},
    ]
    assert [one["code"] for one in show.post(bad).json()["rejected"]] == ["out_of_range", "wrong_type", "missing_field"]


def test_what_is_owed_is_told_to_prometheus_even_after_the_end(show: ShowOnServer) -> None:
    show.command("present", sku="V01")
    show.post([order("1"), order("2")])
    show.command("end")
    show.post(AFTER_SALES)
    told = until(lambda: metrics_of(show), "it is told", lambda told: 'cueroom_service_open{kind="missing"}' in told)
    assert told['cueroom_unshipped_orders{state="due"}'] == 1
    assert told['cueroom_unshipped_orders{state="late"}'] == 0
    assert told['cueroom_service_open{kind="missing"}'] == 1
    assert told['cueroom_service_open{kind="slow"}'] == 0


@pytest.mark.parametrize("phase", ["live", "ended"])
def test_what_comes_after_the_sale_leaves_the_age_of_the_data_alone(show: ShowOnServer, phase: str) -> None:
    show.command("present", sku="V01")
    show.post([order("1")])
    if phase == "ended":
        show.command("end")

    def newest() -> int | None:
        return show.server.with_store(lambda store: store.read(show.id, 0))[0].newest_at

    before = newest()
    show.post(AFTER_SALES)
    assert newest() == before
