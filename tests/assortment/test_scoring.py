"""Scoring: what a minute of a product is expected to bring, and how sure that is."""

import random
from math import exp, log

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assortment.pools import NOTHING_SOLD, PROFILE, candidate
from cueroom.assortment.candidates import Profile, Sales
from cueroom.assortment.scoring import (
    DEMAND_SD,
    TRUST_MIN,
    Past,
    expected_sales,
    fit_fans,
    fit_price,
    fit_tags,
    score_pool,
    sold_out_chance,
)
from cueroom.show.rundown import Role


def test_without_any_history_a_product_that_fits_sells_as_usual() -> None:
    (score,) = score_pool([candidate("A")], PROFILE, NOTHING_SOLD)

    assert score.gmv_per_min == pytest.approx(NOTHING_SOLD.usual_per_min)
    assert score.own.minutes == 0


@pytest.mark.parametrize(
    ("hours", "length_min", "start"),
    [((), 180, None), ((20, 21, 22, 23), 180, 20), ((22, 23, 0, 1), 240, 22), ((8, 20, 21), 90, 20), ((20,), 300, 20)],
)
def test_a_show_starts_best_when_most_of_it_meets_the_fans(
    hours: tuple[int, ...], length_min: int, start: int | None
) -> None:
    profile = msgspec.structs.replace(PROFILE, active_hours=frozenset(hours))
    assert profile.best_start(length_min) == start


def test_a_product_s_own_minutes_count_against_its_category_s_by_their_number() -> None:
    past = Past({"A": Sales(TRUST_MIN, TRUST_MIN * 300_000)}, {}, usual_per_min=100_000)

    (score,) = score_pool([candidate("A")], PROFILE, past)

    assert score.gmv_per_min == pytest.approx(200_000)


def test_a_category_that_sells_well_lifts_its_products_that_were_never_sold() -> None:
    past = Past({}, {"home": Sales(600, 600 * 400_000), "food": Sales(600, 600 * 50_000)}, usual_per_min=100_000)

    home, food = score_pool([candidate("A"), candidate("B", category="food")], PROFILE, past)

    assert home.gmv_per_min > 5 * food.gmv_per_min


def test_the_more_of_its_own_history_a_product_has_the_less_its_fit_matters() -> None:
    wide = Profile(name="host", tags={"pets": 1.0}, price_low=5_000, price_high=20_000)
    past = Past({"old": Sales(1e6, 1e6 * 100_000)}, {}, usual_per_min=100_000)

    new, old = score_pool(
        [candidate("new", tags=frozenset({"cars"})), candidate("old", tags=frozenset({"cars"}))], wide, past
    )

    assert new.fit_tags == old.fit_tags == 0
    assert new.gmv_per_min < 0.8 * old.gmv_per_min


def test_tags_fit_by_their_weights() -> None:
    wanted = {"pets": 3.0, "home": 1.0}

    assert fit_tags(frozenset({"pets"}), wanted) == 1
    assert fit_tags(frozenset({"home"}), wanted) == pytest.approx(1 / 3)
    assert fit_tags(frozenset({"cars"}), wanted) == 0
    assert fit_tags(frozenset(), wanted) == 1  # nothing is known


def test_fans_fit_by_the_part_of_them_the_product_is_for() -> None:
    profile = Profile(
        name="host", price_low=1, price_high=1, sexes={"female": 0.8, "male": 0.2}, ages={"18-23": 0.5, "24-30": 0.4}
    )

    assert fit_fans(candidate("A"), profile) == 1
    assert fit_fans(candidate("A", sex="male"), profile) == pytest.approx(0.2)
    assert fit_fans(candidate("A", sex="female", ages=frozenset({"18-23", "24-30"})), profile) == pytest.approx(0.72)


@pytest.mark.parametrize(("price", "fit"), [(5_000, 1), (20_000, 1), (40_000, exp(-0.5)), (2_500, exp(-0.5))])
def test_a_price_fits_within_the_band_and_less_outside(price: int, fit: float) -> None:
    assert fit_price(price, PROFILE) == pytest.approx(fit)


@given(demand=st.floats(1, 1e9), supply=st.floats(1, 1e9))
def test_no_more_is_sold_than_is_wanted_or_there(demand: float, supply: float) -> None:
    assert 0 < expected_sales(demand, supply) <= min(demand, supply) * (1 + 1e-9)


def test_expected_sales_are_the_mean_over_the_demand_there_may_be() -> None:
    dice = random.Random(7)
    demands = [dice.lognormvariate(log(1_000) - DEMAND_SD**2 / 2, DEMAND_SD) for _ in range(100_000)]

    assert expected_sales(1_000, 800) == pytest.approx(sum(min(demand, 800) for demand in demands) / 100_000, rel=0.01)
    assert sold_out_chance(1_000, 800) == pytest.approx(sum(demand > 800 for demand in demands) / 100_000, abs=0.01)


def test_what_cannot_leave_in_two_days_is_not_sold() -> None:
    slow, quick = score_pool([candidate("A", ship_48h=10), candidate("B")], PROFILE, NOTHING_SOLD)

    assert slow.gmv(10) <= 10 * 10_000
    assert quick.gmv(10) > slow.gmv(10)


def test_more_minutes_bring_more_but_each_brings_less() -> None:
    (score,) = score_pool([candidate("A", stock=10**9)], PROFILE, NOTHING_SOLD)

    assert score.gmv(10) == pytest.approx(10 * NOTHING_SOLD.usual_per_min)
    assert score.gmv(5) < score.gmv(10) < 2 * score.gmv(5)


def test_cheap_products_draw_traffic_and_well_paid_ones_make_the_profit() -> None:
    cheap, rich = score_pool(
        [candidate("A", price=3_000, commission=0.05), candidate("B", price=30_000, commission=0.4)],
        PROFILE,
        NOTHING_SOLD,
    )

    assert cheap.roles[Role.TRAFFIC] > rich.roles[Role.TRAFFIC]
    assert rich.roles[Role.PROFIT] > cheap.roles[Role.PROFIT]


def test_few_good_ratings_say_little() -> None:
    one, many = score_pool(
        [candidate("A", rating=5.0, ratings=1), candidate("B", rating=5.0, ratings=10_000)], PROFILE, NOTHING_SOLD
    )

    assert one.roles[Role.BENEFIT] < many.roles[Role.BENEFIT]
