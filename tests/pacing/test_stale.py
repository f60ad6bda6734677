"""Stale: figures are marked when what told them has fallen silent, and only those."""

import msgspec
import pytest

from cueroom.pacing.memory import Memory
from cueroom.pacing.policy import Policy
from cueroom.pacing.stale import stale_ages
from cueroom.show.events import ShowEnded
from cueroom.show.state import Feed, Snapshot
from pacing.rehearsal import Rehearsal, rundown

POLICY = Policy()
NOTHING_KNOWN = Memory()
BUSY = {"V1": 5.0}


def on_air() -> Rehearsal:
    show = Rehearsal(rundown())
    show.present("V1")
    return show


def seen(show: Rehearsal, **silent_s: float) -> Snapshot:
    """The show now, with feeds by these names that have been silent for so long."""
    feeds = tuple(Feed(name, 1, show.now - round(1000 * ago)) for name, ago in silent_s.items())
    return msgspec.structs.replace(show.ledger.snapshot(show.now), feeds=feeds)


def stale(snapshot: Snapshot, memory: Memory = NOTHING_KNOWN) -> dict[str, int]:
    return {kind: age_ms // 1000 for kind, age_ms in stale_ages(snapshot, memory, POLICY).items()}


def test_while_all_feeds_tell_everything_is_current() -> None:
    assert stale(seen(on_air().play(60, BUSY), all=0.5)) == {}


def test_once_nothing_comes_all_figures_are_stale_and_with_the_first_event_current_again() -> None:
    show = on_air().play(60, BUSY)
    show.second += 20
    assert stale(seen(show, all=20)) == {"sales": 21, "room": 21}
    assert stale(seen(show.play(1, BUSY), all=0.1)) == {}


def test_a_pause_as_usual_ages_nothing() -> None:
    show = on_air()
    for _ in range(10):
        show.play(1, BUSY)
        show.second += 8
    assert stale(seen(show, all=9)) == {}


def test_what_a_silent_feed_told_is_stale_and_what_others_tell_is_not() -> None:
    orders_lost = on_air().play(60, BUSY).play(10)
    assert stale(seen(orders_lost, orders=10, room=0.5)) == {"sales": 11}
    room_lost = on_air().play(60, BUSY).play(10, BUSY, entered=0)
    assert stale(seen(room_lost, orders=0.5, room=10)) == {"room": 11}


def test_an_item_nobody_buys_is_no_silence_while_the_feeds_are_heard() -> None:
    slow = on_air().play(60, {"V1": 0.05}).play(100)
    assert stale(seen(slow, all=0.5)) == {}
    assert stale(seen(slow)) == {}  # posted, without a feed


def test_a_feed_that_was_gone_before_the_last_order_has_told_none_of_the_present_ones() -> None:
    show = on_air().play(90, {"V1": 0.3}).play(30)
    assert stale(seen(show, all=0.5, replaced=111)) == {}
    assert stale(seen(show, all=0.5, lost=31)).keys() == {"sales"}


@pytest.mark.parametrize("silent_s", [60, 170, 600])
def test_sales_are_stale_for_as_long_as_a_cue_says_that_orders_are_missing(silent_s: int) -> None:
    show = on_air().play(90, BUSY).play(silent_s)
    assert stale(seen(show, all=0.5)) == {"sales": min(181, silent_s + 1) - (silent_s > 180)}


@pytest.mark.parametrize("silent_s", [30, 170, 600])
def test_a_lost_feeds_figures_are_as_old_as_its_loss_however_long_ago(silent_s: int) -> None:
    show = on_air().play(60, BUSY)
    show.second += silent_s
    assert abs(stale(seen(show, all=silent_s))["sales"] - silent_s) <= 1


def test_what_was_never_told_is_not_stale() -> None:
    show = on_air().play(30)
    show.second += 30
    assert stale(seen(show, room=30)) == {"room": 31}


def test_before_and_after_the_show_nothing_is_stale() -> None:
    waiting = Rehearsal(rundown()).play(5)
    waiting.second += 60
    assert stale(seen(waiting, all=60)) == {}
    over = on_air().play(60, BUSY)
    over.apply(ShowEnded())
    over.second += 60
    assert stale(seen(over, all=60)) == {}
