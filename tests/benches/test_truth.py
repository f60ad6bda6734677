"""What the all-knowing scheduler knows, and what it makes of it."""

import msgspec
import pytest

from benches.kinds import KINDS
from benches.prospect import STEP_S
from benches.room import ENCORE_LEAST_S, Room
from benches.truth import Truth, best_stay_s, loss, surplus, worth_of
from cueroom.audience import Audience

LEAST = ENCORE_LEAST_S // STEP_S


def show() -> tuple[Room, Truth]:
    """The first of four items of a half-hour show, after five minutes."""
    rundown, params = KINDS[0].make(1)
    rundown = msgspec.structs.replace(rundown, duration_min=30, items=rundown.items[:4])
    room = Room(Audience(rundown, params, 1))
    truth = Truth(room)
    room.audience.present("V01")
    for _ in range(300):
        room.audience.step()
        room.note()
    return room, truth


@pytest.mark.parametrize(
    ("stays", "best_s"), [([9.0, 8.0, 7.0], 0), ([7.0, 8.0, 9.0, 5.0], 2 * STEP_S), ([9.0, 2.0, 9.0], 0)]
)
def test_an_item_stays_as_long_as_the_show_gains_by_it_and_no_longer(stays: list[float], best_s: int) -> None:
    assert best_stay_s(stays) == best_s


def test_what_is_sold_before_people_react_is_not_thrown_away() -> None:
    stays = [10.0, 14.0, 17.0, 15.0]
    assert loss(stays, 0.0) == 7.0
    assert loss(stays, STEP_S) == 3.0
    assert loss(stays, 3 * STEP_S) == 0.0


def test_nothing_is_won_above_a_high_price() -> None:
    assert surplus([10.0, 20.0], 1.0) == (10.0, 2)
    assert surplus([10.0, 20.0], 100.0) == (0.0, 0)
    assert surplus([100.0, 20.0], 1.0, least=2) == (10.0, 2)


def test_encores_are_worth_more_the_more_time_is_left_and_nothing_where_none_fits() -> None:
    fading = [1000.0 * (1 - 0.98**step) for step in range(1, 200)]
    worths = [worth_of([fading, fading], 2, left_s) for left_s in range(ENCORE_LEAST_S, 1800, 60)]
    assert worths == sorted(worths)
    assert worth_of([fading], 2, ENCORE_LEAST_S - 1) == 0.0
    assert worth_of([fading], 2, ENCORE_LEAST_S) == pytest.approx(fading[LEAST - 1], rel=0.05)
    assert worth_of([], 2, 900) == 0.0


def test_the_rest_of_a_show_is_worth_less_as_items_and_time_run_out() -> None:
    _, truth = show()
    stays = truth.stays()
    assert max(stays) > stays[-1] > 0
    assert truth.price() > 0


def test_nothing_is_left_at_once_where_nothing_else_is_worth_the_time() -> None:
    room, truth = show()
    room.encored = ["V01"] * 6
    room.played = [item.sku for item in room.rundown.items]
    assert truth.price() == 0.0
    assert not truth.is_ripe()
    assert truth.best_encore() is None
