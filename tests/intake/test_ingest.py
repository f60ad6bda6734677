"""Laws of the feeds' socket, against a running server."""

import asyncio
import contextlib
import json
from pathlib import Path
from typing import Any, cast

import httpx2
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from conftest import Server, ShowOnServer, small_rundown
from cueroom.edge import burden
from cueroom.edge.services import make_services
from cueroom.intake.ingest import Conversation, Gathered
from cueroom.settings import Settings
from cueroom.show.access import Role
from cueroom.show.events import OrderPaid, ViewerLiked
from cueroom.show.tally import MOST_WEIGHT, ORDER_WEIGHT, Tally
from cueroom.show.wire import JSON, SLICE, Batch, Judged
from feeding import Event, PlainFeed, closing_code, order
from waiting import PATIENCE_S

PROTOCOLS = ("cueroom.v1.json", "cueroom.v1.msgpack")


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_what_was_acknowledged_is_in_the_state(show: ShowOnServer, protocol: str) -> None:
    with show.connect_ingest(protocol) as socket:
        feed = PlainFeed(socket)
        ack = feed.push(
            [
                {"type": "viewer.entered", "n": 7},
                order("1", "created", qty=2),
                order("1", "paid", qty=2, amount=18_000),
                order("2", "created", sku="V02"),
                {"type": "room.online", "n": 5},
            ]
        )
    assert ack == {"ack": 1, "accepted": 5, "duplicate": 0, "rejected": []}
    totals = show.state()["totals"]
    assert (totals["entered"], totals["orders_created"], totals["orders_paid"]) == (7, 2, 1)
    assert (totals["gmv"], totals["gmv_estimated"], totals["unpaid_amount"]) == (18_000, 0, 5_000)


def test_a_new_feed_starts_at_the_beginning_and_is_told_its_limits(show: ShowOnServer) -> None:
    with show.connect_ingest() as socket:
        welcome = PlainFeed(socket).welcome
    assert {name: welcome[name] for name in ("resume", "window", "max_events", "max_bytes")} == {
        "resume": 0,
        "window": 64,
        "max_events": 10_000,
        "max_bytes": 1_048_576,
    }
    assert welcome["time"] > 1_700_000_000_000


def test_a_batch_resent_over_a_new_connection_counts_once(show: ShowOnServer) -> None:
    batch = [{"type": "viewer.entered", "n": 3}, order("1")]
    with show.connect_ingest() as socket:
        PlainFeed(socket).push(batch)
    with show.connect_ingest() as socket:
        feed = PlainFeed(socket)
        assert feed.welcome["resume"] == 1
        feed.send({"seq": 1, "events": batch})
        assert feed.await_ack(1) == {"ack": 1, "accepted": 0, "duplicate": 2, "rejected": []}
        assert feed.push([{"type": "viewer.entered"}])["ack"] == 2
    assert show.state()["totals"]["entered"] == 4
    assert show.state()["totals"]["orders_paid"] == 1


def test_a_frame_that_takes_the_store_several_calls_counts_whole_and_its_repeats_as_such(show: ShowOnServer) -> None:
    orders = [order(str(n), amount=100) for n in range(2_000)]
    counted = {"type": "stock.counted", "sku": "V01", "n": 700}
    with show.connect_ingest("cueroom.v1.msgpack") as socket:
        feed = PlainFeed(socket)
        first = feed.push([*orders, counted, {"type": "viewer.liked", "n": 3}])
        again = feed.push([*orders[500:], *(order(f"late-{n}") for n in range(5))])
    assert (first["accepted"], first["duplicate"]) == (2_002, 0)
    assert (again["accepted"], again["duplicate"]) == (5, 1_500)
    state = show.state()
    assert (state["totals"]["orders_paid"], state["totals"]["liked"]) == (2_005, 3)
    assert state["items"]["V01"]["on_shelf"] == 695


def test_acknowledgements_are_cumulative(show: ShowOnServer) -> None:
    with show.connect_ingest() as socket:
        feed = PlainFeed(socket)
        for seq in range(1, 201):
            feed.send({"seq": seq, "events": [{"type": "viewer.liked"}]})
        accepted, last = 0, 0
        while last < 200:
            ack = feed.receive()
            assert ack["ack"] > last
            accepted, last = accepted + ack["accepted"], ack["ack"]
    assert accepted == 200
    assert show.state()["totals"]["liked"] == 200


