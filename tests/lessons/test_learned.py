"""Laws of learning: shows teach of products, categories and roles, at a common audience and price."""

from math import exp, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueroom.lessons import learn
from cueroom.lessons.learned import CONVERSION, HALF_LIFE_S, PER_VIEWER, USUAL_ROOM
from cueroom.show.rundown import Role
from lessons.teachers import seen, show
from pacing.rehearsal import item

PLAN = (item("V1", category="beauty"), item("V2", category="beauty"), item("V3", category="home"))


def test_a_new_installation_begins_with_the_stated_defaults() -> None:
    lessons = learn(())
    expected = lessons.expected(PLAN[0], PLAN)
    assert expected.per_min == pytest.approx(PER_VIEWER * USUAL_ROOM)
    assert expected.half_life_s == pytest.approx(HALF_LIFE_S)
    assert exp(lessons.everything.conversion.mean) == pytest.approx(CONVERSION)
    assert (lessons.everything.shows, expected.lesson) == (0, lessons.everything)


def test_what_a_product_sold_is_expected_of_it_again_and_half_believed_of_its_like() -> None:
    before = learn(()).expected(PLAN[0], PLAN).per_min
    lessons = learn([show("a", seen("V1", 80))])
    own, like, other = (lessons.expected(each, PLAN).per_min for each in PLAN)
    assert before < other < like < own < 80
    assert [len(lessons.expected(each, PLAN).lesson.path) for each in PLAN] == [3, 2, 1]


def test_a_category_is_known_in_other_roles_than_those_it_was_sold_in() -> None:
    lessons = learn([show("a", seen("V1", 80, role=Role.HOT), seen("V8", 10, role=Role.PROFIT, paid=1))])
    assert lessons.expected(PLAN[1], PLAN).lesson.path == ("hot", "beauty")
    assert lessons.expected(PLAN[2], PLAN).lesson.path == ()


def test_the_surer_the_nearer_the_lesson() -> None:
    lessons = learn([show(str(number), seen("V1", 80), at=number) for number in range(4)])
    own, like, other = (lessons.expected(each, PLAN).within for each in PLAN)
    assert own < like < other < learn(()).expected(PLAN[0], PLAN).within


@given(st.floats(1, 500), st.floats(0.1, 10))
def test_twice_the_room_with_twice_the_units_teaches_the_same(per_min: float, times: float) -> None:
    one = learn([show("a", seen("V1", per_min))])
    other = learn([show("a", seen("V1", per_min * times), room=1_000.0 * times)])
    per_viewer = [told.expected(PLAN[0], PLAN).per_min / told.room for told in (one, other)]
    assert per_viewer[0] == pytest.approx(per_viewer[1])


def test_a_lower_price_and_a_hotter_role_explain_a_part_of_what_was_sold() -> None:
    plain, cheap, hot = (
        learn([show("a", seen("V1", 80, **changes))]).expected(PLAN[0], PLAN).per_min
        for changes in ({}, {"price": 2_500}, {"role": Role.HOT})
    )
    assert cheap < plain
    assert hot < plain


def test_the_order_of_shows_does_not_matter() -> None:
    shows = [show(str(n), seen("V1", 20 + n), seen(f"V{n}", 5 * n + 1, role=Role.HOT), at=n) for n in range(5)]
    assert learn(shows) == learn(reversed(shows))


def test_made_up_shows_teach_only_as_long_as_there_is_no_real_one() -> None:
    made_up, real = show("a-try-1122-200000", seen("V1", 500), made_up=True), show("b", seen("V1", 20))
    assert learn([made_up]).taught == (made_up,)
    assert learn([made_up, real]) == learn([real])


def test_clicks_that_no_feed_told_teach_nothing_of_conversion() -> None:
    silent = learn([show("a", seen("V1", 20, clicked=0))])
    assert silent.everything.conversion.own is None
    told = learn([show("a", seen("V1", 20, clicked=400, paid=100))]).homes["V1"]
    lesson = learn([show("a", seen("V1", 20, clicked=400, paid=100))]).by_path[told]
    assert CONVERSION < exp(lesson.conversion.mean) < 0.25


def test_what_is_shown_of_a_product_is_at_its_own_role_and_price() -> None:
    lessons = learn([show("a", seen("V1", 80, role=Role.HOT, price=5_000))])
    lesson = lessons.by_path[lessons.homes["V1"]]
    assert lesson.per_min.own == pytest.approx(log(80))
    like = (item("V1", role=Role.HOT, price=5_000), item("V9", price=15_000))
    assert lessons.expected(like[0], like).per_min == pytest.approx(exp(lesson.per_min.mean))
