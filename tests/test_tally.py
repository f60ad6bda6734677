"""Laws of the tally: what it adds up does not grow with viewer events, and nothing is added that cannot be."""

from hypothesis import given
from hypothesis import strategies as st

from conftest import small_rundown
from cueroom import events as ev
from cueroom.tally import EARLY_MS, LATE_MS, Tally, booked_at
from cueroom.wire import Rejection

NOW = 1_700_000_000_000
RUNDOWN = small_rundown("tally")


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=50))
def test_viewer_events_of_a_second_become_one_sum(ns: list[int]) -> None:
    tally = Tally(RUNDOWN)
    for n in ns:
        assert tally.add(ev.ViewerLiked(n=n), NOW) is None
    assert tally.flush.seconds == {NOW // 1000: {"liked": sum(ns)}}
    assert tally.flush.ops == []
    assert tally.flush.types == {"viewer.liked": len(ns)}


def test_what_must_count_once_is_kept_one_by_one_in_order() -> None:
    tally = Tally(RUNDOWN)
    tally.add(ev.OrderPaid(id="1", sku="V01", qty=2), NOW)
    tally.add(ev.StockCounted(sku="V01", n=9), NOW)
    tally.add(ev.OrderCreated(id="2", sku="V02", qty=1, amount=7), NOW)
    assert [op[0] for op in tally.flush.ops] == ["o", "s", "o"]
    assert tally.flush.op_types == ["order.paid", "stock.counted", "order.created"]


def test_what_comes_after_the_sale_is_kept_one_by_one_and_makes_no_data_fresh() -> None:
    tally = Tally(RUNDOWN)
    tally.add(ev.ParcelShipped(id="1"), NOW)
    tally.add(ev.ServiceOpened(id="1", kind=ev.Complaint.STAIN), NOW)
    tally.add(ev.ServiceClosed(id="1", goods=4, logistics=5), NOW)
    assert [(op[0], *op[3:]) for op in tally.flush.ops] == [
        ("p", NOW),
        ("a", "o", "stain", NOW),
        ("a", "c", "4||5", NOW),
    ]
    assert tally.flush.newest_at == 0


def test_an_amount_that_was_not_told_is_price_times_quantity_and_marked() -> None:
    tally = Tally(RUNDOWN)
    tally.add(ev.OrderPaid(id="1", sku="V01", qty=2), NOW)
    tally.add(ev.OrderPaid(id="2", sku="V01", qty=2, amount=100), NOW)
    assert [op[6:8] for op in tally.flush.ops] == [(19_800, 1), (100, 0)]


def test_an_event_for_what_is_not_in_the_rundown_is_refused_and_leaves_nothing() -> None:
    tally = Tally(RUNDOWN)
    for event, code in (
        (ev.OrderPaid(id="1", sku="V99", qty=1), "unknown_sku"),
        (ev.ItemPresented(sku="V01", host="nobody"), "unknown_host"),
    ):
        refused = tally.add(event, NOW)
        assert isinstance(refused, Rejection)
        assert refused.code == code
    assert (tally.flush.ops, tally.flush.types, tally.flush.newest_at) == ([], {}, 0)


def test_only_over_http_an_id_makes_a_viewer_event_count_alone() -> None:
    event = ev.ViewerFollowed(id="f1", source="shop", viewer="v")
    socket, http = Tally(RUNDOWN), Tally(RUNDOWN, by_id=True)
    socket.add(event, NOW)
    http.add(event, NOW)
    assert (socket.flush.ops, socket.flush.viewers) == ([], ["v"])
    assert http.flush.ops == [("n", "shop|viewer.followed|f1", NOW // 1000, "followed", 1, "v")]
    assert http.flush.viewers == []


@given(st.integers(0, 2 * NOW))
def test_a_time_is_believed_within_a_day_back_and_a_minute_ahead(time: int) -> None:
    believed = NOW - LATE_MS <= time <= NOW + EARLY_MS
    assert booked_at(time, NOW) == (time if believed else NOW)


def test_without_a_time_an_event_happened_when_it_came() -> None:
    assert booked_at(None, NOW) == NOW
