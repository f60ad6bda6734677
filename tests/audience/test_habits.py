"""Laws of the crew's habits: left alone it goes on by the plan, and in the end sees an empty shelf."""

import msgspec

from cueroom.audience import Audience, Habits
from cueroom.demo.shape import Shape, load_show
from cueroom.rehearsal import audience_of
from cueroom.show.rundown import Rundown

START = 1_700_000_000_000


def played(rundown: Rundown, minutes: int) -> tuple[Audience, Habits]:
    """That much of the show, by nothing but habit."""
    audience = Audience(rundown, audience_of(rundown), 1)
    habits = Habits(audience)
    order = [item.sku for item in rundown.items]
    audience.start()
    for _ in range(60 * minutes):
        habits.go_on(order)
        habits.note()
        audience.step()
    return audience, habits


def short() -> Rundown:
    """Three items of two minutes each."""
    show = load_show(Shape.SMALL, START)
    items = tuple(msgspec.structs.replace(item, minutes=2, min_minutes=0) for item in show.items[:3])
    return msgspec.structs.replace(show, items=items, duration_min=12, goal=show.goal // 10)


def test_every_item_comes_on_in_the_order_of_the_plan_and_stays_its_minutes() -> None:
    show = short()
    audience, habits = played(show, 12)
    assert habits.played == [item.sku for item in show.items]
    assert audience.live == show.items[-1].sku
    assert played(show, 2)[1].played == habits.played[:1]


def test_an_empty_shelf_is_seen_and_filled_though_nobody_says_so() -> None:
    show = short()
    first = msgspec.structs.replace(show.items[0], stock=1_000, batches=(1, 999))
    audience, _ = played(msgspec.structs.replace(show, items=(first, *show.items[1:])), 4)
    assert audience.till.reserve[first.sku] == 0
