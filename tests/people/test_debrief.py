"""Laws of the debrief: the recap of any show agrees with the store to the last unit, and only producers read it."""

import itertools
import os
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import httpx2
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from conftest import Server, ShowOnServer
from cueroom.people.debrief import read_recap
from cueroom.sheets import book_of, workbook_of
from cueroom.show import events as ev
from cueroom.show.fold import Ledger
from cueroom.show.rundown import Host, Item, Rundown
from cueroom.show.tally import Tally
from cueroom.storage.store import Store
from feeding import order
from waiting import PATIENCE_S

START = 1_795_348_800_000
NOW = START + 3_600_000
HOSTS = (Host("lead", "主播"), Host("guest", "嘉宾"))
SKUS = ("V|1", "V2", "V3")

_NUMBERS = itertools.count(1)


def rundown(show: str, starts_at: int = START) -> Rundown:
    items = (
        Item(
            sku="V|1", name="吸尘器", price=9_900, stock=30, batches=(10, 20), minutes=20, host="lead", supplier="华美"
        ),
        Item(sku="V2", name="面膜", price=5_000, stock=20, minutes=20, host="guest"),
        Item(sku="V3", name="保温杯", price=3_001, stock=15, minutes=20, host="lead"),
    )
    return Rundown(
        id=show, title=show, starts_at=starts_at, duration_min=60, currency="CNY", goal=999, hosts=HOSTS, items=items
    )


seconds = st.integers(0, 3_000).map(lambda second: START + 1000 * second)
skus = st.sampled_from(SKUS)


def orders() -> st.SearchStrategy[ev.Event]:
    """Order events of a few ids, and what came after; an id always has the same SKU and quantity."""
    sales = st.sampled_from([ev.OrderCreated, ev.OrderPaid, ev.OrderPaid, ev.OrderCancelled, ev.OrderRefunded])
    after = st.sampled_from([ev.ParcelShipped, ev.ServiceOpened, ev.ServiceAnswered, ev.ServiceClosed])
    ids, amounts = st.integers(0, 40), st.none() | st.integers(0, 99_999)
    return st.builds(
        lambda kind, n, amount, at: kind(id=f"o{n}", sku=SKUS[n % 3], qty=n % 4 + 1, amount=amount, time=at),
        *(sales, ids, amounts, seconds),
    ) | st.builds(lambda kind, n, at: kind(id=f"o{n}", time=at), after, ids, seconds)


shows = st.lists(
    orders()
    | st.builds(ev.ViewerEntered, n=st.integers(1, 900), viewer=st.none() | st.sampled_from("abc"), time=seconds)
    | st.builds(ev.ProductViewed, sku=skus, n=st.integers(1, 99), time=seconds)
    | st.builds(ev.ProductClicked, sku=skus, n=st.integers(1, 9), time=seconds)
    | st.builds(ev.RoomOnline, n=st.integers(0, 999), time=seconds)
    | st.builds(ev.StockCounted, sku=skus, n=st.integers(0, 20), time=seconds)
    | st.builds(ev.StockReleased, sku=skus, n=st.integers(1, 20), time=seconds)
    | st.builds(ev.ItemPresented, sku=skus, host=st.sampled_from(["lead", "guest"]), time=seconds),
    max_size=60,
)


def read_show(server: Server, events: Sequence[ev.Event]) -> Any:
    """The recap of a show of its own in which this happened."""
    sheet = rundown(f"random-{os.getpid()}-{next(_NUMBERS)}")

    async def tell(store: Store) -> Any:
        await store.put_show(sheet, START)
        tally = Tally(sheet)
        assert tally.add_all(events, NOW) == {}
        await store.flush(sheet.id, tally.flush, NOW)
        return await read_recap(store, sheet.id, NOW, [])

    return server.with_store(tell)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=shows)
