"""What the all-knowing scheduler knows, and what it makes of it."""

import pytest

from benches.kinds import KINDS
from benches.truth import STEP_S, Truth, best_time, surplus
from cueroom.audience import Audience


def test_an_item_is_left_when_its_next_step_is_worth_less_than_the_price() -> None:
    curve = [100.0, 180.0, 230.0, 250.0, 255.0]
    assert best_time(curve, 30 / STEP_S, least=0) == 3
    assert best_time(curve, 90 / STEP_S, least=0) == 1
    assert best_time(curve, 200 / STEP_S, least=0) == 0


def test_an_item_gets_its_least_time_whatever_it_sells() -> None:
    assert best_time([1.0, 2.0, 3.0, 4.0], 100.0, least=2) == 2


def test_an_item_that_is_worth_waiting_for_is_not_left_in_its_introduction() -> None:
    assert best_time([1.0, 2.0, 100.0, 200.0], 10 / STEP_S, least=0) == 4


def test_nothing_is_won_above_a_high_price() -> None:
    assert surplus([10.0, 20.0], 1.0) == pytest.approx(10.0)
    assert surplus([10.0, 20.0], 100.0) == 0.0


def test_the_price_is_between_nothing_and_the_best_second_and_looking_changes_nothing() -> None:
    rundown, params = KINDS[0].make(1)
    shows = [Audience(rundown, params, 1) for _ in range(2)]
    for audience in shows:
        audience.present("V01")
        for _ in range(300):
            audience.step()
    truth = Truth(shows[0])
    price = truth.price(["V01"])
    assert price > 0
    assert truth.curve("V01", 60) == sorted(truth.curve("V01", 60))
    assert shows[0].step() == shows[1].step()


def test_what_is_sold_before_people_react_is_not_thrown_away() -> None:
    rundown, params = KINDS[0].make(1)
    audience = Audience(rundown, params, 1)
    audience.present("V01")
    truth = Truth(audience)
    now, later, until_then = truth.loss(0.0, 300), truth.loss(0.0, 300, in_s=25), truth.curve("V01", 25)[-1]
    assert 0 < later == pytest.approx(now - until_then)
    assert truth.loss(0.0, 20, in_s=25) == 0.0
