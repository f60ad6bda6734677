"""Silences: a feed that is lost is told from one that has nothing to tell."""

import pytest

from cueroom.pacing.memory import Memory, Minute
from cueroom.pacing.rates import bins_of
from cueroom.pacing.room import room_of
from cueroom.pacing.silence import heard_for_s, is_no_pause, silences, usual_minutes
from cueroom.show.state import RECENT_S
from pacing.rehearsal import START, Rehearsal, rundown

SECOND = START // 1000


def a_show_lost(from_s: int, for_s: int, then_s: int, every_s: int = 1) -> Rehearsal:
    """Viewers come every so many seconds, but for those in which the feed is lost."""
    show = Rehearsal(rundown(), tick_s=5)
    show.present("V1")
    for second in range(from_s + for_s + then_s):
        lost = from_s <= second < from_s + for_s
        show.play(1, entered=0 if lost or second % every_s else 60)
    return show


@pytest.mark.parametrize("for_s", [8, 30, 90])
def test_a_lost_feed_is_a_silence_from_its_first_second_to_its_last(for_s: int) -> None:
    show = a_show_lost(60, for_s, 5)
    assert silences(show.ledger.snapshot(show.now), ()) == ((SECOND + 60, SECOND + 60 + for_s),)
    assert heard_for_s(show.ledger.snapshot(show.now), silences(show.ledger.snapshot(show.now), ())) == 5


def test_a_feed_lost_for_longer_than_seconds_are_kept_was_lost_all_the_time() -> None:
    show = a_show_lost(300, 2 * RECENT_S, 3)
    back = SECOND + 300 + 2 * RECENT_S
    assert silences(show.ledger.snapshot(show.now), show.memory.minutes) == ((back + 4 - RECENT_S, back),)


def test_a_quiet_room_pauses_and_a_feed_of_orders_alone_has_nothing_to_tell() -> None:
    quiet = a_show_lost(0, 0, 170, every_s=20)
    assert silences(quiet.ledger.snapshot(quiet.now), ()) == ()
    orders = Rehearsal(rundown())
    orders.present("V1")
    orders.play(60, {"V1": 1.0}, entered=0).play(60, entered=0)
    assert silences(orders.ledger.snapshot(orders.now), (Minute(0, 0, 0, 0.0),)) == ()


@pytest.mark.parametrize("for_s", [20, 100, 400])
def test_seconds_that_nobody_heard_are_no_time_in_which_nothing_sold(for_s: int) -> None:
    show = a_show_lost(200, for_s, 20)
    assert show.memory.spell is not None
    snapshot = show.ledger.snapshot(show.now)
    _, bins = bins_of(snapshot, show.memory.spell, silences(snapshot, show.memory.minutes), 1.0)
    assert sum(each.open_s for each in bins) == pytest.approx(220, abs=10)


@pytest.mark.parametrize("for_s", [20, 400])
def test_a_lost_feed_leaves_the_room_as_it_was(for_s: int) -> None:
    before, after = a_show_lost(300, 0, 0), a_show_lost(300, for_s, 200)
    levels = [room_of(show.ledger.snapshot(show.now), show.memory).level for show in (before, after)]
    assert levels[1] == pytest.approx(levels[0], rel=0.05)


@pytest.mark.parametrize(
    ("every_s", "usual", "longest_s"),
    [
        (1, (), 7),  # every second
        (1, (60, 0), 7),  # it began a minute ago
        (30, (), 169),  # seldom
        (30, (1, 1), 240),  # less seldom than usual
        (60, (1,) * 10, 388),
        (1_000, (), 7),  # heard once
        (1_000, (1, 0), 120),  # hardly ever
        (1_000, (0, 1, 0, 0, 0, 0, 0, 1), 600),  # so seldom that nobody can wait for it
    ],
)
def test_what_comes_seldom_may_pause_for_longer(every_s: int, usual: tuple[int, ...], longest_s: int) -> None:
    heard = range(0, 121, every_s)
    assert not is_no_pause(heard, longest_s, usual)
    assert is_no_pause(heard, longest_s + 20, usual)


def test_minutes_in_a_silence_are_not_usual() -> None:
    minutes = tuple(Minute(0, 0, 0, 0.0, ordered=each) for each in range(5))
    memory = Memory(minutes=minutes, minutes_until=300)
    assert [usual_minutes(memory, second) for second in (0, 59, 60, 239, 300, 900)] == [
        (),
        (),
        minutes[:1],
        minutes[:3],
        minutes,
        minutes,
    ]
    assert usual_minutes(Memory(), 300) == ()
