"""The simulated audience as a whole: lawful, repeatable and lifelike enough to pace."""

from collections import Counter
from typing import Any

import msgspec

from cueroom.audience import Audience, Params
from cueroom.show.events import TYPES, AnyEvent
from cueroom.show.rundown import Host, Item, Role, Rundown

Event = dict[str, Any]
START = 1_800_000_000_000
CALM = Params(entries=100_000, late=0, repeated=0, burst_gain=0, moods_sd=0, quality_sd=0, swell=0)


def item(sku: str, **fields: Any) -> Item:
    usual: dict[str, Any] = {"name": sku, "role": Role.REGULAR, "price": 9900, "stock": 100_000, "minutes": 10}
    return Item(sku=sku, host="lead", **{**usual, **fields})


def rundown(*items: Item) -> Rundown:
    return Rundown(
        id="small",
        title="测试场",
        starts_at=START,
        duration_min=60,
        currency="CNY",
        goal=40_000_000,
        hosts=(Host("lead", "主播"), Host("guest", "嘉宾")),
        items=items or (item("A"), item("B"), item("C")),
    )


def watch(audience: Audience, seconds: int) -> list[list[Event]]:
    return [audience.step() for _ in range(seconds)]


def flat(arrivals: list[list[Event]]) -> list[Event]:
    return [event for second in arrivals for event in second]


def on_air(params: Params, seed: int = 1, *, sku: str = "A", show: Rundown | None = None) -> Audience:
    audience = Audience(show or rundown(), params, seed)
    audience.start()
    audience.present(sku)
    return audience


def orders(events: list[Event], what: str = "created") -> list[Event]:
    return [event for event in events if event["type"] == f"order.{what}"]


def test_the_same_seed_gives_the_same_show() -> None:
    assert watch(on_air(CALM, 7), 300) == watch(on_air(CALM, 7), 300)
    assert watch(on_air(CALM, 7), 300) != watch(on_air(CALM, 8), 300)


def test_everything_said_is_in_the_contracts_words() -> None:
    params = msgspec.structs.replace(CALM, identified=True, bot_bursts=5, gaps=1, refund=0.5, refund_mean_s=60)
    audience = on_air(params)
    arrivals = flat(watch(audience, 600))
    audience.release("A", 10)
    audience.present("B", "guest")
    audience.push_payment()
    audience.end()
    arrivals += flat(watch(audience, 1200))
    events = [msgspec.convert(event, AnyEvent) for event in arrivals]
    after_sales = {name for name in TYPES if name.startswith(("parcel.", "service."))}
    assert {event["type"] for event in arrivals} == set(TYPES) - {"stock.released", "viewer.gifted"} - after_sales
    assert all(event.time is not None and event.time <= audience.now_ms for event in events)


def test_an_order_id_has_nineteen_digits_and_is_used_once() -> None:
    created = orders(flat(watch(on_air(CALM), 600)))
    assert len({order["id"] for order in created}) == len(created) > 100
    assert all(order["id"].isdigit() and len(order["id"]) == 19 for order in created)


def test_an_order_is_settled_at_most_once_and_never_before_it_was_made() -> None:
    audience = on_air(msgspec.structs.replace(CALM, expiry_s=120, push_pays=0.5))
    arrivals = flat(watch(audience, 200))
    audience.push_payment()
    arrivals += flat(watch(audience, 400))
    made = {order["id"]: order["time"] for order in orders(arrivals)}
    settled = orders(arrivals, "paid") + orders(arrivals, "cancelled")
    assert len({order["id"] for order in settled}) == len(settled)
    assert all(order["time"] >= made[order["id"]] for order in settled)
    assert orders(arrivals, "cancelled")


