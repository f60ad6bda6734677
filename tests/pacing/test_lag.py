"""Lag: orders that are told late, or in lumps, are no orders that are missing."""

from collections.abc import Callable

import pytest

from cueroom.pacing.lag import as_late_as_told, heard_out, late_s, pause_s
from cueroom.pacing.memory import Memory, Telling
from cueroom.pacing.policy import Policy
from cueroom.show.cues import Kind
from cueroom.show.events import OrderPaid, ViewerEntered
from pacing.rehearsal import Rehearsal, item, rundown

Delay = Callable[[int], int]
"""How many seconds later what was ordered in a second is told."""


def at_once(_: int) -> int:
    return 0


def late(by_s: int) -> Delay:
    return lambda _: by_s


def in_lumps(every_s: int) -> Delay:
    return lambda second: -second % every_s


def on_air(delay: Delay, per_s: int, seconds: int, stock: int = 100_000, batches: tuple[int, ...] = ()) -> Rehearsal:
    """A show whose first item sells so many a second, told with that delay."""
    show = Rehearsal(rundown(item("V1", stock=stock, batches=batches), item("V2")), tick_s=1)
    show.present("V1")
    waiting: dict[int, list[int]] = {}
    for second in range(seconds):
        waiting.setdefault(second + delay(second), []).append(second)
        for ordered in waiting.pop(second, []):
            for number in range(per_s):
                event = OrderPaid(id=f"{ordered}-{number}", sku="V1", qty=1)
                show.apply(event, late_s=second - ordered)
        show.apply(ViewerEntered(n=20))
        show.play(1, entered=0)
    return show


@pytest.mark.parametrize(
    ("delay", "lateness_s", "longest_s"),
    [(at_once, 0, 1), (late(2), 3, 4), (late(10), 11, 12), (late(60), 61, 62), (in_lumps(20), 0, 21)],
)
def test_a_few_seconds_tell_how_late_orders_are_and_how_long_they_pause(
    delay: Delay, lateness_s: int, longest_s: int
) -> None:
    memory = on_air(delay, per_s=2, seconds=150).memory
    assert late_s(memory) == lateness_s
    assert abs(pause_s(memory) - longest_s) <= 1


@pytest.mark.parametrize(("delay", "told_s"), [(at_once, 0), (late(30), 31)])
def test_screens_are_told_how_late_orders_come(delay: Delay, told_s: int) -> None:
    decision = on_air(delay, per_s=2, seconds=90).decision
    assert decision
    assert decision.outlook.orders_late_s == told_s


def test_one_order_in_ten_that_comes_late_makes_no_lag() -> None:
    assert late_s(on_air(lambda second: 20 * (second % 10 == 0), per_s=2, seconds=90).memory) == 0


def test_before_any_order_nothing_is_late() -> None:
    show = Rehearsal(rundown())
    memory = heard_out(show.ledger.snapshot(show.now), Memory())
    assert (late_s(memory), pause_s(memory), memory) == (0, 0, Memory())


def test_a_second_that_is_heard_of_again_is_taken_down_once() -> None:
    show = on_air(at_once, per_s=2, seconds=30)
    assert heard_out(show.ledger.snapshot(show.now), show.memory) == show.memory


@pytest.mark.parametrize("delay", [late(10), late(60), in_lumps(20), in_lumps(60)])
def test_orders_that_always_come_late_or_in_lumps_are_not_missing(delay: Delay) -> None:
    show = on_air(delay, per_s=5, seconds=400)
    assert [cue.issued_at for cue in show.of(Kind.BLIND) if cue.issued_at > show.now - 200_000] == []


def test_orders_that_stop_coming_late_are_missing() -> None:
    show = on_air(late(10), per_s=5, seconds=150)
    show.play(30)
    assert [cue.why.rule for cue in show.of(Kind.BLIND)][-1:] == ["orders_silent"]


@pytest.mark.parametrize("by_s", [10, 30, 60])
def test_an_item_sells_no_less_because_its_orders_are_told_late(by_s: int) -> None:
    decisions = [on_air(delay, per_s=2, seconds=240).decision for delay in (at_once, late(by_s))]
    soon, late_soon = (decision.outlook.items["V1"].promise_per_min for decision in decisions if decision)
    assert late_soon == pytest.approx(soon, rel=0.1)


@pytest.mark.parametrize("by_s", [10, 30])
def test_a_batch_is_asked_for_before_the_shelf_is_empty_though_its_orders_are_told_late(by_s: int) -> None:
    empty_s = 120
    show = on_air(late(by_s), per_s=2, seconds=empty_s, stock=4 * empty_s, batches=(2 * empty_s, 2 * empty_s))
    asked = [(cue.issued_at - show.ledger.rundown.starts_at) / 1000 for cue in show.of(Kind.RELEASE)]
    assert asked
    assert asked[0] < empty_s - Policy().release_lead_s / 2


def test_people_act_on_orders_that_are_as_old_as_they_are_told_late() -> None:
    policy, memory = Policy(), Memory(tellings=(Telling(100, 20, 21), Telling(101, 20, 21), Telling(110, 2, 9)))
    changed = as_late_as_told(policy, memory)
    assert (changed.reaction_s - policy.reaction_s, changed.release_lead_s - policy.release_lead_s) == (20, 20)
