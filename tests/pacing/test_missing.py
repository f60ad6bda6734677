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


def fast(left: int) -> Rehearsal:
    """Five hundred units sold in as many fifths of a second, and so many left by the count."""
    return on_air(item("V1", stock=500 + left), *REST).play(100, {"V1": 5.0})


def rules(show: Rehearsal) -> list[str]:
    """What is open now."""
    return [f"{cue.kind.value}.{cue.why.rule}" for cue in show.ledger.board.cues]


def is_empty(show: Rehearsal) -> bool:
    return seems_empty(show.snapshot(), show.memory) is not None


def test_what_is_left_of_a_shelf_that_should_be_empty_by_now_seems_sold_out() -> None:
    show = selling().play(HELD // 2)
    assert "blind.orders_silent" in rules(show)
    show.play(HELD // 2 + 6)
    assert "next.seems_sold_out" in rules(show)
    assert "blind.orders_silent" not in rules(show)


def test_it_stays_so_for_as_long_as_nothing_sells() -> None:
    show = selling().play(HELD + 2 * LONGEST_S)
    assert is_empty(show)
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
    assert not is_empty(show)
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
    assert not is_empty(show)


def test_a_shelf_that_is_empty_by_the_count_does_not_only_seem_so() -> None:
    show = fast(0).play(16)
    assert not is_empty(show)
    assert not any("seems" in rule for rule in rules(show))


def test_a_full_shelf_is_not_doubted() -> None:
    show = on_air().play(SOLD, {"V1": 1.0}).play(2 * LONGEST_S)
    assert "blind.orders_silent" in rules(show)
    assert not is_empty(show)


@pytest.mark.parametrize(("left", "seems"), [(100, True), (200, False)])
def test_what_breaks_off_within_seconds_is_held_by_unpaid_orders_if_it_may_be(left: int, seems: bool) -> None:
    assert is_empty(fast(left).play(16, {"V1": 0.3})) is seems


def test_what_breaks_off_and_sells_again_was_not_empty() -> None:
    show = fast(100).play(12, {"V1": 0.3}).play(20, {"V1": 5.0})
    assert not is_empty(show)


@pytest.mark.parametrize("half_life_s", [12, 20, 40])
def test_interest_that_fades_is_no_empty_shelf(half_life_s: float) -> None:
    show = fast(100)
    for _ in range(40):
        show.play(1, lambda second: {"V1": 5.0 * 0.5 ** ((second - 100) / half_life_s)})
        assert not is_empty(show)


def test_a_platform_that_is_asked_now_and_then_breaks_nothing_off() -> None:
    show = on_air(item("V1", stock=600, batches=(500, 100)), *REST)
    for _ in range(12):
        for _ in range(40):
            show.order("V1")
        show.play(20)
        assert not is_empty(show)


def test_an_item_that_has_just_come_misses_no_order() -> None:
    show = on_air().play(40, {"V1": 5.0}).play(4)
    assert missing_orders(show.snapshot(), show.memory) is None