def test_the_recap_of_any_show_is_its_counters_to_the_last_unit(server: Server, events: list[ev.Event]) -> None:
    recap = read_show(server, events)
    ledger = Ledger(recap.rundown)
    for event in events:
        ledger.apply(event, event.time or NOW)
    wanted = ledger.snapshot(NOW)
    assert recap.counts == wanted.totals
    assert {item.item.sku: item.counts for item in recap.items} == wanted.items
    assert sum(item.counts.gmv for item in recap.items) == recap.counts.gmv
    assert sum(host.gmv for host in recap.hosts) == recap.counts.gmv
    assert (recap.curve.paid[-1][1] if recap.curve.paid else 0) == recap.counts.gmv
    assert sum(parcels.units for _, parcels in recap.aftermath.by_item) <= recap.counts.units_paid
    assert sum(one.orders for _, one in recap.aftermath.by_supplier) == recap.aftermath.parcels.orders


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=shows)
def test_the_workbook_of_any_show_is_its_counters_to_the_last_unit(server: Server, events: list[ev.Event]) -> None:
    recap = read_show(server, events)
    workbook = CalamineWorkbook.from_filelike(BytesIO(workbook_of(book_of(recap, "zh-Hans"))))
    assert workbook.sheet_names[:3] == ["直播数据", "店铺数据", "商品数据"]
    shop: dict[Any, Any] = {row[0]: row[1] for row in rows_of(workbook, "店铺数据")}
    told = (shop["成交额"], shop["退款金额"], shop["净成交额"], shop["未付金额"])
    counts = recap.counts
    assert [round(100 * money) for money in told] == [counts.gmv, counts.refunded, counts.net, counts.unpaid_amount]
    assert (shop["创建订单"], shop["支付订单"]) == (counts.orders_created, counts.orders_paid)
    products = rows_of(workbook, "商品数据")
    column = products[1].index("成交额")
    assert [round(100 * row[column]) for row in products[2:]] == [item.counts.gmv for item in recap.items]


def rows_of(workbook: CalamineWorkbook, name: str) -> list[list[Any]]:
    return list(workbook.get_sheet_by_name(name).to_python(skip_empty_area=False))


def browser(show: ShowOnServer, role: str = "producer") -> httpx2.Client:
    client = httpx2.Client(
        base_url=show.server.url, headers={"Accept": "text/html", "Accept-Language": "en"}, timeout=PATIENCE_S
    )
    client.cookies.set(f"cueroom-{show.id}-{role}", show.keys[role])
    return client


def test_the_page_tells_the_show_so_far_and_then_in_the_end(show: ShowOnServer) -> None:
    client = browser(show)
    address = f"/shows/{show.id}/recap"
    assert "The show has not begun." in client.get(address).text
    show.command("present", sku="V01")
    show.post([order("1", amount=123_457), {"type": "viewer.entered", "n": 12_345}])
    page = client.get(address)
    assert page.status_code == 200
    assert "So far: the show is still running." in page.text
    assert "¥1,234.57" in page.text
    assert "12,345" in page.text
    show.command("end")
    assert "So far" not in client.get(address).text


def test_the_workbook_comes_as_a_file_of_the_shows_name(show: ShowOnServer) -> None:
    show.command("present", sku="V01")
    response = browser(show).get(f"/shows/{show.id}/recap.xlsx?lang=zh-Hans")
    assert response.headers["content-disposition"] == f'attachment; filename="{show.id}.xlsx"'
    names = CalamineWorkbook.from_filelike(BytesIO(response.content)).sheet_names
    assert names[:3] == ["直播数据", "店铺数据", "商品数据"]


@pytest.mark.parametrize("page", ["recap", "recap.xlsx"])
def test_only_a_shows_producers_read_its_recap(show: ShowOnServer, page: str) -> None:
    assert browser(show, "host").get(f"/shows/{show.id}/{page}").status_code == 403
    assert show.http.get(f"/shows/{show.id}/{page}").status_code == 401
    assert browser(show).get(f"/shows/nowhere/{page}").status_code == 404


def test_a_show_is_compared_with_those_before_it_that_its_reader_may_see(server: Server) -> None:
    """Of three earlier shows, one was never held and one is another producer's."""
    shows = [server.new_show(f"night{number}") for number in range(4)]
    for number, show in enumerate(shows):
        show.rundown = msgspec.structs.replace(
            show.rundown, starts_at=START + 86_400_000 * number, title=f"夜场{number}"
        )
        server.with_store(lambda store, sheet=show.rundown: store.put_show(sheet, START))  # type: ignore[misc]  # bound at once
    for show in (shows[0], shows[1], shows[3]):
        show.command("present", sku="V01")
        show.post([order("1", amount=1_111)])
    client = browser(shows[3])
    for show in (shows[0], shows[2]):
        client.cookies.set(f"cueroom-{show.id}-producer", show.keys["producer"])
    page = client.get(f"/shows/{shows[3].id}/recap").text
    compared = page.partition('id="earlier-shows"')[2].partition("</section>")[0]
    assert ["夜场3" in compared, "夜场2" in compared, "夜场1" in compared, "夜场0" in compared] == [
        True,
        False,
        False,
        True,
    ]


def test_a_show_that_is_not_kept_any_more_stands_in_nobodys_way(show: ShowOnServer) -> None:
    now = show.state()["time"]
    recap = show.server.with_store(lambda store: read_recap(store, show.id, now, ["long-gone", show.id]))
    assert recap.earlier == ()
