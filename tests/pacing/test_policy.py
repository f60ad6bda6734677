"""The policy: one table, bounds that hold, and every fault of a show file at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueroom.pacing.policy import Policy, Threshold, policy_errors, policy_of, policy_table
from cueroom.show.cues import Kind
from cueroom.show.rundown import Role
from pacing.rehearsal import Rehearsal, fading, item, rundown


def test_every_threshold_has_a_default_and_a_reason() -> None:
    table = policy_table()
    assert all(threshold.reason for threshold in table)
    assert {threshold.key: threshold.default for threshold in table} == {
        key: getattr(Policy(), key) for key in Policy.__struct_fields__
    }


@pytest.mark.parametrize("threshold", policy_table(), ids=lambda threshold: threshold.key)
def test_the_bounds_that_people_are_told_are_those_that_hold(threshold: Threshold) -> None:
    def is_right(value: object) -> bool:
        return not policy_errors({threshold.key: value})

    if isinstance(threshold.default, tuple):
        assert is_right(threshold.names)
        return
    for value in (threshold.low, threshold.high):
        assert is_right(dict.fromkeys(threshold.names, value) or value)
    for value in (threshold.low - 1, threshold.high + 1):
        assert not is_right(dict.fromkeys(threshold.names, value) or value)
    assert is_right(threshold.low + 0.001) == (not threshold.whole and not threshold.names)


@pytest.mark.parametrize(
    ("key", "value", "hint"),
    [
        ("stale_s", 0, ">= 1"),
        ("stale_s", "five", "float"),
        ("off", ["nxt"], "nxt"),
        ("min_minutes", {"hot": -1}, ">= 0"),
        ("next_confidense", 0.7, "next_confidence"),
    ],
)
def test_a_wrong_override_is_told_with_what_would_be_right(key: str, value: object, hint: str) -> None:
    [(place, message)] = policy_errors({key: value})
    assert place == key
    assert hint in message


def test_all_faults_are_told_at_once() -> None:
    assert len(policy_errors({"stale_s": 0, "off": 3, "unknown": 1, "reaction_s": 20})) == 3


def test_overrides_take_effect_and_wrong_ones_leave_the_default() -> None:
    policy = policy_of(rundown(policy={"reaction_s": 12.5, "stale_s": -1}))
    assert policy.reaction_s == 12.5
    assert policy.stale_s == Policy().stale_s


@given(left=st.floats(-0.5, 1.5), later=st.floats(0, 1), certainty=st.floats(0.3, 0.99), caution=st.floats(0, 0.5))
def test_leaving_never_takes_more_certainty_later_in_a_show_nor_less_than_the_least(
    left: float, later: float, certainty: float, caution: float
) -> None:
    policy = Policy(next_confidence=certainty, next_caution=caution)
    assert min(certainty, 0.95) <= policy.sure_enough(left - later) <= policy.sure_enough(left) < 1


def test_a_kind_that_is_off_is_never_cued() -> None:
    show = Rehearsal(rundown(policy={"off": ["next"]}), tick_s=3)
    show.present("V1")
    assert not show.play(400, fading("V1", 6.0, 40, base=0.2)).of(Kind.NEXT)


def test_least_minutes_are_the_items_own_or_those_of_its_role() -> None:
    policy = Policy(min_minutes={Role.HOT: 4.0})
    assert policy.least_s(item("V1", role=Role.HOT)) == 240
    assert policy.least_s(item("V1", role=Role.HOT, min_minutes=2)) == 120
    assert policy.least_s(item("V1")) == 0
