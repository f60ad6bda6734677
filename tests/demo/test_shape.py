"""The made-up shows: real-sounding rundowns whose crowds have the field's shape."""

from collections import Counter
from io import BytesIO

import msgspec
import pytest

from cueroom.audience import LAUNCH, SMALL, Audience, Params
from cueroom.clock import Clock
from cueroom.demo import shape as demo
from cueroom.demo.shape import Order, Shape
from cueroom.show.rundown import Role

START = 1_800_000_000_000


@pytest.mark.parametrize(
    ("shape", "items", "minutes", "hosts"), [(Shape.LAUNCH, 18, 175, 5), (Shape.SMALL, 12, 180, 1)]
)
def test_a_made_up_show_has_its_shape(shape: Shape, items: int, minutes: float, hosts: int) -> None:
    rundown = demo.load_show(shape, START)
    assert (len(rundown.items), rundown.duration_min, len(rundown.hosts)) == (items, minutes, hosts)
    assert rundown.starts_at == START
    assert sum(item.minutes for item in rundown.items) <= rundown.duration_min
    assert {item.role for item in rundown.items} == set(Role)
    for item in rundown.items:
        parts = (item.script.intro, item.script.experience, item.script.promotion, item.script.benefit)
        assert all(len(part) > 10 for part in (*parts, item.script.interaction)), item.sku


def play_as_planned(shape: Shape, params: Params) -> tuple[Counter[str], Counter[str], int]:
    rundown = demo.load_show(shape, START)
    audience = Audience(rundown, params, demo.SEED)
    seen: Counter[str] = Counter()
    orders: Counter[str] = Counter()
    for item in rundown.items:
        audience.present(item.sku)
        for _ in range(int(item.minutes * 60 * rundown.duration_min / sum(item.minutes for item in rundown.items))):
            audience.release(item.sku, audience.next_batch(item.sku) if audience.till.on_shelf[item.sku] < 300 else 0)
            for event in audience.step():
                seen[event["type"]] += event.get("n", 1)
                if event["type"] == "order.created":
                    orders[event["sku"]] += 1
    return seen, orders, audience.till.gmv


def test_a_launch_has_ten_million_entries_ten_million_yuan_and_nine_items_above_ten_thousand_orders() -> None:
    seen, orders, gmv = play_as_planned(Shape.LAUNCH, LAUNCH)
    assert seen["viewer.entered"] > 10_000_000
    assert gmv > 10_000_000_00
    assert sum(count > 10_000 for count in orders.values()) >= 9


def test_a_small_show_has_about_five_thousand_orders() -> None:
    _, orders, _ = play_as_planned(Shape.SMALL, SMALL)
    assert 4_000 < orders.total() < 6_500


def test_the_gap_of_the_feed_lasts_long_enough_to_be_seen_at_any_speed() -> None:
    assert demo.audience_params(Shape.LAUNCH, 1).gap_s == 20
    assert demo.audience_params(Shape.LAUNCH, 60).gap_s / 60 > 2


def test_viewers_are_named_as_long_as_they_can_be_sent() -> None:
    assert demo.audience_params(Shape.LAUNCH, 1).identified
    assert not demo.audience_params(Shape.LAUNCH, 60).identified
    assert demo.audience_params(Shape.SMALL, 60).identified


def test_the_order_reaches_the_feeding_process_as_it_was_given() -> None:
    order = Order(
        url="http://127.0.0.1:1",
        show="launch",
        ingest_key="i.s",
        producer_key="p.s",
        starts_at=START,
        clock=Clock(5, 60),
        rundown=demo.load_show(Shape.SMALL, START),
    )
    assert demo.read_order(BytesIO(msgspec.json.encode(order))) == order
    assert demo.show_of(order) == order.rundown
    assert not any("i.s" in word or "p.s" in word for word in demo.FEED)
