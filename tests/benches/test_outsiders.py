"""The shows of another nature: what their feeds tell, and that the engine is put to the test on them."""

import msgspec
import pytest

from benches.habits import gmv_of, run_trial
from benches.outsiders import HABITS, Show, best_times, draw_world
from benches.pipe import Event

PLAIN = msgspec.structs.replace(HABITS["plain"], items=4, minutes=6)


def told(changes: dict[str, object], seconds: int = 300) -> list[Event]:
    """What the feed of a plain show with these changes tells of its first item."""
    show = Show(msgspec.structs.replace(PLAIN, **changes), draw_world(PLAIN, 3), 3)
    show.present("S1")
    return [event for _ in range(seconds) for event in show.step()]


def orders(events: list[Event]) -> list[Event]:
    return [event for event in events if event["type"].startswith("order.")]


def test_the_same_seed_tells_the_same() -> None:
    assert told({}) == told({})


def test_bots_enter_and_order_nothing() -> None:
    with_bots, without = told({"bots": 3}), told({})
    entered = [
        sum(event["n"] for event in events if event["type"] == "viewer.entered") for events in (with_bots, without)
    ]
    assert entered[0] > entered[1]
    assert orders(with_bots) == orders(without)


@pytest.mark.parametrize(
    ("changes", "silent"),
    [
        ({"online_every_s": 0}, "room.online"),
        ({"entries": False}, "viewer.entered"),
        ({"talk": False}, "viewer.commented"),
        ({"created": False}, "order.created"),
    ],
)
def test_a_feed_keeps_its_habits(changes: dict[str, object], silent: str) -> None:
    assert silent in {event["type"] for event in told({})}
    assert silent not in {event["type"] for event in told(changes)}


@pytest.mark.parametrize(
    ("changes", "least_s", "most_s"), [({}, 0, 1), ({"lag_s": 20}, 20, 21), ({"poll_s": 30}, 0, 30)]
)
def test_orders_are_told_as_late_as_the_platform_is(changes: dict[str, object], least_s: int, most_s: int) -> None:
    show = Show(msgspec.structs.replace(PLAIN, **changes), draw_world(PLAIN, 3), 3)
    show.present("S1")
    late_s = [(show.now - event["time"]) / 1000 for _ in range(300) for event in orders(show.step())]
    assert least_s <= min(late_s)
    assert most_s - 2 < max(late_s) <= most_s


def test_the_best_times_fill_the_show_and_sell_more_than_the_printed_ones() -> None:
    busy = msgspec.structs.replace(PLAIN, orders_min=600, unpaid=0)
    world = draw_world(busy, 5)
    best = best_times(world)
    assert sum(best) == 60 * busy.minutes
    printed = [round(60 * item.minutes) for item in world.rundown.items]
    sold = [gmv_of(busy, world, 5, times) for times in (best, printed)]
    assert sold[0] > sold[1]


def test_the_engine_keeps_its_word_through_its_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(HABITS, "plain", PLAIN)
    outcome = run_trial(("plain", 2))
    assert outcome.cues > 0
    assert outcome.stale == 0
    assert outcome.gmv > 0
