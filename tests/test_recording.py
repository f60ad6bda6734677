"""Laws of recordings, against a running server."""

import time
from functools import partial

from conftest import ShowOnServer
from cueroom import recording
from cueroom.aftersales import AfterSales
from cueroom.store import Store
from cueroom.stored import Order
from feeding import PlainFeed, order


def test_a_recording_counts_to_the_same_figures_again(show: ShowOnServer) -> None:
    with show.connect_ingest() as socket:
        PlainFeed(socket).push(
            [
                {"type": "item.presented", "sku": "V01"},
                {"type": "viewer.entered", "n": 7},
                {"type": "product.clicked", "sku": "V01", "n": 3},
                {"type": "viewer.gifted", "amount": 500},
                {"type": "room.online", "n": 44},
                order("1", "created", qty=2),
                order("1", "paid", qty=2, amount=18_000),
                order("2", "paid", sku="V02"),
                order("3", "created", sku="V02"),
                order("3", "cancelled", sku="V02"),
                order("1", "refunded", qty=2, amount=9_000),
                {"type": "stock.counted", "sku": "V03", "n": 12},
                {"type": "stock.released", "sku": "V01", "n": 30},
                {"type": "parcel.shipped", "id": "2"},
                {"type": "service.opened", "id": "1", "kind": "stain"},
                {"type": "service.answered", "id": "1"},
                {"type": "service.closed", "id": "1", "goods": 2, "logistics": 4},
                {"type": "service.opened", "id": "2"},
            ]
        )
    show.command("present", sku="V02")
    lines = show.server.with_store(lambda store: recording.read_recording(store, show.id))
    assert [line["time"] for line in lines] == sorted(line["time"] for line in lines)
    assert [line["command"]["command"] for line in lines if line["type"] == "command"] == ["present"]

    again = show.server.new_show("again")
    events = [line for line in lines if line["type"] not in ("command", "cue")]
    assert again.post(events).json()["rejected"] == []
    one, other = show.state(), again.state()
    assert one["totals"] == other["totals"]
    shelves = [[(item["on_shelf"], item["stock_left"]) for item in state["items"].values()] for state in (one, other)]
    assert shelves[0] == shelves[1]
    after_sales = [show.server.with_store(partial(after_sales_of, show.id)) for show in (show, again)]
    assert after_sales[0] == after_sales[1]
    assert (one["phase"], one["live"]["sku"]) == (other["phase"], other["live"]["sku"])


async def after_sales_of(show: str, store: Store) -> AfterSales:
    """All that is known after the sale, the services by order."""
    told = await store.after_sales(show)
    return AfterSales(told.unshipped, tuple(sorted(told.services, key=lambda service: service.order)))


def test_two_recordings_of_one_show_are_the_same(show: ShowOnServer) -> None:
    now = int(time.time() * 1000)
    show.post([order(str(n), time=now) for n in range(300)])
    record = [show.server.with_store(lambda store: recording.read_recording(store, show.id)) for _ in range(2)]
    assert record[0] == record[1]
    ids = [line["id"] for line in record[0] if line["type"] == "order.paid"]
    assert ids == sorted(ids)


def test_an_estimated_amount_is_recorded_as_unknown() -> None:
    order = Order(10, 25, None, None, qty=2, created=-19_801, paid=19_000, refunded=None, sku="V01")
    assert list(recording.lines_of_order("9", order, 1000)) == [
        {"type": "order.created", "time": 1010, "id": "9", "sku": "V01", "qty": 2},
        {"type": "order.paid", "time": 1025, "id": "9", "sku": "V01", "qty": 2, "amount": 19000},
    ]
