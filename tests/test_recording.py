"""Laws of recordings, against a running server."""

import json
import time
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import pytest

import cueroom
from conftest import Server, ShowOnServer
from cueroom import recording, showfile
from cueroom.audience import SMALL, Audience
from cueroom.errors import CueroomError
from cueroom.pipe import run_pace
from cueroom.show.aftersales import AfterSales
from cueroom.show.rundown import Rundown
from cueroom.storage.store import Store
from cueroom.storage.stored import Order
from feeding import PlainFeed, order

DEMO_SHOWS = Path(cueroom.__file__).parent / "demo" / "shows"


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
                order("4", "paid", qty=3),
                order("4", "refunded", qty=1),
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
    after_sales = [show.server.with_store(partial(after_sales_of, told.id)) for told in (show, again)]
    assert after_sales[0] == after_sales[1]
    assert (one["phase"], one["live"]["sku"]) == (other["phase"], other["live"]["sku"])


async def after_sales_of(show: str, store: Store) -> AfterSales:
    """All that is known after the sale, the services by order."""
    told = await store.after_sales(show)
    return AfterSales(told.unshipped, tuple(sorted(told.services, key=lambda service: service.order)))


@pytest.mark.parametrize("line", [b'{"type":"ke', b'{"type":"\xff"}', b'{"type":"kept","show":' + b"[" * 100_000, b"5"])
def test_a_line_of_a_recording_that_is_broken_is_named(line: bytes) -> None:
    with pytest.raises(CueroomError, match="line 2 of the recording is broken"):
        recording.kept_of([b'{"type":"viewer.liked"}', line])


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


def test_a_count_is_recorded_to_the_millisecond_so_that_it_has_seen_the_same_orders(show: ShowOnServer) -> None:
    at = (int(time.time()) - 60) * 1000
    count = {"type": "stock.counted", "sku": "V02", "n": 20, "time": at + 250}
    show.post([order("1", sku="V02", qty=3, time=at + 100), count, order("2", sku="V02", time=at + 400)])
    lines = show.server.with_store(lambda store: recording.read_recording(store, show.id))
    assert count in lines
    again = show.server.new_show("counted")
    again.post(lines)
    shelves = [told.state()["items"]["V02"]["on_shelf"] for told in (show, again)]
    assert shelves == [19, 19]


def test_a_peak_of_less_than_a_second_is_recorded(show: ShowOnServer) -> None:
    at = (int(time.time()) - 60) * 1000
    told = {at - 1_000: 50, at + 100: 44, at + 300: 90, at + 600: 60, at + 5_000: 30}
    show.post([{"type": "room.online", "time": moment, "n": n} for moment, n in told.items()])
    lines = show.server.with_store(lambda store: recording.read_recording(store, show.id))
    assert [line["n"] for line in lines] == [50, 90, 60, 30]
    again = show.server.new_show("peak")
    again.post(lines)
    figures = [[told.state()["totals"][name] for name in ("online", "peak_online")] for told in (show, again)]
    assert figures == [[30, 90], [30, 90]]


def happened(rundown: Rundown, seconds: int) -> list[dict[str, Any]]:
    """What a feed tells of a simulated show whose item changes every five minutes."""
    audience = Audience(rundown, SMALL, 4)
    audience.start()
    events = []
    for second in range(seconds):
        if second % 300 == 0:
            audience.present(rundown.items[second // 300].sku)
        events += audience.step()
    return events


TOLD = ("id", "kind", "sku", "audience", "to", "priority", "text", "state", "issued_at", "expires_at", "steps")
"""A cue but for its reason: totals know the second of what they add up, so a rate may differ in its last figure."""


def cues_of(rundown: Rundown, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The cues that these events come to on a pipe."""
    out = BytesIO()
    run_pace(rundown, [json.dumps(line).encode() for line in lines], out, tick_s=1)
    answers = [json.loads(line) for line in out.getvalue().splitlines()]
    return [{name: answer["cue"][name] for name in TOLD} for answer in answers if "cue" in answer]


def test_a_recorded_show_comes_to_the_cues_of_its_events(server: Server) -> None:
    sheet = showfile.read(DEMO_SHOWS / "small.toml")
    assert isinstance(sheet, Rundown)
    start = (int(time.time()) - 3_600) * 1_000
    opening, second, *others = sheet.items
    short = msgspec.structs.replace(second, batches=(100, second.stock - 100))
    items = (opening, short, *others)
    sheet = msgspec.structs.replace(sheet, id=f"retold-{start}", starts_at=start, items=items)
    told = happened(sheet, 660)
    show = ShowOnServer(server, sheet)
    with show.connect_ingest() as socket:
        feed = PlainFeed(socket)
        for first in range(0, len(told), 2_000):
            feed.push(told[first : first + 2_000])
    lines = server.with_store(lambda store: recording.read_recording(store, show.id))
    # The server's own director cued by the clock of today, an hour after these events.
    again = [line for line in lines if line["type"] != "cue"]
    cues = cues_of(sheet, told)
    assert {cue["kind"] for cue in cues} >= {"release", "payment"}
    assert cues_of(sheet, again) == cues
