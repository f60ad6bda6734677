"""Laws of gaps: every silence of the show that was long enough, and no other."""

from hypothesis import given
from hypothesis import strategies as st

from cueroom.recap.gaps import LEAST_S, Gap, gaps_of
from cueroom.recap.record import seconds_needed
from recap.shows_told import play, record
from scenes import START


def gap(since_s: int, until_s: int, sku: str | None = "V01") -> Gap:
    return Gap(START + 1000 * since_s, START + 1000 * until_s, sku)


def test_a_silence_lasts_from_the_last_second_told_to_the_next() -> None:
    seconds: dict[int, dict[str, int]] = {second: {} for second in (*range(100), *range(130, 139), *range(145, 180))}
    assert gaps_of(record(play("V01", 0, 200), seconds=seconds)) == (gap(100, 130), gap(180, 200))


def test_a_silent_show_is_one_gap_and_one_that_never_began_has_none() -> None:
    assert gaps_of(record(play("V01", 0, 60))) == (gap(0, 60),)
    assert gaps_of(record()) == ()


@given(st.sets(st.integers(0, 199)))
def test_gaps_hold_no_second_that_was_told_and_every_long_silence(told: set[int]) -> None:
    gaps = gaps_of(record(play("V01", 0, 200), seconds={second: {} for second in told}))
    silent = {second for one in gaps for second in range((one.since - START) // 1000, (one.until - START) // 1000)}
    assert not silent & told
    rest = sorted(({*range(200)} - silent - told) | {-2, 500})
    runs = [second for second in rest if all(second + ahead in rest for ahead in range(LEAST_S))]
    assert runs == []


def test_a_second_is_kept_even_where_nothing_of_it_is_needed() -> None:
    assert seconds_needed({"online": 4, "entered": 9}) == {}
    assert seconds_needed({"gmv": 1, "gmv|V01": 1, "gmv_estimated": 1, "counted|V|1": 0}) == {
        "gmv": 1,
        "gmv|V01": 1,
        "counted|V|1": 0,
    }