def test_what_is_sent_faster_than_the_store_takes_it_counts_whole(show: ShowOnServer) -> None:
    """Several calls of the store wait behind one another, and the feed is read no further meanwhile."""
    batches, size = 40, 300
    with show.connect_ingest("cueroom.v1.msgpack") as socket:
        feed = PlainFeed(socket)
        for seq in range(1, batches + 1):
            feed.send({"seq": seq, "events": [order(f"{seq}-{n}") for n in range(size)]})
        feed.await_ack(batches)
    assert show.state()["totals"]["orders_paid"] == batches * size


def test_a_flush_is_full_once_one_more_batch_as_heavy_would_be_too_much_for_one_call() -> None:
    gathered = Gathered(Tally(small_rundown("full")))
    half = MOST_WEIGHT // ORDER_WEIGHT // 2
    for first in (0, half):
        assert not gathered.is_full
        paid = [OrderPaid(id=str(n), sku="V01", qty=1) for n in range(first, first + half)]
        gathered.tally.add_all(paid, 0)
        gathered.heaviest = half * ORDER_WEIGHT
    assert gathered.is_full


@pytest.mark.parametrize("ends", [False, True], ids=["goes on", "ends"])
def test_a_large_batch_is_to_be_flushed_only_once_it_is_whole(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ends: bool
) -> None:
    monkeypatch.setattr(burden, "COURTESY_S", PATIENCE_S)

    async def scene() -> None:
        services = make_services(Settings(redis=f"unix://{tmp_path}/nobody.sock"))
        feed = Conversation(cast(Any, None), services, "show", JSON)
        feed._rundown = small_rundown("show")
        likes: list[Judged] = [ViewerLiked()] * SLICE
        with services.burden.person():  # who goes before its second slice
            gathering = asyncio.create_task(feed._gather(Batch(1, 2 * SLICE, [likes, likes]), 1))
            for _ in range(10):
                await asyncio.sleep(0)
            assert feed._queue.empty()
            if ends:
                gathering.cancel()
        await asyncio.gather(gathering, return_exceptions=True)
        assert feed._queue.empty() is ends
        if not ends:
            assert feed._queue.get_nowait().tally.flush.types == {ViewerLiked: 2 * SLICE}

    asyncio.run(scene())


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_batches_of_all_sizes_count_whole_and_tell_where_their_bad_events_are(
    show: ShowOnServer, protocol: str
) -> None:
    sizes, bad = (1, 3 * SLICE, 2, SLICE, SLICE + 1, 5), {"type": "viewer.danced"}
    with show.connect_ingest(protocol) as socket:
        feed = PlainFeed(socket)
        for seq, size in enumerate(sizes, start=1):
            feed.send({"seq": seq, "events": [*(order(f"{seq}-{n}") for n in range(size - 1)), bad]})
        accepted, rejected, ack = 0, [], 0
        while ack < len(sizes):
            told = feed.receive()
            ack, accepted = told["ack"], accepted + told["accepted"]
            rejected += [(refused["seq"], refused["index"]) for refused in told["rejected"]]
    assert rejected == [(seq, size - 1) for seq, size in enumerate(sizes, start=1)]
    assert show.state()["totals"]["orders_paid"] == accepted == sum(sizes) - len(sizes)


def test_an_order_event_counts_once_whatever_brings_it(show: ShowOnServer) -> None:
    with show.connect_ingest() as first, show.connect_ingest() as second:
        one, other = PlainFeed(first, "one"), PlainFeed(second, "other")
        assert one.push([order("1")])["accepted"] == 1
        assert other.push([order("1")])["duplicate"] == 1
    assert show.post(order("1")).json()["duplicate"] == 1
    assert show.state()["totals"]["gmv"] == 9_900


def test_paid_before_created_implies_created(show: ShowOnServer) -> None:
    with show.connect_ingest() as socket:
        feed = PlainFeed(socket)
        feed.push([order("1", "paid")])
        totals = show.state()["totals"]
        assert (totals["orders_created"], totals["orders_paid"], totals["unpaid_orders"]) == (1, 1, 0)
        assert feed.push([order("1", "created")])["accepted"] == 1
    assert show.state()["totals"] == totals


