"""Laws of lessons in a plan: what a show file may say, of items something was learned of, in a show yet to come."""

from datetime import datetime, timedelta
from math import log

from hypothesis import given
from hypothesis import strategies as st

from cueroom.lessons import learn
from cueroom.lessons.observed import Measured
from cueroom.lessons.planned import WEEK_MS, expected_in, fields_of, next_show
from cueroom.showfile.rules import judge
from lessons.teachers import seen, show
from pacing.rehearsal import START, item, rundown

PLAN = rundown(item("V1"), item("V2", category="beauty"), item("V3", category="home"), item("V4"))


def test_of_an_item_that_only_its_role_is_known_of_the_sheet_tells_more() -> None:
    lessons = learn([show("a", seen("V1", 80), seen("V9", 20, category=""))])
    assert sorted(expected_in(PLAN, lessons)) == ["V1", "V2"]


@given(st.floats(1e-6, 1e9), st.floats(0.01, 4), st.integers(0, 9))
def test_whatever_was_learned_a_show_file_may_say_it(per_min: float, variance: float, shows: int) -> None:
    taught = [show(str(n), seen("V1", per_min, first=Measured(log(per_min), variance)), at=n) for n in range(shows)]
    document = next_show(PLAN, learn(taught), "again", START)
    assert judge(document).faults == ()


@given(st.integers(-3 * WEEK_MS, 3 * WEEK_MS))
def test_the_next_show_is_at_the_same_hour_of_the_first_such_day_to_come(after_ms: int) -> None:
    now = START + after_ms
    begins = next_show(PLAN, learn([]), "again", now)["show"]["starts_at"]
    weeks, rest = divmod(round(begins.timestamp() * 1000) - PLAN.starts_at, WEEK_MS)
    assert weeks >= 1
    assert rest == 0
    assert begins.timestamp() * 1000 > now
    assert weeks == 1 or begins - timedelta(weeks=1) <= datetime.fromtimestamp(now / 1000, PLAN.zone)


def test_the_next_show_is_the_same_but_for_what_was_learned() -> None:
    lessons = learn([show("a", seen("V1", 80))])
    again = judge(next_show(PLAN, lessons, "again", START)).rundown
    assert again
    assert [(each.sku, each.stock) for each in again.items] == [(each.sku, each.stock) for each in PLAN.items]
    told = fields_of(expected_in(PLAN, lessons)["V1"])
    assert again.items[0].expected_per_min == told["expected_per_min"]
    assert again.items[2].expected_per_min is None
