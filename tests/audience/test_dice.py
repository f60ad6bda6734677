"""Chance: seeded counts with the right means."""

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueroom.audience.dice import Dice, Means

DRAWS = 3_000


@pytest.mark.parametrize("mean", [0.0, 0.02, 1.5, 29.0, 31.0, 5_000.0])
def test_a_count_has_its_mean_and_a_poisson_spread(mean: float) -> None:
    dice = Dice("counts")
    drawn = [dice.count(mean) for _ in range(DRAWS)]
    assert sum(drawn) / DRAWS == pytest.approx(mean, abs=5 * sqrt(mean / DRAWS) + 1e-9)
    spread = sum((count - mean) ** 2 for count in drawn) / DRAWS
    assert spread == pytest.approx(mean, rel=0.3, abs=0.02)


@pytest.mark.parametrize("whole", [5, 29, 100, 100_000])
@pytest.mark.parametrize("share", [0.001, 0.2, 0.5, 0.9, 0.999])
def test_a_part_has_its_mean(whole: int, share: float) -> None:
    dice = Dice("parts")
    drawn = [dice.part(whole, share) for _ in range(DRAWS)]
    assert sum(drawn) / DRAWS == pytest.approx(whole * share, abs=6 * sqrt(whole * share * (1 - share) / DRAWS) + 0.05)


@given(st.integers(0, 10_000), st.floats(0, 1), st.integers())
def test_a_part_is_never_more_than_the_whole(whole: int, share: float, seed: int) -> None:
    assert 0 <= Dice(str(seed)).part(whole, share) <= whole


@given(st.integers())
def test_the_same_seed_throws_the_same(seed: int) -> None:
    first, second = Dice(str(seed)), Dice(str(seed))
    assert [first.count(3) for _ in range(5)] == [second.count(3) for _ in range(5)]


def test_without_chance_everything_is_its_mean() -> None:
    assert (Means().count(2.5), Means().part(10, 0.25)) == (2.5, 2.5)
