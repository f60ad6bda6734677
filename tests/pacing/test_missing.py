"""Missing: a shelf that unpaid orders have emptied unseen is left or filled, and a lost feed is still told."""

import pytest

from cueroom.pacing.missing import LONGEST_S, missing_orders, seems_empty
from cueroom.show.cues import Kind
from cueroom.show.events import OrderCreated, OrderPaid, StockReleased
from pacing.rehearsal import Rehearsal, figure, item, on_air

REST = tuple(item(f"V{number}", price=1_000) for number in range(2, 7))
SOLD, HELD = 100, 90


def selling(reserve: int = 0) -> Rehearsal:
    """A hundred units sold in as many seconds, and ninety left by the count."""
    batches = (SOLD + HELD, reserve) if reserve else ()
    first = item("V1", stock=SOLD + HELD + reserve, batches=batches)
    return on_air(first, *REST).play(SOLD, {"V1": 1.0})


def rules(show: Rehearsal) -> list[str]:
    """What is open now."""
    return [f"{cue.kind.value}.{cue.why.rule}" for cue in show.ledger.board.cues]


def test_what_is_left_of_a_shelf_that_should_be_empty_by_now_seems_sold_out() -> None:
    show = selling().play(HELD // 2)
    assert "blind.orders_silent" in rules(show)
    show.play(HELD // 2 + 6)
    assert "next.seems_sold_out" in rules(show)
    assert "blind.orders_silent" not in rules(show)


def test_it_stays_so_for_as_long_as_nothing_sells() -> None:
    show = selling().play(HELD + 2 * LONGEST_S)
    assert seems_empty(show.snapshot(), show.memory)
    assert not show.of(Kind.BLIND)[1:]


def test_the_last_payment_for_what_is_gone_does_not_fill_the_shelf() -> None:
    show = selling().play(HELD + 10)
    show.order("V1")
    assert "next.seems_sold_out" in rules(show.play(6))


def test_with_a_batch_in_reserve_that_is_called_for_once() -> None:
    show = selling(reserve=50).play(HELD + 10)
    asked = [cue for cue in show.of(Kind.RELEASE) if cue.why.rule == "shelf_seems_empty"]
    assert [(figure(cue, "counted"), figure(cue, "reserve")) for cue in asked] == [(HELD, 50)]
    show.apply(StockReleased(sku="V1", n=50))
    show.play(4).play(60, {"V1": 1.0})
    assert seems_empty(show.snapshot(), show.memory) is None
    assert [cue for cue in show.of(Kind.RELEASE) if cue.why.rule == "shelf_seems_empty"] == asked


def test_what_an_item_sold_while_its_shelf_seemed_empty_does_not_speak_against_it() -> None:
    show = selling().play(HELD // 2)
    before = show.memory.known["V1"].appeal
    assert show.play(HELD).memory.known["V1"].appeal == pytest.approx(before, abs=0.1)


def test_a_feed_that_tells_of_unpaid_orders_has_lost_some_whatever_is_left() -> None:
    show = on_air(item("V1", stock=SOLD + HELD), *REST)
    for number in range(SOLD):
        show.apply(OrderCreated(id=f"a{number}", sku="V1", qty=1))
        if number > 4:
            show.apply(OrderPaid(id=f"a{number - 5}", sku="V1", qty=1))
        show.play(1)
    assert "blind.orders_silent" in rules(show.play(HELD + 10))
    assert seems_empty(show.snapshot(), show.memory) is None


def test_a_full_shelf_is_not_doubted() -> None:
    show = on_air().play(SOLD, {"V1": 1.0}).play(2 * LONGEST_S)
    assert "blind.orders_silent" in rules(show)
    assert seems_empty(show.snapshot(), show.memory) is None


def test_an_item_that_has_just_come_misses_no_order() -> None:
    show = on_air().play(40, {"V1": 5.0}).play(4)
    assert missing_orders(show.snapshot(), show.memory) is None
