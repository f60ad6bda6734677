"""Laws of shortages: an empty shelf on air is found to the second, and costs what the rate before would have sold."""

import msgspec

from cueroom.recap.shortages import Shortage, shortages_of
from recap.shows_told import play, record, released
from scenes import START, rundown

ITEM = rundown().items[2]
FIRST, RESERVE = ITEM.first_batch, ITEM.stock - ITEM.first_batch


def sold(units_s: int, since_s: int, until_s: int) -> dict[int, dict[str, int]]:
    return {second: {f"units_created|{ITEM.sku}": units_s} for second in range(since_s, until_s)}


def spans(found: tuple[Shortage, ...]) -> list[tuple[int, int]]:
    return [((one.since - START) // 1000, (one.until - START) // 1000) for one in found]


def test_a_shelf_is_empty_from_its_last_unit_to_the_release() -> None:
    told = record(play(ITEM.sku, 0, 400), seconds=sold(FIRST // 100, 0, 100), entries=[released(ITEM.sku, 142, 500)])
    (shortage,) = shortages_of(told)
    assert spans((shortage,)) == [(100, 142)]
    assert (shortage.held_back, shortage.empty_s, shortage.before_s) == (RESERVE, 42, 60)
    assert shortage.units_per_min == FIRST // 100 * 60
    assert shortage.lost_units == min(RESERVE, FIRST // 100 * 42)
    assert shortage.lost == shortage.lost_units * ITEM.price


def test_nobody_misses_more_than_was_held_back() -> None:
    shortage = Shortage(item=ITEM, since=START, until=START + 60_000, held_back=7, units_per_min=100, before_s=60)
    assert shortage.lost_units == 7
    assert msgspec.structs.replace(shortage, held_back=0).lost_units == 100


def test_a_rate_tells_of_no_longer_than_it_was_seen() -> None:
    shortage = Shortage(item=ITEM, since=START, until=START + 900_000, held_back=0, units_per_min=100, before_s=30)
    assert (shortage.empty_s, shortage.counted_s, shortage.lost_units) == (900, 30, 50)


def test_only_time_on_air_counts_and_a_blink_does_not() -> None:
    seconds = sold(FIRST // 100, 0, 100)
    off_air = record(play(ITEM.sku, 0, 100), play("V01", 100, 300), seconds=seconds)
    assert shortages_of(off_air) == ()
    blink = record(play(ITEM.sku, 0, 400), seconds=seconds, entries=[released(ITEM.sku, 102, 500)])
    assert shortages_of(blink) == ()
    back = record(play(ITEM.sku, 0, 90), play("V01", 90, 300), play(ITEM.sku, 300, 320), seconds=seconds)
    assert spans(shortages_of(back)) == [(300, 320)]


def test_a_count_overrides_what_orders_say() -> None:
    field = f"counted|{ITEM.sku}"
    told = record(play(ITEM.sku, 0, 300), seconds={40: {field: 0}, 60: {field: 12}})
    assert spans(shortages_of(told)) == [(41, 60)]


def test_a_cancelled_order_gives_its_units_back() -> None:
    seconds = {10: {f"units_created|{ITEM.sku}": FIRST, f"orders_created|{ITEM.sku}": 1}}
    given_back = {**seconds, 30: {f"orders_cancelled|{ITEM.sku}": 1}}
    assert spans(shortages_of(record(play(ITEM.sku, 0, 60), seconds=seconds))) == [(11, 60)]
    assert spans(shortages_of(record(play(ITEM.sku, 0, 60), seconds=given_back))) == [(11, 30)]


def test_units_that_come_back_and_go_at_once_fill_no_shelf() -> None:
    units, cancelled = f"units_created|{ITEM.sku}", f"orders_cancelled|{ITEM.sku}"
    seconds = {10: {units: FIRST}, 40: {cancelled: 1}, 45: {units: 1}, 60: {cancelled: 1}, 95: {units: 1}}
    assert spans(shortages_of(record(play(ITEM.sku, 0, 120), seconds=seconds))) == [(11, 60), (96, 120)]
