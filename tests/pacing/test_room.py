"""The room: how large it is, whatever the feed tells of it, and how fast it is renewed."""

from collections.abc import Sequence
from math import exp

import pytest

from cueroom.pacing.memory import Memory, Minute
from cueroom.pacing.room import KEPT_MIN, Room, minutes_of, room_of
from cueroom.show import events as ev
from pacing.rehearsal import Rehearsal, rundown

SHOW = rundown()


def gauge(online: int, entered: int = 60) -> Minute:
    return Minute(entered=entered, left=entered, commented=0, online=online)


def level(minutes: tuple[Minute, ...], *events: ev.Event) -> float:
    show = Rehearsal(SHOW)
    for event in events:
        show.apply(event)
    return room_of(show.ledger.snapshot(show.now), Memory(minutes=minutes)).level


@pytest.mark.parametrize(
    ("minutes", "events", "viewers"),
    [
        ((), (), 1),
        ((), (ev.RoomOnline(n=0),), 1),
        ((), (ev.RoomOnline(n=500),), 500),
        ((gauge(400),) * 5, (ev.RoomOnline(n=400),), 400),
        ((gauge(400),) * 5, (ev.RoomOnline(n=9_000),), 400),
        ((*(gauge(400),) * 3, gauge(9_000), gauge(9_000)), (ev.RoomOnline(n=9_000),), 400),
        ((), (ev.ViewerEntered(n=900), ev.ViewerLeft(n=200)), 1),
        ((gauge(0),), (ev.ViewerEntered(n=900), ev.ViewerLeft(n=200)), 700),
        ((gauge(0),), (ev.ViewerEntered(n=100), ev.ViewerLeft(n=300)), 1),
    ],
)
def test_the_level_is_the_gauges_or_after_a_minute_those_who_came_and_did_not_go(
    minutes: tuple[Minute, ...], events: tuple[ev.Event, ...], viewers: float
) -> None:
    assert level(minutes, *events) == pytest.approx(viewers)


def test_without_a_gauge_two_minutes_of_bots_do_not_move_the_level() -> None:
    usual = (gauge(0),) * 10
    bots = (gauge(0, entered=6_000),) * 2
    assert level((*usual[:-2], *bots)) == level((*usual[:-4], *bots, *usual[:2])) == level(usual)


@pytest.mark.parametrize("minutes", [1, 3, KEPT_MIN])
def test_without_a_gauge_a_steady_stream_is_a_steady_room(minutes: int) -> None:
    assert level((gauge(0),) * minutes) == pytest.approx(level((gauge(0),)))


def test_a_larger_stream_into_a_room_of_the_same_size_means_a_shorter_stay() -> None:
    def dwell_s(entered: int) -> float:
        memory = Memory(minutes=(gauge(600, entered),) * 10)
        return room_of(Rehearsal(SHOW).ledger.snapshot(SHOW.starts_at), memory).dwell_s

    assert dwell_s(60) == pytest.approx(600)
    assert dwell_s(120) == pytest.approx(300)


def test_the_part_that_is_new_grows_from_none_to_all() -> None:
    room = room_of(Rehearsal(SHOW).ledger.snapshot(SHOW.starts_at), Memory())
    parts = [room.newcomers(gap_s) for gap_s in (-5, 0, 60, 600, 100_000)]
    assert parts == sorted(parts)
    assert (parts[0], parts[1]) == (0, 0)
    assert parts[-1] == pytest.approx(1)


def growth(levels: Sequence[int], age_min: float) -> float:
    """What is expected of a room with these levels minute by minute, `age_min` into its show."""
    show = Rehearsal(SHOW)
    show.present("V1")
    show.apply(ev.RoomOnline(n=levels[-1] if levels else 500))
    show.second += round(60 * age_min)
    return room_of(show.ledger.snapshot(show.now), Memory(minutes=tuple(map(gauge, levels)))).growth


def rising(by_min: float, minutes: int = 12) -> list[int]:
    return [round(1_000 * (1 + by_min) ** minute) for minute in range(minutes)]


def test_a_room_is_expected_to_fill_before_its_trend_is_seen_the_less_the_older_it_is() -> None:
    expected = [growth((), age_min) for age_min in (0, 3, 6, 60)]
    assert expected == sorted(expected, reverse=True)
    assert expected[0] > 0.3
    assert expected[-1] < 0.02


def test_a_room_that_is_seen_not_to_grow_is_not_expected_to() -> None:
    assert growth([1_000] * 6, age_min=7) == 0


def test_the_faster_a_room_grows_the_larger_it_will_be_but_no_larger_than_rooms_of_its_age_get() -> None:
    slow, fast, wild = (growth(rising(by_min), age_min=13) for by_min in (0.005, 0.01, 0.5))
    assert 0 < slow < fast < wild == growth((), age_min=13)


def test_a_room_that_shrinks_for_a_while_is_taken_as_it_is() -> None:
    assert growth(rising(-0.05), age_min=13) == 0
    assert growth(rising(-0.05, minutes=KEPT_MIN - 1), age_min=KEPT_MIN) == 0


def test_the_faster_a_room_has_shrunk_for_half_an_hour_the_smaller_it_will_be_but_never_empty() -> None:
    slow, fast, wild = (growth(rising(-by_min, KEPT_MIN), age_min=60) for by_min in (0.002, 0.005, 0.1))
    assert 0 > slow > fast > wild > -1


def test_a_room_that_shrank_and_has_steadied_shrinks_no_more() -> None:
    steadied = [1_000] * 15
    assert growth([*rising(-0.05, KEPT_MIN - 15), *steadied], age_min=60) == 0


def test_a_room_that_falls_back_from_a_burst_does_not_shrink() -> None:
    falling = [3_000 - 200 * minute for minute in range(10)]
    assert growth([*[1_000] * (KEPT_MIN - 12), *[3_000] * 2, *falling], age_min=60) == 0


def test_two_minutes_of_a_burst_do_not_make_a_trend() -> None:
    burst = [1_000] * 6 + [5_000] * 2 + [1_000] * 6
    assert growth(burst, age_min=15) == 0


def test_growth_takes_its_time() -> None:
    room = Room(level=500, usual=500, dwell_s=300, growth=0.5)
    factors = [room.later(wait_s) for wait_s in (-5, 0, 60, 900, 100_000)]
    assert factors == sorted(factors)
    assert (factors[0], factors[1]) == (1, 1)
    assert factors[-1] == pytest.approx(exp(0.5))


def test_a_room_shrinks_more_slowly_than_it_grows() -> None:
    grows, shrinks = (Room(level=500, usual=500, dwell_s=300, growth=growth) for growth in (0.4, -0.4))
    assert 1 / shrinks.later(600) < grows.later(600)
    assert shrinks.later(100_000) == pytest.approx(1 / grows.later(100_000))


def test_every_minute_is_taken_down_once_and_the_last_half_hour_kept() -> None:
    show = Rehearsal(SHOW, tick_s=7)
    show.present("V1")
    show.play(300, entered=3)
    assert [minute.entered for minute in show.memory.minutes] == [180] * 3
    show.play(60 * (KEPT_MIN + 5), entered=3)
    assert len(show.memory.minutes) == KEPT_MIN


def test_a_minute_is_not_taken_down_before_late_events_are_in() -> None:
    show = Rehearsal(SHOW, tick_s=10_000)
    show.present("V1")
    show.play(90, entered=1)
    assert minutes_of(show.ledger.snapshot(show.now), Memory())[0] == ()
