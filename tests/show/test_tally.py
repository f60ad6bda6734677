"""Laws of the tally: what it adds up does not grow with viewer events, and nothing is added that cannot be."""

from collections import Counter

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from conftest import small_rundown
from cueroom.show import events as ev
from cueroom.show.tally import EARLY_MS, LATE_MS, ORDER_WEIGHT, ORDER_WIDTH, Flush, Tally, booked_at
from cueroom.show.wire import Judged, Rejection

NOW = 1_700_000_000_000
RUNDOWN = small_rundown("tally")


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=50))
def test_viewer_events_of_a_second_become_one_sum(ns: list[int]) -> None:
    tally = Tally(RUNDOWN)
    assert tally.add_all([ev.ViewerLiked(n=n) for n in ns], NOW) == {}
    assert tally.flush.seconds == {NOW // 1000: {"liked": sum(ns)}}
    assert (tally.flush.orders, tally.flush.ops) == ([], [])
    assert tally.flush.types == {ev.ViewerLiked: len(ns)}


events = st.one_of(
    st.builds(ev.ViewerEntered, n=st.integers(1, 9), viewer=st.none() | st.sampled_from("abc")),
    st.builds(ev.ViewerGifted, amount=st.integers(0, 9), time=st.integers(NOW - 3_000, NOW)),
    st.builds(ev.ProductClicked, sku=st.sampled_from(["V01", "V02", "V99"])),
    st.builds(ev.OrderPaid, id=st.sampled_from("123"), sku=st.sampled_from(["V01", "V99"]), qty=st.integers(1, 3)),
    st.builds(ev.StockCounted, sku=st.just("V01"), n=st.integers(0, 9)),
    st.builds(ev.RoomOnline, n=st.integers(0, 99)),
    st.just(Rejection("wrong_type", "why")),
)


@given(st.lists(events, max_size=30), st.booleans())
def test_a_batch_adds_up_to_what_its_events_do_one_by_one(batch: list[Judged], by_id: bool) -> None:
    together, apart = Tally(RUNDOWN, by_id=by_id), Tally(RUNDOWN, by_id=by_id)
    refused = together.add_all(batch, NOW)
    assert list(refused) == [place for place, event in enumerate(batch) if apart.add_all([event], NOW)]
    assert together.flush == apart.flush


def test_an_order_whose_price_times_quantity_is_more_than_any_amount_is_refused_alone() -> None:
    dear = msgspec.structs.replace(RUNDOWN.items[0], sku="DEAR", price=ev.MOST_MINOR)
    tally = Tally(msgspec.structs.replace(RUNDOWN, items=(*RUNDOWN.items, dear)))
    orders = [
        ev.OrderPaid(id="1", sku="DEAR", qty=1),
        ev.OrderPaid(id="2", sku="DEAR", qty=1_000_000_000),
        ev.OrderPaid(id="3", sku="DEAR", qty=1_000_000_000, amount=5),
    ]
    refused = tally.add_all(orders, NOW)
    assert {place: why.code for place, why in refused.items()} == {1: "out_of_range"}
    assert tally.flush.orders[::ORDER_WIDTH] == ["1", "3"]
    assert tally.flush.types == {ev.OrderPaid: 2}


def test_what_must_count_once_is_kept_one_by_one_in_order() -> None:
    flush = flush_of(
        ev.OrderPaid(id="1", sku="V01", qty=2),
        ev.StockCounted(sku="V01", n=9),
        ev.OrderCreated(id="2", sku="V02", qty=1, amount=7),
    )
    assert flush.orders[::ORDER_WIDTH] == ["1", "2"]
    assert flush.ops == [("s", "stock.counted", 1, "", "V01", 9, NOW)]


def test_what_comes_after_the_sale_is_kept_one_by_one_and_makes_no_data_fresh() -> None:
    flush = flush_of(
        ev.ParcelShipped(id="1"),
        ev.ServiceOpened(id="1", kind=ev.Complaint.STAIN),
        ev.ServiceClosed(id="1", goods=4, logistics=5),
    )
    assert [(op[0], *op[6:]) for op in flush.ops] == [
        ("p", NOW),
        ("a", "o", "stain", NOW),
        ("a", "c", "4||5", NOW),
    ]
    assert flush.newest_at == 0


def test_an_amount_that_was_not_told_is_price_times_quantity_and_marked() -> None:
    flush = flush_of(ev.OrderPaid(id="1", sku="V01", qty=2), ev.OrderPaid(id="2", sku="V01", qty=2, amount=100))
    assert flush.orders[5::ORDER_WIDTH] == [-1 - 19_800, 100]


def test_a_viewer_is_told_once_a_flush() -> None:
    flush = flush_of(*(kind(viewer="v") for kind in (ev.ViewerEntered, ev.ViewerLiked, ev.ViewerLiked)))
    assert flush.viewers == {"v"}


def flush_of(*added: ev.Event) -> Flush:
    tally = Tally(RUNDOWN)
    assert tally.add_all(added, NOW) == {}
    return tally.flush


def test_an_event_for_what_is_not_in_the_rundown_is_refused_and_leaves_nothing() -> None:
    tally = Tally(RUNDOWN)
    refused = tally.add_all([ev.OrderPaid(id="1", sku="V99", qty=1), ev.ItemPresented(sku="V01", host="nobody")], NOW)
    assert [why.code for why in refused.values()] == ["unknown_sku", "unknown_host"]
    assert tally.flush == Tally(RUNDOWN).flush


def test_an_item_that_was_inserted_is_known_from_then_on() -> None:
    tally = Tally(RUNDOWN)
    order = ev.OrderPaid(id="1", sku="V99", qty=1)
    assert tally.add_all([order], NOW)
    inserted = msgspec.structs.replace(RUNDOWN.items[0], sku="V99")
    tally.learn(msgspec.structs.replace(RUNDOWN, items=(*RUNDOWN.items, inserted)))
    assert tally.add_all([order], NOW) == {}


heavy_events = st.one_of(
    st.builds(ev.OrderCreated, id=st.integers(0, 99).map(str), sku=st.just("V01"), qty=st.just(1)),
    st.builds(ev.ViewerFollowed, id=st.integers(0, 99).map(str), viewer=st.sampled_from("abcdef")),
    st.builds(ev.ParcelShipped, id=st.integers(0, 99).map(str)),
    st.builds(ev.StockCounted, sku=st.just("V01"), n=st.integers(0, 9)),
    st.builds(ev.ViewerLiked, viewer=st.sampled_from("abcdef")),
)


@given(st.lists(heavy_events, max_size=60), st.booleans())
def test_a_heavy_flush_falls_into_light_pieces_and_only_the_last_holds_what_must_not_be_repeated(
    added: list[ev.Event], by_id: bool
) -> None:
    tally = Tally(RUNDOWN, by_id=by_id)
    tally.add_all(added, NOW)
    most = 5 * ORDER_WEIGHT
    *ahead, last = pieces = tally.flush.pieces(most)
    assert [order for piece in pieces for order in piece.orders] == tally.flush.orders
    assert sorted(viewer for piece in pieces for viewer in piece.viewers) == sorted(tally.flush.viewers)
    assert Counter(op[3:] for piece in pieces for op in piece.ops) == Counter(op[3:] for op in tally.flush.ops)
    assert (last.seconds, last.types) == (tally.flush.seconds, tally.flush.types)
    for piece in ahead:
        assert (piece.seconds, piece.online, piece.newest_at) == ({}, {}, 0)
        assert {op[0] for op in piece.ops} <= {"n", "p"}
        assert piece.weight <= most
    # What has its place among the orders comes after as many of them as before.
    before = len(tally.flush.orders) - len(last.orders)
    placed = [op[2] for op in last.ops if op[0] == "s"]
    assert [before // ORDER_WIDTH + orders for orders in placed] == [op[2] for op in tally.flush.ops if op[0] == "s"]


def test_only_over_http_an_id_makes_a_viewer_event_count_alone() -> None:
    event = ev.ViewerFollowed(id="f1", source="shop", viewer="v")
    socket, http = Tally(RUNDOWN), Tally(RUNDOWN, by_id=True)
    socket.add_all([event], NOW)
    http.add_all([event], NOW)
    assert (socket.flush.ops, socket.flush.viewers) == ([], {"v"})
    op = ("n", "viewer.followed", 0, "shop|viewer.followed|f1", NOW // 1000, "followed", 1, "v")
    assert (http.flush.ops, http.flush.viewers) == ([op], set())


@given(st.integers(0, 2 * NOW))
def test_a_time_is_believed_within_a_day_back_and_a_minute_ahead(time: int) -> None:
    believed = NOW - LATE_MS <= time <= NOW + EARLY_MS
    assert booked_at(time, NOW) == (time if believed else NOW)


def test_without_a_time_an_event_happened_when_it_came() -> None:
    assert booked_at(None, NOW) == NOW


@given(st.integers(-EARLY_MS, EARLY_MS))
def test_nothing_goes_on_air_in_the_future_however_far_ahead_a_feeds_clock_is(ahead_ms: int) -> None:
    told = ev.ItemPresented(sku="V01", time=NOW + ahead_ms)
    (op,) = flush_of(told).ops
    assert msgspec.json.decode(op[-1], type=ev.ItemPresented).time == NOW + min(0, ahead_ms)


@given(st.lists(st.integers(-EARLY_MS, EARLY_MS), min_size=1))
def test_no_event_is_newer_than_its_receipt_however_far_ahead_a_feeds_clock_is(ahead_ms: list[int]) -> None:
    flush = flush_of(*(ev.ViewerLiked(time=NOW + ahead) for ahead in ahead_ms))
    assert flush.newest_at == NOW + min(0, max(ahead_ms))
