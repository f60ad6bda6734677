"""Laws of the curve: it begins at nothing, ends at the GMV, and never falls."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from cueroom.recap.curve import curve_of
from cueroom.show.state import MINUTE_MS
from recap.shows_told import play, record
from scenes import START, rundown

MINUTE = START // MINUTE_MS


@given(st.dictionaries(st.integers(0, 400), st.integers(0, 10_000)))
def test_the_paid_line_rises_to_the_last_unit_within_the_clock(paid: dict[int, int]) -> None:
    minutes = {MINUTE + minute: {"gmv": gmv} for minute, gmv in paid.items()}
    curve = curve_of(record(play("V01", 0, 600), minutes=minutes))
    assert (curve.paid[-1][1] if curve.paid else 0) == sum(paid.values())
    assert all(x0 <= x1 and y0 <= y1 for (x0, y0), (x1, y1) in pairwise(curve.paid))
    assert all(curve.since <= at <= curve.until and gmv <= curve.top for at, gmv in curve.paid)


def test_the_clock_lasts_to_the_planned_end_or_the_real_one() -> None:
    planned_ms = round(rundown().duration_min * MINUTE_MS)
    assert curve_of(record(play("V01", 0, 600))).until >= START + planned_ms
    assert curve_of(record(play("V01", 0, 20_000))).until == START + 20_000_000
