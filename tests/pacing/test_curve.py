"""Decay: the family of shapes and their means."""

import pytest

from cueroom.pacing.curve import PRIOR, SHAPES, Mean


def only(index: int) -> tuple[float, ...]:
    return tuple(1.0 if i == index else 0.0 for i in range(len(SHAPES)))


def test_what_is_thought_of_the_shapes_is_a_distribution() -> None:
    assert sum(PRIOR) == pytest.approx(1)
    assert min(PRIOR) > 0


@pytest.mark.parametrize("index", range(len(SHAPES)))
def test_a_shape_falls_from_one_and_sells_more_with_time(index: int) -> None:
    mean = Mean(only(index))
    rates = [mean.rate(at_s) for at_s in range(0, 1800, 30)]
    sums = [mean.sold(at_s) for at_s in range(0, 1800, 30)]
    assert rates[0] == pytest.approx(1)
    assert rates == sorted(rates, reverse=True)
    assert sums == sorted(sums)


@pytest.mark.parametrize("at_s", [5, 30, 120, 600])
def test_time_to_a_rate_and_time_for_a_sum_undo_rate_and_sum(at_s: float) -> None:
    mean = Mean(PRIOR)
    assert mean.time_to(mean.rate(at_s)) == pytest.approx(at_s, rel=1e-6)
    assert mean.time_for(mean.sold(at_s)) == pytest.approx(at_s, rel=1e-6)


def test_beyond_its_ends_a_mean_stays_at_its_end() -> None:
    mean = Mean(PRIOR)
    assert mean.time_to(2.0) == 0
    assert mean.time_to(0.0) == 4000
