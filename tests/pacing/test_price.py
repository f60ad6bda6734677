"""The price of a minute: what air time is worth at a price, and what the clock that is left makes of it."""

import pytest

from cueroom.pacing.curve import PRIOR, mean_of
from cueroom.pacing.memory import Market
from cueroom.pacing.policy import policy_of
from cueroom.pacing.price import Offer, Stage, encores_so_far, left_s, market_of, sellable, to_play
from cueroom.pacing.room import Room
from cueroom.pacing.worth import worths
from cueroom.show import events as ev
from cueroom.show.rundown import Rundown
from pacing.rehearsal import Rehearsal, item, rundown

FIRST = 1_000.0


def offer(least_s: float = 0.0, most_s: float = 4_000.0, **changes: float) -> Offer:
    return Offer("V1", FIRST, 1.0, mean_of(PRIOR), least_s, most_s, **changes)


@pytest.mark.parametrize(
    "each", [offer(), offer(least_s=60), offer(most_s=90), offer(done_s=120), offer(intro_s=12, optional_s=180)]
)
def test_dearer_minutes_give_an_item_less_time_which_brings_less(each: Offer) -> None:
    times = [each.time(FIRST * part) for part in (0.01, 0.05, 0.2, 0.5, 2.0)]
    values = [each.value(time_s) for time_s in times]
    assert times == sorted(times, reverse=True)
    assert values == sorted(values, reverse=True)


def test_the_agreed_least_is_given_at_any_price_and_no_more_than_there_is_to_sell() -> None:
    assert offer(least_s=120).time(1_000 * FIRST) == 120
    assert offer(most_s=90).time(FIRST / 1_000) == 90


def test_an_encore_not_worth_its_least_time_gets_none() -> None:
    encore = offer(intro_s=12, optional_s=180)
    assert encore.time(2 * FIRST) == 0
    assert encore.time(FIRST / 1_000) > 180


def test_an_encore_worth_its_least_time_gets_it_although_its_last_second_is_not() -> None:
    encore = offer(intro_s=12, optional_s=180)
    average = encore.value(192) / 192
    assert encore.curve.rate(180) * FIRST < 0.95 * average
    assert encore.time(0.95 * average) == 192
    assert encore.time(1.05 * average) == 0


def test_at_its_price_the_last_second_brings_what_it_costs() -> None:
    each, price = offer(), FIRST / 5
    time_s = each.time(price)
    assert each.value(time_s + 1) - each.value(time_s) == pytest.approx(price, rel=0.15)


def market(show: Rundown, rate: float = 2.0) -> Market:
    rehearsal = Rehearsal(show)
    rehearsal.present("V1")
    rehearsal.play(60, {"V1": rate})
    assert rehearsal.memory.market is not None
    return rehearsal.memory.market


def test_the_less_clock_is_left_the_dearer_is_a_minute() -> None:
    prices = [market(rundown(duration_min=minutes)).price or 0.0 for minutes in (180, 60, 20)]
    assert prices == sorted(prices)
    assert prices[0] < prices[-1]


def price_in(growth: float, minutes: float = 180) -> float:
    """The price of a minute in a room that will grow (log) so far, with so much of the clock left."""
    sheet = rundown(duration_min=minutes)
    show = Rehearsal(sheet)
    show.present("V1")
    room = Room(level=500, usual=500, dwell_s=300, growth=growth)
    snapshot = show.ledger.snapshot(show.now)
    stage = Stage(snapshot, policy_of(sheet), room, {}, worths(snapshot), PRIOR, None)
    return market_of(stage).price or 0.0


def test_the_more_the_room_will_grow_the_cheaper_is_a_minute_now() -> None:
    prices = [price_in(growth) for growth in (0.8, 0.2, 0.1, 0.0, -0.1, -0.3)]
    assert prices == sorted(prices)
    assert 0 < prices[0] < 0.5 * prices[3] < prices[-1]


def test_with_little_of_the_clock_left_a_room_that_changes_makes_no_difference() -> None:
    for growth in (0.3, -0.3):
        assert price_in(growth, minutes=1) == pytest.approx(price_in(0.0, minutes=1), rel=0.05)


def test_what_may_come_back_later_makes_a_minute_dearer_now() -> None:
    def price(*, encore: bool) -> float:
        return market(rundown(item("V1"), *(item(f"V{i}", encore=encore) for i in (2, 3, 4)))).price or 0.0

    assert price(encore=True) > 1.02 * price(encore=False)


def test_least_times_still_to_come_are_needed_whatever_they_bring() -> None:
    items = (item("V1", min_minutes=5), item("V2", min_minutes=3), item("V3", min_minutes=2))
    assert market(rundown(*items)).needed_s == pytest.approx(300, abs=30)


def test_where_nothing_else_can_be_played_a_minute_has_no_price() -> None:
    assert market(rundown(item("V1"))).price is None


def test_the_clock_counts_from_the_real_start() -> None:
    show = Rehearsal(rundown(duration_min=60))
    assert left_s(show.ledger.snapshot(show.now)) == 3_600
    show.second += 600
    assert left_s(show.ledger.snapshot(show.now)) == 3_000
    show.present("V1")
    assert left_s(show.ledger.snapshot(show.now)) == 3_600


def test_what_is_played_or_has_no_unit_left_is_not_to_come() -> None:
    show = Rehearsal(rundown(item("V1"), item("V2", stock=0), item("V3"), item("V4")))
    show.present("V3")
    assert [each.sku for each in to_play(show.ledger.snapshot(show.now))] == ["V1", "V4"]


@pytest.mark.parametrize(("stock", "ship_48h", "units"), [(50, None, 40), (50, 30, 20), (50, 5, 0), (10, 30, 0)])
def test_what_cannot_be_shipped_in_time_is_not_sold_again(stock: int, ship_48h: int | None, units: int) -> None:
    sheet = item("V1", stock=stock, ship_48h=ship_48h)
    show = Rehearsal(rundown(sheet))
    show.apply(ev.OrderCreated(id="o", sku="V1", qty=10))
    assert sellable(show.ledger.snapshot(show.now), sheet) == units


def test_what_has_left_the_warehouse_or_was_cancelled_makes_room_to_sell_again() -> None:
    sheet = item("V1", stock=50, ship_48h=30)
    show = Rehearsal(rundown(sheet))
    for order_id, qty in (("sent", 4), ("gone", 5), ("waits", 6)):
        show.apply(ev.OrderPaid(id=order_id, sku="V1", qty=qty))
    show.apply(ev.ParcelShipped(id="sent"))
    show.apply(ev.OrderCancelled(id="gone", sku="V1", qty=5))
    assert sellable(show.ledger.snapshot(show.now), sheet) == 24


@pytest.mark.parametrize(
    ("turns", "all_encores", "of_v1"),
    [("1", 0, 0), ("12", 0, 0), ("121", 1, 1), ("1213", 1, 1), ("12121", 3, 2), ("1221", 1, 1)],
)
def test_an_encore_is_a_turn_that_came_back_after_another(turns: str, all_encores: int, of_v1: int) -> None:
    show = Rehearsal(rundown())
    for turn in turns:
        show.second += 60
        show.present(f"V{turn}")
    snapshot = show.ledger.snapshot(show.now)
    assert encores_so_far(snapshot) == all_encores
    assert encores_so_far(snapshot, "V1") == of_v1