def test_bad_events_are_rejected_alone(show: ShowOnServer) -> None:
    events: list[Event] = [
        {"type": "order.paid", "id": "1", "qty": 1},
        {"type": "viewer.danced"},
        order("2", qty=0),
        order("3", sku="V99"),
        {"type": "viewer.entered", "n": "many"},
        order("5", qty=1_000_000_000),
        {"type": "viewer.entered", "n": 2, "mood": "good"},
        order("4"),
    ]
    with show.connect_ingest() as socket:
        ack = PlainFeed(socket).push(events)
    assert (ack["accepted"], ack["duplicate"]) == (2, 0)
    assert [(bad["seq"], bad["index"], bad["code"]) for bad in ack["rejected"]] == [
        (1, 0, "missing_field"),
        (1, 1, "unknown_type"),
        (1, 2, "out_of_range"),
        (1, 3, "unknown_sku"),
        (1, 4, "wrong_type"),
        (1, 5, "out_of_range"),
    ]
    assert all(bad["message"] for bad in ack["rejected"])
    assert show.state()["totals"]["entered"] == 2


def test_the_newer_of_two_connections_with_one_name_wins(show: ShowOnServer) -> None:
    with show.connect_ingest() as old, show.connect_ingest() as new:
        PlainFeed(old).push([order("1")])
        newer = PlainFeed(new)
        assert closing_code(old) == 4409
        newer.push([order("2")])
    assert show.state()["totals"]["orders_paid"] == 2


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("{", 1007),
        ('{"seq": 1}', 1007),
        (b"\x80", 1007),
        (json.dumps({"seq": 3, "events": []}), 4400),
        (json.dumps({"seq": 0, "events": []}), 4400),
        (json.dumps({"seq": 1, "events": [{"type": "viewer.liked"}] * 10_001}), 1009),
        ('{"seq": 1, "events": [' + " " * 1_100_000 + "]}", 1009),
    ],
    ids=["not json", "no batch", "other kind of frame", "a gap", "zero", "too many events", "too many bytes"],
)
def test_a_broken_frame_closes_with_its_code(show: ShowOnServer, frame: str | bytes, code: int) -> None:
    with show.connect_ingest() as socket:
        PlainFeed(socket)
        socket.send(frame)
        assert closing_code(socket) == code
    assert show.state()["totals"]["liked"] == 0


DEEP = "[" * 100_000 + "]" * 100_000


@pytest.mark.parametrize(
    "frame",
    [
        '{"seq": 1, "events": [' + DEEP + "]}",
        '{"seq": 1, "events": [{"type": "viewer.liked", "mood": ' + DEEP + "}]}",
    ],
    ids=["an event", "a field nobody knows"],
)
def test_a_frame_nested_without_end_closes_as_unreadable(show: ShowOnServer, frame: str) -> None:
    with show.connect_ingest() as socket:
        PlainFeed(socket)
        socket.send(frame)
        assert closing_code(socket) == 1007


def test_text_that_is_not_utf8_is_rejected_alone(show: ShowOnServer) -> None:
    bad = b"\x82\xa4type\xacviewer.liked\xa6viewer\xa2\xff\xfe"
    good = b"\x81\xa4type\xacviewer.liked"
    with show.connect_ingest("cueroom.v1.msgpack") as socket:
        feed = PlainFeed(socket)
        socket.send(b"\x82\xa3seq\x01\xa6events\x92" + bad + good)
        ack = feed.await_ack(1)
    assert (ack["accepted"], ack["rejected"][0]["code"]) == (1, "unreadable")


def test_a_peak_within_one_batch_is_the_peak(show: ShowOnServer) -> None:
    with show.connect_ingest() as socket:
        PlainFeed(socket).push([{"type": "room.online", "n": n} for n in (7, 100, 3)])
    totals = show.state()["totals"]
    assert (totals["online"], totals["peak_online"]) == (3, 100)


@pytest.mark.parametrize("producer", ["a\nb", "feed\n", "\0", "\x1b[31mred", "a\x85b", "a|b"])
def test_a_feeds_name_has_no_control_characters(show: ShowOnServer, producer: str) -> None:
    with show.connect_ingest() as socket:
        socket.send(json.dumps({"hello": {"producer": producer}}))
        assert closing_code(socket) == 1007
    assert (socket.close_reason or "").endswith("a name has no control characters, and a producer's no |")
    assert show.state()["feeds"] == []


