"""Laws of the clock."""

import time

from hypothesis import given
from hypothesis import strategies as st

from cueroom.clock import Clock, clock_of
from cueroom.settings import load

INSTANTS = st.integers(min_value=0, max_value=4_000_000_000_000)


def test_without_a_speed_show_time_is_real_time() -> None:
    before = time.time_ns() // 1_000_000
    now = Clock().now_ms()
    assert before <= now <= time.time_ns() // 1_000_000


@given(INSTANTS, st.integers(0, 10_000_000), st.floats(0.1, 60))
def test_show_time_runs_from_the_origin_at_its_speed(origin: int, since: int, speed: float) -> None:
    assert Clock(origin, speed).shown_at(origin + since) == origin + (round(since * speed) if speed != 1.0 else since)


@given(INSTANTS, INSTANTS, INSTANTS, st.floats(0.1, 60))
def test_show_time_never_runs_backwards(origin: int, one: int, other: int, speed: float) -> None:
    clock = Clock(origin, speed)
    assert clock.shown_at(min(one, other)) <= clock.shown_at(max(one, other))


def test_waiting_takes_less_real_time_on_a_fast_clock() -> None:
    assert Clock(0, 20.0).real_s(60_000) == 3.0


def test_processes_with_the_same_settings_have_the_same_clock() -> None:
    variables = {"CUEROOM_CLOCK_ORIGIN": "1790000000000", "CUEROOM_CLOCK_SPEED": "20"}
    assert clock_of(load({}, variables)) == Clock(1_790_000_000_000, 20.0)
