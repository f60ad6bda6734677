"""Inflow and interaction: each room against its own usual, and never against chance or bots."""

import pytest

from cueroom.pacing.policy import Policy
from cueroom.show import events as ev
from cueroom.show.cues import Kind
from pacing.rehearsal import Rehearsal, rundown

RISE = Policy().inflow_rise
DROP = Policy().engage_drop
USUAL = 100


def after_a_usual_time(minutes: int = 10, comments: int = 0) -> Rehearsal:
    """A room with so many entries and comments a second for some minutes."""
    show = Rehearsal(rundown(policy={"off": ["next"]}), tick_s=5)
    show.present("V1")
    return talking(show, 60 * minutes, comments)


def talking(show: Rehearsal, seconds: int, comments: int, entered: int = USUAL, orders: float = 2.0) -> Rehearsal:
    for _ in range(seconds):
        if comments:
            show.apply(ev.ViewerCommented(n=comments))
        show.play(1, {"V1": orders}, entered=entered)
    return show


@pytest.mark.parametrize(
    ("times", "orders", "told"),
    [(1.0, 8.0, False), (1 + RISE / 2, 8.0, False), (4 + RISE, 8.0, True), (4 + RISE, 2.0, False), (0.2, 8.0, False)],
)
def test_a_benefit_is_for_more_viewers_than_usual_who_also_buy(times: float, orders: float, told: bool) -> None:
    show = after_a_usual_time()
    talking(show, 80, 0, entered=round(times * USUAL), orders=orders)
    assert bool(show.of(Kind.BENEFIT)) is told


def test_viewers_who_only_talk_are_people_too() -> None:
    show = after_a_usual_time(comments=1)
    assert talking(show, 80, comments=6, entered=5 * USUAL).of(Kind.BENEFIT)


def test_a_benefit_stays_while_they_come_though_they_talk_no_more() -> None:
    show = after_a_usual_time(comments=1)
    while not show.of(Kind.BENEFIT):
        talking(show, 1, comments=6, entered=5 * USUAL)
    talking(show, 37, comments=0, entered=5 * USUAL)
    assert Kind.BENEFIT in {cue.kind for cue in show.ledger.board.cues}


@pytest.mark.parametrize(("comments", "told"), [(10, False), (round(10 * (1 - DROP / 3)), False), (0, True)])
def test_a_room_is_engaged_when_it_says_far_less_than_usual(comments: int, told: bool) -> None:
    assert bool(talking(after_a_usual_time(comments=10), 240, comments).of(Kind.ENGAGE)) is told


@pytest.mark.parametrize(("every_s", "told"), [(6, True), (30, False)])
def test_a_small_room_that_falls_silent_is_engaged_too_but_none_that_hardly_talks(every_s: int, told: bool) -> None:
    show = after_a_usual_time(minutes=0)
    for second in range(600):
        talking(show, 1, comments=second % every_s == 0)
    assert bool(talking(show, 240, 0).of(Kind.ENGAGE)) is told


def test_a_room_known_by_its_gauge_alone_is_engaged_when_it_falls_silent() -> None:
    show = Rehearsal(rundown(policy={"off": ["next"]}), tick_s=5)
    show.present("V1")
    for second in range(800):
        show.apply(ev.RoomOnline(n=5_000))
        talking(show, 1, comments=10 if second < 600 else 0, entered=0)
    assert show.of(Kind.ENGAGE)


def test_comments_that_were_lost_with_the_feed_are_no_silence() -> None:
    show = after_a_usual_time(comments=1)
    for _ in range(60):
        show.second += 1
        show.decide()
    assert not talking(show, 120, comments=1).of(Kind.ENGAGE)


def test_a_room_that_empties_slowly_and_talks_as_before_is_not_silent() -> None:
    show = after_a_usual_time(comments=10)
    for tenths in range(9, 3, -1):
        talking(show, 90, tenths, entered=tenths * USUAL // 10)
    assert not show.of(Kind.ENGAGE)


def test_what_is_usual_is_not_known_in_the_first_minutes() -> None:
    show = after_a_usual_time(minutes=3, comments=10)
    talking(show, 60, 0, entered=5 * USUAL, orders=8.0)
    assert not show.of(Kind.BENEFIT, Kind.ENGAGE)


def test_a_room_that_never_talked_is_not_silent() -> None:
    assert not talking(after_a_usual_time(), 240, 0).of(Kind.ENGAGE)


def test_bots_that_come_as_a_new_item_begins_to_sell_are_no_people() -> None:
    show = after_a_usual_time(comments=3)
    show.present("V2")
    for _ in range(80):
        show.apply(ev.ViewerCommented(n=3))
        show.play(1, {"V2": 8.0}, entered=20 * USUAL)
    assert not show.of(Kind.BENEFIT)


def gauged(show: Rehearsal, seconds: int, entered: int, online: float, stay: float) -> float:
    """A room with a gauge that so many enter a second, of whom that part stays; returns what the gauge shows then."""
    for _ in range(seconds):
        online += (entered - USUAL) * stay
        show.apply(ev.RoomOnline(n=round(online)))
        show.play(1, {"V1": 0.2}, entered=entered)
    return online


def test_a_crowd_that_comes_to_stay_is_seen_within_forty_seconds_though_nobody_buys_yet() -> None:
    show = after_a_usual_time()
    online = gauged(show, 120, USUAL, online=20_000, stay=1.0)
    gauged(show, 40, 2 * USUAL, online, stay=0.9)
    assert show.of(Kind.BENEFIT)


def test_bots_that_enter_without_staying_are_no_crowd_though_the_gauge_counts_those_of_the_moment() -> None:
    show = after_a_usual_time()
    online = gauged(show, 120, USUAL, online=20_000, stay=1.0)
    gauged(show, 120, 20 * USUAL, online + 3 * 19 * USUAL, stay=0.0)
    assert not show.of(Kind.BENEFIT)


@pytest.mark.parametrize(("online", "orders", "told"), [(15_000, 6.0, True), (15_000, 2.0, False), (6_000, 6.0, False)])
def test_a_room_known_by_its_gauge_alone_is_caught_when_it_fills_and_buys(
    online: int, orders: float, told: bool
) -> None:
    show = Rehearsal(rundown(policy={"off": ["next"]}), tick_s=5)
    show.present("V1")
    gauged_alone(show, 600, 5_000, orders=2.0)
    assert bool(gauged_alone(show, 90, online, orders).of(Kind.BENEFIT)) is told


def gauged_alone(show: Rehearsal, seconds: int, online: int, orders: float) -> Rehearsal:
    """A feed that tells how many are in the room, and of no entries."""
    for _ in range(seconds):
        show.apply(ev.RoomOnline(n=online))
        show.play(1, {"V1": orders}, entered=0)
    return show


@pytest.mark.parametrize("entered", [0, 20])
def test_a_feed_of_the_room_that_begins_in_the_middle_of_a_show_brings_no_crowd(entered: int) -> None:
    show = Rehearsal(rundown(policy={"off": ["next"]}), tick_s=5)
    show.present("V1")
    show.play(600, {"V1": 1.0}, entered=0)
    for _ in range(300):
        show.apply(ev.RoomOnline(n=1_000))
        talking(show, 1, comments=3, entered=entered, orders=1.0)
    assert not show.of(Kind.BENEFIT)
