"""Laws of observing: a show that ended tells how each of its items began to sell and how it faded."""

from math import exp

import pytest

from cueroom.before.trying import copy_of
from cueroom.lessons import Taught, is_made_up, taught_by
from cueroom.show import events as ev
from cueroom.show.board import ended
from pacing.rehearsal import Rehearsal, fading, item, rundown

FIRST, HALF_LIFE_S = 6.0, 40


def held(seconds: int = 240) -> Rehearsal:
    """A show in which V1 sold so, before 1,000 viewers."""
    show = Rehearsal(rundown(item("V1", category="beauty"), item("V2")), tick_s=3)
    show.apply(ev.RoomOnline(n=1_000))
    show.present("V1")
    return show.play(seconds, fading("V1", FIRST, HALF_LIFE_S))


def end(show: Rehearsal) -> Taught | None:
    show.ledger.board = ended(show.ledger.board, show.now)
    return taught_by(show.ledger.snapshot(show.now), show.memory)


def test_what_was_seen_is_near_what_happened() -> None:
    taught = end(held())
    assert taught
    (seen,) = taught.items
    assert (seen.sku, seen.category, seen.minutes, taught.room) == ("V1", "beauty", 4.0, 1_000)
    assert exp(seen.first.mean) == pytest.approx(sum(FIRST * 0.5 ** (s / HALF_LIFE_S) for s in range(60)), rel=0.25)
    assert exp(seen.half_life.mean) == pytest.approx(HALF_LIFE_S, rel=0.3)
    assert (seen.units, seen.paid) == (seen.paid, seen.units)


def test_a_show_teaches_once_it_has_ended_and_only_of_what_was_on_air_for_a_minute() -> None:
    show = held()
    assert taught_by(show.ledger.snapshot(show.now), show.memory) is None
    show.present("V2")
    show.play(59)
    taught = end(show)
    assert taught
    assert [seen.sku for seen in taught.items] == ["V1"]
    assert end(held(50)) is None


def test_a_copy_that_was_tried_is_known_as_made_up() -> None:
    show = rundown()
    assert is_made_up(copy_of(show, show.starts_at).id)
    assert not is_made_up(show.id)
