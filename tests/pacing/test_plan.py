"""The plan: a curve over the rundown, and where the show stands on it."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueroom.pacing.plan import plan_line, planned_curve, planned_shares
from cueroom.pacing.policy import Policy
from cueroom.show.cues import CueState, Kind
from pacing.rehearsal import Rehearsal, figure, item, rundown

SHARED = rundown(item("V1", share=0.5, minutes=10), item("V2", share=0.3, minutes=20), item("V3", share=0.2))


@pytest.mark.parametrize(
    ("minute", "share"), [(0, 0), (5, 0.25), (10, 0.5), (20, 0.65), (30, 0.8), (40, 1.0), (60, 1.0), (90, 1.0)]
)
def test_the_planned_curve_follows_shares_and_minutes(minute: int, share: float) -> None:
    show = Rehearsal(SHARED)
    show.present("V1")
    line = plan_line(show.ledger.snapshot(show.now + 60_000 * minute), None, on_s=60)
    assert line.expected == pytest.approx(share * SHARED.goal)


def test_what_the_sheet_leaves_open_is_shared_by_what_items_promise() -> None:
    shares = planned_shares(rundown(item("V1", share=0.4), item("V2"), item("V3", stock=200_000)))
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["V3"] > shares["V2"]


@given(minutes=st.lists(st.floats(0, 60), min_size=1, max_size=8))
def test_the_curve_never_falls_and_ends_at_the_goal(minutes: list[float]) -> None:
    show = rundown(*(item(f"V{number}", minutes=length) for number, length in enumerate(minutes)))
    curve = planned_curve(show)
    assert all(a[0] <= b[0] and a[1] <= b[1] + 1e-6 for a, b in itertools.pairwise(curve))
    assert curve[-1][1] == show.goal


def test_ahead_and_behind_are_told_in_time_and_money() -> None:
    show = Rehearsal(SHARED)
    show.present("V1")
    show.play(600, {"V1": 2.5})
    line = plan_line(show.ledger.snapshot(show.now), None, on_s=60)
    assert line.expected == 30_000_000
    assert line.status == "behind"
    assert line.gap == 15_000_000 - 30_000_000
    assert line.offset_s == 300
    assert line.needed_per_min == round(45_000_000 / 50)


def test_a_clear_lag_is_cued_to_the_producer() -> None:
    show = Rehearsal(SHARED, tick_s=5)
    show.present("V1")
    show.play(600, {"V1": 1.0})
    assert show.of(Kind.BEHIND)
    assert not show.of(Kind.AHEAD)


def test_past_the_planned_end_no_lag_is_told_for_nothing_can_be_needed_a_minute() -> None:
    show = Rehearsal(rundown(item("V1", encore=False), duration_min=15), tick_s=10)
    show.present("V1")
    show.play(2_500, {"V1": 0.5})
    assert [figure(cue, "needed_per_min") > 0 for cue in show.of(Kind.BEHIND)] == [True]


def test_a_lead_that_shrinks_a_little_is_not_taken_back_at_once() -> None:
    show = Rehearsal(SHARED, tick_s=5)
    show.present("V1")
    show.play(660, {"V1": 5.3}).play(120, {"V1": 0.2})
    [cue] = show.of(Kind.AHEAD)
    line = plan_line(show.ledger.snapshot(cue.expires_at), None, Policy().plan_on_s)
    assert (line.status, line.gap > 0) == ("on", True)
    assert [change.state for change in show.changes if change.id == cue.id][-1] is CueState.EXPIRED


def test_of_a_feed_that_tells_of_no_payment_no_lag_is_told() -> None:
    show = Rehearsal(SHARED, tick_s=5)
    show.present("V1")
    for _ in range(100):
        show.order("V1", paid=False)
        show.play(8)
    assert not show.of(Kind.BEHIND)


def test_no_lag_is_told_of_an_amount_that_is_none() -> None:
    show = Rehearsal(rundown(goal=1), tick_s=5)
    show.present("V1")
    assert not show.play(600).of(Kind.BEHIND, Kind.AHEAD)
