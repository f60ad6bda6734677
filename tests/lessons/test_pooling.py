"""Laws of pooling: an estimate lies between what a group showed and what it is part of, nearer to what it showed the
more that was."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueroom.lessons.pooling import Told, below, pooled

SDS = (1.5, 0.35, 0.35, 0.5)
logs = st.floats(-6, 6)
variances = st.floats(0.01, 4)
told = st.builds(
    Told,
    path=st.tuples(st.sampled_from("ab"), st.sampled_from("xy"), st.sampled_from("123")),
    value=logs,
    variance=variances,
)
measured = st.lists(told, min_size=1, max_size=20)


@given(measured, logs)
def test_an_estimate_lies_between_its_own_mean_and_its_parents(every: list[Told], default: float) -> None:
    estimates = pooled(every, default, SDS)
    for path, estimate in estimates.items():
        parent = estimates[path[:-1]].mean if path else default
        assert estimate.own is not None
        assert min(estimate.own, parent) - 1e-9 <= estimate.mean <= max(estimate.own, parent) + 1e-9
        assert estimate.towards == parent
        assert 0 < estimate.part < 1


@given(measured, logs, st.randoms(use_true_random=False))
def test_the_order_of_shows_changes_nothing(every: list[Told], default: float, dice: Sequence[Told]) -> None:
    shuffled = list(every)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis's dice are a random.Random
    assert pooled(shuffled, default, SDS) == pooled(every, default, SDS)


@given(logs, variances, st.integers(1, 20), logs)
def test_the_more_it_has_shown_the_more_it_counts_and_the_surer_it_is(
    value: float, variance: float, times: int, default: float
) -> None:
    one = Told(("a", "x", "1"), value, variance)
    fewer, more = (pooled([one] * count, default, SDS)[one.path] for count in (times, times + 1))
    assert more.part > fewer.part
    assert abs(more.mean - value) <= abs(fewer.mean - value) + 1e-9
    assert more.variance < fewer.variance


def test_nothing_measured_leaves_the_default() -> None:
    (everything,) = pooled([], 3.0, SDS).values()
    assert (everything.mean, everything.own, everything.part) == (3.0, None, 0.0)
    child = below(everything, 0.5)
    assert child.mean == 3.0
    assert child.variance == pytest.approx(1.5**2 + 0.5**2)


def test_one_product_seen_often_tells_less_of_its_category_than_many_seen_once() -> None:
    often = pooled([Told(("a", "x", "1"), 2.0, 0.1)] * 8, 0.0, SDS)
    many = pooled([Told(("a", "x", str(number)), 2.0, 0.1) for number in range(8)], 0.0, SDS)
    assert many["a", "x"].part > often["a", "x"].part
    assert many["a", "x"].mean > often["a", "x"].mean


def test_estimates_are_those_of_the_whole_normal_model() -> None:
    """Against the posterior of everything, one role, one category and two products, solved as one linear system."""
    values, variances = {"1": (1.0, 0.2), "2": (-0.5, 0.4)}, [tau**2 for tau in SDS]
    told = [Told(("a", "x", sku), *measure) for sku, measure in values.items()]
    estimates = pooled(told, 0.5, SDS)
    share = [0.0, 0.0]
    common = sum(variances[:3])
    own = [variances[3] + variance for _, variance in values.values()]
    determinant = (common + own[0]) * (common + own[1]) - common**2
    offs = [value - 0.5 for value, _ in values.values()]
    share[0] = ((common + own[1]) * offs[0] - common * offs[1]) / determinant
    share[1] = ((common + own[0]) * offs[1] - common * offs[0]) / determinant
    for place, sku in enumerate(values):
        mean = 0.5 + common * sum(share) + variances[3] * share[place]
        assert estimates["a", "x", sku].mean == pytest.approx(mean)
    assert estimates["a", "x"].mean == pytest.approx(0.5 + common * sum(share))
    prior = common + variances[3]
    covariances = [prior if place == 0 else common for place in range(2)]
    explained = (
        covariances[0] ** 2 * (common + own[1])
        - 2 * covariances[0] * covariances[1] * common
        + covariances[1] ** 2 * (common + own[0])
    ) / determinant
    assert estimates["a", "x", "1"].variance == pytest.approx(prior - explained)
