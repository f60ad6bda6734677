"""Blind: which silence is a fault of the data, and which is only a quiet show."""

import pytest

from cueroom.pacing.blind import advise_blind, is_stale
from cueroom.pacing.policy import Policy
from cueroom.show.cues import Cue, Kind
from cueroom.show.events import OrderPaid, StockCounted, ViewerEntered
from pacing.rehearsal import Rehearsal, item, rundown

POLICY = Policy()


def silent_for(seconds: float) -> Rehearsal:
    show = Rehearsal(rundown())
    show.apply(ViewerEntered(n=1), late_s=seconds)
    return show


@pytest.mark.parametrize(
    ("silence_s", "stale", "told"),
    [
        (0, False, False),
        (POLICY.stale_s, False, False),
        (POLICY.stale_s + 0.1, True, False),
        (POLICY.blind_after_s, True, False),
        (POLICY.blind_after_s + 0.1, True, True),
        (3_600, True, True),
    ],
)
def test_old_data_stops_advice_at_once_and_is_told_a_little_later(silence_s: float, stale: bool, told: bool) -> None:
    show = silent_for(silence_s)
    snapshot = show.ledger.snapshot(show.now)
    advice = advise_blind(snapshot, show.memory, POLICY)
    assert is_stale(snapshot, POLICY) is stale
    assert (advice is not None and advice.ready) is told


def test_before_the_show_nothing_has_stopped_though_no_event_ever_came() -> None:
    show = Rehearsal(rundown())
    snapshot = show.ledger.snapshot(show.now)
    assert is_stale(snapshot, POLICY)
    assert advise_blind(snapshot, show.memory, POLICY) is None


def blinds(show: Rehearsal) -> list[Cue]:
    return show.of(Kind.BLIND)


@pytest.mark.parametrize("per_s", [0.0, 0.05, 0.3])
def test_a_slow_item_that_pauses_is_no_fault(per_s: float) -> None:
    show = Rehearsal(rundown())
    show.present("V1")
    assert not blinds(show.play(120, {"V1": per_s}).play(30))


def test_orders_that_fade_to_a_trickle_are_no_fault() -> None:
    show = Rehearsal(rundown())
    show.present("V1")
    assert not blinds(show.play(300, lambda second: {"V1": 0.1 + 5 * 0.5 ** (second / 15)}))


def test_orders_that_still_go_through_are_no_silence_though_none_is_new() -> None:
    show = Rehearsal(rundown())
    show.present("V1")
    for _ in range(450):
        show.order("V1", paid=False)
    show.play(90, {"V1": 5.0})
    for number in range(1, 31):
        show.apply(OrderPaid(id=f"o{number}", sku="V1", qty=1))
        show.play(1)
    assert not blinds(show)


def test_the_cue_goes_with_the_first_order_that_comes_again() -> None:
    show = Rehearsal(rundown(), tick_s=1)
    show.present("V1")
    show.play(90, {"V1": 5.0}).play(20)
    assert [cue.kind for cue in show.ledger.board.cues] == [Kind.BLIND]
    show.play(2, {"V1": 5.0})
    assert Kind.BLIND not in {cue.kind for cue in show.ledger.board.cues}


def test_of_an_item_that_is_sold_out_no_order_is_missed() -> None:
    show = Rehearsal(rundown())
    show.present("V1")
    show.play(60, {"V1": 5.0})
    show.apply(StockCounted(sku="V1", n=0))
    assert not blinds(show.play(60))


@pytest.mark.parametrize(("every_s", "pause_s", "told"), [(1, 10, True), (8, 16, False), (8, 40, False), (8, 90, True)])
def test_a_feed_that_tells_little_may_pause_longer(every_s: int, pause_s: int, told: bool) -> None:
    show = Rehearsal(rundown())
    show.present("V1")
    for _ in range(160 // every_s):
        show.order("V1")
        show.play(every_s, entered=0)
    show.play(pause_s - every_s, entered=0)
    assert bool(blinds(show)) is told


def orders_alone(every_s: int, tick_s: int = 2) -> Rehearsal:
    """Ten minutes of a show in which nothing else is told; only after some minutes that is known to be usual."""
    show = Rehearsal(rundown(item("V1", min_minutes=10), item("V2")), tick_s)
    show.present("V1")
    for _ in range(600 // every_s):
        show.order("V1")
        show.play(every_s, entered=0)
    show.order("V1")
    return show


@pytest.mark.parametrize(
    ("every_s", "pause_s", "told"),
    [(60, 100, False), (60, 300, False), (60, 500, True), (150, 300, False), (150, 610, True)],
)
def test_where_few_orders_alone_are_told_minutes_are_no_fault(every_s: int, pause_s: int, told: bool) -> None:
    show = orders_alone(every_s)
    before = len(blinds(show))
    assert bool(len(blinds(show.play(pause_s, entered=0))) - before) is told


def test_the_call_to_leave_what_is_sold_out_stands_where_few_orders_alone_are_told() -> None:
    show = orders_alone(every_s=150, tick_s=1)
    show.apply(StockCounted(sku="V1", n=0))
    show.play(30, entered=0)
    assert [cue.why.rule for cue in show.ledger.board.cues if cue.kind is Kind.NEXT] == ["sold_out"]