def test_no_more_is_sold_than_lay_on_the_shelf() -> None:
    show = rundown(item("A", stock=200, batches=(50, 150)))
    audience = on_air(CALM, show=show)
    first = sum(order["qty"] for order in orders(flat(watch(audience, 120))))
    audience.release("A", 1000)
    second = sum(order["qty"] for order in orders(flat(watch(audience, 120))))
    assert (first, first + second) == (50, 200)


def test_an_empty_shelf_loses_sales() -> None:
    def paid(prompt: bool) -> int:
        audience = on_air(CALM, show=rundown(item("A", stock=3_000, batches=(100, 2_900))))
        if prompt:
            audience.release("A", 2_900)
        watch(audience, 180)
        audience.release("A", 2_900)
        watch(audience, 420)
        return audience.till.gmv

    assert paid(prompt=False) < 0.95 * paid(prompt=True)


def test_sales_decay_after_the_release() -> None:
    audience = on_air(CALM)
    watch(audience, 1200)
    audience.present("B")
    arrivals = watch(audience, 600)
    early, late = (len(orders(flat(arrivals[since : since + 120]))) for since in (10, 480))
    assert late < 0.6 * early


def test_a_fresh_item_sells_more_than_one_just_shown_and_brought_back() -> None:
    audience = on_air(CALM)
    watch(audience, 600)
    audience.present("B")
    fresh = len(orders(flat(watch(audience, 120))))
    audience.present("A")
    back = len([order for order in orders(flat(watch(audience, 120))) if order["sku"] == "A"])
    assert back < 0.7 * fresh


def test_a_push_makes_open_orders_pay() -> None:
    def paid(push: bool) -> int:
        audience = on_air(msgspec.structs.replace(CALM, unpaid=0.5))
        watch(audience, 300)
        if push:
            audience.push_payment()
        return len(orders(flat(watch(audience, 40)), "paid"))

    assert paid(push=True) > 1.2 * paid(push=False)


def test_nothing_comes_from_the_platform_in_a_gap_and_everything_after_it() -> None:
    rough, clean = (on_air(msgspec.structs.replace(CALM, gaps=gaps, gap_s=30)) for gaps in (1, 0))
    heard, said = watch(rough, 3600), watch(clean, 3600)
    ((since, until),) = rough.line.gaps
    first, last = (since - START) // 1000, (until - START) // 1000
    assert not flat(heard[first : last - 1])
    assert Counter(event["type"] for event in flat(heard)) == Counter(event["type"] for event in flat(said))


def test_late_and_repeated_orders_are_the_same_orders() -> None:
    rough, clean = (on_air(msgspec.structs.replace(CALM, late=late, repeated=late, late_s=30)) for late in (0.3, 0))
    heard, said = flat(watch(rough, 400)), flat(watch(clean, 400))
    ids = [order["id"] for order in orders(heard) if order["time"] < START + 300_000]
    assert len(ids) > len(set(ids))
    assert set(ids) == {order["id"] for order in orders(said) if order["time"] < START + 300_000}


def test_bots_enter_without_buying() -> None:
    bots, people = (on_air(msgspec.structs.replace(CALM, bot_bursts=n), sku="A") for n in (30, 0))
    with_bots, without = flat(watch(bots, 1800)), flat(watch(people, 1800))

    def entries(events: list[Event]) -> int:
        return sum(event["n"] for event in events if event["type"] == "viewer.entered")

    assert entries(with_bots) > 1.2 * entries(without)
    assert len(orders(with_bots)) < 1.2 * len(orders(without))


def test_a_new_item_sells_little_while_it_is_introduced() -> None:
    audience = on_air(msgspec.structs.replace(CALM, switch_s=60))
    introducing = audience.vigour()
    watch(audience, 60)
    assert introducing < 0.5 * audience.vigour()


def test_asking_for_payment_takes_time_from_selling() -> None:
    audience = on_air(msgspec.structs.replace(CALM, push_s=60))
    watch(audience, 60)
    selling = audience.vigour()
    audience.push_payment()
    assert audience.vigour() < 0.5 * selling
