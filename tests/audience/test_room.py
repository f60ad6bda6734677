"""The simulated room: who is in it."""

import pytest

from cueroom.audience import Params
from cueroom.audience.dice import Means
from cueroom.audience.room import Room, settled


def test_those_who_wait_for_the_show_are_of_the_classes_that_any_room_is_of() -> None:
    params = Params(entries=100_000, waiting_share=0.02)
    waiting, usual = Room(params, Means()).present, settled(params, inflow=1.0).present
    assert sum(waiting) == pytest.approx(100_000 * 0.02)
    assert waiting == pytest.approx([here * sum(waiting) / sum(usual) for here in usual])


def test_a_settled_room_stays_as_it_is_while_people_come_as_before() -> None:
    params = Params(entries=100_000)
    room = settled(params, inflow=10.0)
    before = room.present[:]
    for _ in range(600):
        room.step(10.0, unrest=1.0)
    one_step_of_the_shortest_stay = 1 / 25
    assert room.present == pytest.approx(before, rel=one_step_of_the_shortest_stay)
