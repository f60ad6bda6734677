"""The fold: counters that are right whatever the order of arrival."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cueroom.show import events as ev
from cueroom.show.board import Phase
from cueroom.show.fold import Ledger
from cueroom.show.state import Shelf, Snapshot
from cueroom.show.wire import Rejection
from pacing.rehearsal import START, item, rundown

SHOW = rundown(item("V1", price=1_000, stock=100, batches=(40, 30, 30)), item("V2", price=500))
SECOND = START // 1000


def folded(*events: tuple[int, ev.Event]) -> Snapshot:
    """The show a minute after its start, after these events at these seconds."""
    ledger = Ledger(SHOW)
    for at_s, event in events:
        assert ledger.apply(event, START + 1000 * at_s) is None
    return ledger.snapshot(START + 60_000)


def created(order: str, qty: int = 1, amount: int | None = None) -> ev.OrderCreated:
    return ev.OrderCreated(id=order, sku="V1", qty=qty, amount=amount)


def paid(order: str, qty: int = 1, amount: int | None = None) -> ev.OrderPaid:
    return ev.OrderPaid(id=order, sku="V1", qty=qty, amount=amount)


def cancelled(order: str, qty: int = 1) -> ev.OrderCancelled:
    return ev.OrderCancelled(id=order, sku="V1", qty=qty)


def test_an_order_event_counts_once() -> None:
    show = folded((1, created("a")), (2, created("a")), (3, paid("a")), (4, paid("a")))
    assert (show.totals.orders_created, show.totals.orders_paid, show.totals.gmv) == (1, 1, 1_000)


def test_paid_before_created_implies_created() -> None:
    known_paid = (3, paid("a", amount=900))
    for show, since in ((folded(known_paid), 3), (folded(known_paid, (2, created("a", amount=900))), 2)):
        assert (show.totals.orders_created, show.totals.units_created, show.totals.gmv) == (1, 1, 900)
        assert show.totals.unpaid_orders == 0
        assert [second for second, sums in show.seconds.items() if sums.get("orders_created|V1")] == [SECOND + since]


def test_an_order_is_of_as_many_units_as_its_earliest_event_says_even_where_a_refund_of_some_comes_first() -> None:
    refunded = ev.OrderRefunded(id="a", sku="V1", qty=1)
    for show in (
        folded((1, created("a", qty=3)), (2, paid("a", qty=3)), (9, refunded)),
        folded((9, refunded), (2, paid("a", qty=3)), (1, created("a", qty=3))),
    ):
        assert (show.totals.units_created, show.totals.units_paid, show.totals.refunded) == (3, 3, 1_000)
        assert show.shelf("V1") == Shelf(37, 60)


def test_without_an_amount_the_price_counts_as_estimated() -> None:
    show = folded((1, paid("a", qty=3)), (2, paid("b", amount=700)))
    assert (show.totals.gmv, show.totals.gmv_estimated) == (3_700, 3_000)


def test_unpaid_is_created_and_neither_paid_nor_cancelled() -> None:
    show = folded(
        (1, created("a")), (1, created("b")), (1, created("c", amount=800)), (2, paid("a")), (3, cancelled("b"))
    )
    assert (show.totals.unpaid_orders, show.totals.unpaid_amount) == (1, 800)
    assert show.unpaid["V1"] == {START: (1, 800)}


def test_the_minutes_of_the_unpaid_count_from_the_planned_start() -> None:
    show = folded(*((at_s, created(f"a{at_s}", amount=1)) for at_s in (-1, 0, 59, 60)))
    assert show.unpaid["V1"] == {START - 60_000: (1, 1), START: (2, 2), START + 60_000: (1, 1)}


def test_refunds_are_counted_and_taken_from_net_alone() -> None:
    show = folded((1, paid("a")), (2, ev.OrderRefunded(id="a", sku="V1", qty=1)))
    assert (show.totals.gmv, show.totals.refunded, show.totals.net) == (1_000, 1_000, 0)
    assert show.totals.orders_refunded == 1


def test_what_was_shipped_cancelled_or_refunded_in_full_needs_no_parcel() -> None:
    refunds = (ev.OrderRefunded(id="c", sku="V1", qty=4), ev.OrderRefunded(id="d", sku="V1", qty=5, amount=1))
    show = folded(
        *((1, paid(order, qty=qty)) for order, qty in (("a", 1), ("b", 2), ("c", 4), ("d", 5))),
        *((2, event) for event in (ev.ParcelShipped(id="a"), cancelled("b", qty=2), *refunds)),
        (3, ev.ParcelShipped(id="a")),
    )
    assert (show.totals.units_settled, show.counts("V1").units_settled) == (7, 7)
    assert show.totals.parcels_shipped == 1
    assert folded((1, ev.ParcelShipped(id="a")), (2, paid("a", qty=3))).totals.units_settled == 3


def test_what_comes_after_the_sale_makes_no_data_fresh() -> None:
    show = folded((1, paid("a")), (50, ev.ParcelShipped(id="a")), (51, ev.ServiceOpened(id="a")))
    assert show.newest_at == START + 1_000


@settings(max_examples=60)
@given(seed=st.integers(0, 10_000))
def test_any_order_of_arrival_is_right_in_the_end(seed: int) -> None:
    dice = random.Random(seed)
    kinds = (ev.OrderCreated, ev.OrderPaid, ev.OrderCancelled, ev.OrderRefunded)
    events: list[tuple[int, ev.Event]] = [(number, created(str(number), qty=2)) for number in range(8)]
    events += [
        (10 + number, kind(id=str(number), sku="V1", qty=dice.choice((1, 2))))
        for number in range(8)
        for kind in dice.sample(kinds[1:], 2)
    ]
    events += [(30, ev.ParcelShipped(id=str(number))) for number in range(0, 8, 3)]
    events += [(20, ev.StockReleased(sku="V1", n=30)), (12, ev.StockCounted(sku="V1", n=25))]
    straight = folded(*events)
    dice.shuffle(events)
    shuffled = folded(*events)
    assert straight.totals == shuffled.totals
    assert straight.items == shuffled.items
    assert straight.shelf("V1").reserve == shuffled.shelf("V1").reserve


def test_the_shelf_is_the_first_batch_less_what_was_ordered_plus_what_was_released() -> None:
    assert folded().shelf("V1") == Shelf(40, 60)
    show = folded((1, created("a", qty=10)), (2, ev.StockReleased(sku="V1", n=30)), (3, cancelled("a", qty=10)))
    assert show.shelf("V1") == Shelf(70, 30)


def test_a_count_overrides_and_only_later_orders_charge_it() -> None:
    show = folded(
        (5, created("before", qty=3)),
        (12, created("after", qty=2)),
        (10, ev.StockCounted(sku="V1", n=20)),
        (9, created("late", qty=4)),
    )
    assert show.shelf("V1").on_shelf == 18


def test_a_count_older_than_the_last_is_ignored() -> None:
    show = folded((10, ev.StockCounted(sku="V1", n=20)), (8, ev.StockCounted(sku="V1", n=90)))
    assert show.shelf("V1").on_shelf == 20


def test_a_shelf_never_goes_below_nothing() -> None:
    show = folded((1, created("a", qty=90)), (2, ev.StockReleased(sku="V1", n=500)), (3, created("b", qty=900)))
    assert show.shelf("V1") == Shelf(0, 0)


@pytest.mark.parametrize(
    "event",
    [
        ev.OrderPaid(id="a", sku="V9", qty=1),
        ev.ItemPresented(sku="V9"),
        ev.ProductClicked(sku="V9"),
        ev.StockCounted(sku="V9", n=1),
    ],
)
def test_an_unknown_sku_is_rejected(event: ev.Event) -> None:
    ledger = Ledger(SHOW)
    rejection = ledger.apply(event, START)
    assert isinstance(rejection, Rejection)
    assert rejection.code == "unknown_sku"
    assert ledger.snapshot(START).newest_at is None


def test_an_order_whose_price_times_quantity_is_more_than_any_amount_is_rejected() -> None:
    ledger = Ledger(SHOW)
    rejection = ledger.apply(paid("a", qty=1_000_000_001), START)
    assert isinstance(rejection, Rejection)
    assert rejection.code == "out_of_range"
    assert ledger.apply(paid("a", qty=1_000_000_000), START) is None
    assert ledger.snapshot(START).totals.gmv == ev.MOST_MINOR


def test_viewers_are_added_up_and_distinct_ones_counted() -> None:
    show = folded(
        (1, ev.ViewerEntered(n=5)),
        (1, ev.ViewerEntered(viewer="x")),
        (2, ev.ViewerCommented(viewer="x", n=2)),
        (2, ev.ViewerGifted(amount=300)),
        (3, ev.ProductClicked(sku="V2", n=4)),
    )
    assert (show.totals.entered, show.unique, show.totals.commented, show.totals.gifted_amount) == (6, 1, 2, 300)
    assert show.counts("V2").clicked == 4


def test_the_newest_gauge_holds_and_the_peak_is_kept() -> None:
    show = folded((5, ev.RoomOnline(n=80)), (9, ev.RoomOnline(n=50)), (7, ev.RoomOnline(n=99)))
    assert (show.online, show.peak_online) == (50, 99)


def test_the_first_item_presented_starts_the_show() -> None:
    show = folded((4, ev.ItemPresented(sku="V1")))
    assert show.board.phase is Phase.LIVE
    assert show.board.started_at == START + 4_000
    assert show.board.live is not None
    assert show.board.live.host == "lead"


def test_the_series_holds_the_last_minutes_only() -> None:
    ledger = Ledger(SHOW)
    for second in range(1_000):
        ledger.apply(ev.ViewerEntered(), START + 1000 * second)
    assert len(ledger.snapshot(START + 1_000_000).seconds) < 300
