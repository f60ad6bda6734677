"""Laws of the rehearsal: the same plan and seed play the same show, and the engine cues in it."""

import msgspec
import pytest

from cueroom.demo.shape import Shape, load_show
from cueroom.rehearsal import Rehearsed, audience_of, made_smaller, planned_orders, rehearse
from cueroom.show.cues import CueState, Kind
from cueroom.show.rundown import Rundown

START = 1_700_000_000_000


def sheet() -> Rundown:
    """The first items of the small made-up show, in a quarter of an hour."""
    show = load_show(Shape.SMALL, START)
    return msgspec.structs.replace(show, items=show.items[:3], duration_min=15, goal=show.goal // 10)


@pytest.fixture(scope="module")
def rehearsed() -> Rehearsed:
    return rehearse(sheet(), 1)


def test_every_minute_is_told_and_money_only_comes_in(rehearsed: Rehearsed) -> None:
    assert len(rehearsed.minutes) == 15
    assert list(rehearsed.minutes) == sorted(rehearsed.minutes)
    assert rehearsed.minutes[-1] > 0


def test_the_engine_cues_and_the_crew_follows(rehearsed: Rehearsed) -> None:
    assert Kind.NEXT in {cue.kind for cue in rehearsed.cues}
    assert CueState.ACCEPTED in {step.state for cue in rehearsed.cues for step in cue.steps}
    assert all(START <= cue.issued_at <= START + 15 * 60_000 for cue in rehearsed.cues)


def test_the_same_seed_plays_the_same_show_and_another_another(rehearsed: Rehearsed) -> None:
    assert rehearse(sheet(), 1) == rehearsed
    assert rehearse(sheet(), 2).minutes != rehearsed.minutes


def test_a_large_show_is_played_by_a_smaller_crowd_and_told_in_full() -> None:
    large = load_show(Shape.LAUNCH, START)
    smaller = made_smaller(large, 15)
    assert planned_orders(smaller) == pytest.approx(planned_orders(large) / 15, rel=0.01)
    assert audience_of(smaller).entries == pytest.approx(audience_of(large).entries / 15, rel=0.01)
    assert all(sum(item.batches) in (0, item.stock) for item in smaller.items)
    assert made_smaller(large, 1) is large