def test_a_first_message_that_is_no_hello_is_unreadable(show: ShowOnServer) -> None:
    with show.connect_ingest() as socket:
        socket.send('{"seq": 1, "events": []}')
        assert closing_code(socket) == 1007


@pytest.mark.parametrize(
    ("address", "key", "protocol", "status"),
    [
        ("nowhere", "ingest", "cueroom.v1.json", 404),
        ("", None, "cueroom.v1.json", 401),
        ("", "producer", "cueroom.v1.json", 403),
        ("", "ingest", "cueroom.v2.json", 400),
        ("", "ingest", None, 400),
    ],
)
def test_what_may_not_feed_is_refused_before_the_upgrade(
    show: ShowOnServer, address: str, key: str | None, protocol: str | None, status: int
) -> None:
    url = f"{show.server.ws_url}/v1/shows/{address or show.id}/ingest"
    headers = show.headers(key) if key else {}
    spoken = [Subprotocol(protocol)] if protocol else None
    with pytest.raises(InvalidStatus) as refused:
        connect(url, additional_headers=headers, subprotocols=spoken, open_timeout=PATIENCE_S)
    assert refused.value.response.status_code == status
    assert json.loads(refused.value.response.body)["detail"]


def test_a_revoked_key_ends_its_feed(show: ShowOnServer) -> None:
    with show.connect_ingest() as socket:
        PlainFeed(socket).push([order("1")])
        key_id = show.keys["ingest"].partition(".")[0]
        assert show.server.with_store(lambda store: store.revoke_key(show.id, key_id))
        assert closing_code(socket) == 4401


def test_a_key_that_runs_out_ends_its_feed(show: ShowOnServer) -> None:
    with show.connect_while_it_lasts(Role.INGEST, show.connect_ingest) as socket:
        with contextlib.suppress(ConnectionClosed):  # on a slow machine it runs out before the welcome
            PlainFeed(socket)
        assert closing_code(socket) == 4401


def test_a_feed_may_start_the_show_and_present_items(show: ShowOnServer) -> None:
    with show.connect_ingest() as socket:
        feed = PlainFeed(socket)
        feed.push([{"type": "show.started"}, {"type": "item.presented", "sku": "V02"}])
        state = show.state()
        assert (state["phase"], state["live"]["sku"], state["live"]["host"]) == ("live", "V02", "guest")
        feed.push([{"type": "show.ended"}])
    assert show.state()["phase"] == "ended"


def test_a_count_of_stock_overrides_our_arithmetic(show: ShowOnServer) -> None:
    with show.connect_ingest() as socket:
        feed = PlainFeed(socket)
        feed.push([order("1", "created", qty=5)])
        item = show.state()["items"]["V01"]
        assert (item["on_shelf"], item["stock_left"]) == (35, 95)
        feed.push([{"type": "stock.counted", "sku": "V01", "n": 20}, order("2", "created", qty=3)])
        assert show.state()["items"]["V01"]["on_shelf"] == 17
        feed.push([{"type": "stock.released", "sku": "V01", "n": 60}, order("2", "cancelled", qty=3)])
    item = show.state()["items"]["V01"]
    assert (item["on_shelf"], item["stock_left"]) == (80, 80)


def test_a_stopping_server_acknowledges_what_it_took_and_says_come_back(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    server = Server(tmp_path_factory.mktemp("drain") / "data")
    show = server.new_show()
    with show.connect_ingest() as socket:
        feed = PlainFeed(socket)
        for seq in range(1, 51):
            feed.send({"seq": seq, "events": [order(f"o{seq}")]})
        last = feed.await_ack(1)["ack"]
        assert server.stop() == 0
        code = None
        while code is None:
            try:
                last = feed.receive()["ack"]
            except ConnectionClosed as closed:
                code = closed.rcvd and closed.rcvd.code
    assert code == 1012
    server.start()
    show.http = httpx2.Client(base_url=server.url, timeout=PATIENCE_S)
    assert show.state()["totals"]["orders_paid"] == last
    server.stop()


def test_a_feed_whose_show_is_no_longer_kept_is_told_that_the_server_failed(show: ShowOnServer) -> None:
    with show.connect_ingest() as socket:
        feed = PlainFeed(socket)
        show.forget()
        feed.send({"seq": 1, "events": [order("1")]})
        assert closing_code(socket) == 1011
    assert socket.close_reason == "the server failed; connect again"
