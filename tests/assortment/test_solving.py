"""Solving: the best selection there is, and no other."""

from collections import Counter
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assortment.pools import candidate, wish, worths_of
from cueroom.assortment.candidates import Candidate, Span, Wish
from cueroom.assortment.solving import GAP, Impossible, best_left_out, select
from cueroom.assortment.worths import MINUTES, ROLES, Pick, Worths
from cueroom.show.rundown import Role

candidates = st.builds(
    candidate,
    sku=st.sampled_from("ABCDE"),
    category=st.sampled_from(["home", "food"]),
    price=st.integers(1_000, 50_000),
    stock=st.integers(1, 500),
    commission=st.sampled_from([0.0, 0.1, 0.5]),
)
pools = st.lists(candidates, min_size=1, max_size=4, unique_by=lambda one: one.sku)
wishes = st.builds(
    wish,
    length_min=st.sampled_from([10.0, 16.0, 25.0]),
    count=st.sampled_from([Span(1, 2), Span(2, 3)]),
    roles=st.sampled_from([{}, {Role.HOT: Span(1, 1)}, {Role.TRAFFIC: Span(0, 0), Role.PROFIT: Span(1, 2)}]),
    category_most=st.sampled_from([1, 2]),
    bans=st.sampled_from([frozenset(), frozenset("A")]),
)

ONE_HOT_ITEM = {role: Span(0, int(role is Role.HOT)) for role in Role}


@settings(deadline=None, max_examples=60)
@given(pool=pools, asked=wishes)
def test_no_selection_under_the_wish_is_worth_more(pool: list[Candidate], asked: Wish) -> None:
    worths = worths_of(*pool)

    found = select(worths, asked)

    best = best_by_trying_all(worths, asked)
    if isinstance(found, Impossible):
        assert best is None
    else:
        assert fulfils(found, asked)
        assert best is not None
        assert sum(pick.worth for pick in found) >= (1 - GAP) * best - 1e-6


def best_by_trying_all(worths: Worths, asked: Wish) -> float | None:
    """The worth of the best selection, found without any cleverness."""
    ways = list(product(range(len(ROLES)), range(len(MINUTES))))
    found = [
        sum(pick.worth for pick in picks)
        for size in range(1, min(asked.count.most, len(worths.places)) + 1)
        for chosen in combinations(range(len(worths.places)), size)
        for how in product(ways, repeat=size)
        if sum(MINUTES[length] for _, length in how) <= asked.length_min
        and fulfils(picks := [worths.pick(at, *way) for at, way in zip(chosen, how, strict=True)], asked)
    ]
    return max(found, default=None)


def fulfils(picks: list[Pick] | tuple[Pick, ...], asked: Wish) -> bool:
    roles = Counter(pick.role for pick in picks)
    categories = Counter(pick.score.candidate.category for pick in picks)
    skus = {pick.score.candidate.sku for pick in picks}
    return (
        len(skus) == len(picks)
        and asked.count.least <= len(picks) <= asked.count.most
        and sum(pick.minutes for pick in picks) <= asked.length_min
        and all(span.least <= roles[role] <= span.most for role, span in asked.roles.items())
        and max(categories.values()) <= asked.category_most
        and not skus & asked.bans
    )


def test_what_is_pinned_is_in_however_little_it_is_worth() -> None:
    worths = worths_of(candidate("good", stock=10**6), candidate("poor", stock=1))

    picks = select(worths, wish(count=Span(1, 1), pins={"poor": Role.BENEFIT}))

    assert not isinstance(picks, Impossible)
    assert [(pick.score.candidate.sku, pick.role) for pick in picks] == [("poor", Role.BENEFIT)]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (wish(count=Span(3, 4)), "too_few"),
        (wish(count=Span(2, 2), category_most=1), "too_few"),
        (wish(count=Span(2, 2), length_min=5.0), "too_short"),
        (wish(count=Span(1, 1), roles={Role.HOT: Span(1, 1), Role.PROFIT: Span(1, 1)}), "count_conflict"),
        (wish(pins={"C": None}), "pin_unknown"),
        (wish(count=Span(2, 2), roles=ONE_HOT_ITEM), "no_selection"),
    ],
)
def test_a_wish_that_cannot_be_fulfilled_is_refused_with_its_reason(asked: Wish, code: str) -> None:
    refused = select(worths_of(candidate("A"), candidate("B")), asked)

    assert isinstance(refused, Impossible)
    assert refused.code == code


def test_the_best_left_out_could_stand_in_the_pick_s_place() -> None:
    worths = worths_of(
        candidate("A", stock=10**6),
        candidate("B", stock=40),
        candidate("C", stock=30, category="food"),
        candidate("D", stock=20, category="food"),
    )
    asked = wish(count=Span(2, 2), category_most=1, bans=frozenset({"D"}))
    picks = select(worths, asked)
    assert not isinstance(picks, Impossible)

    rivals = best_left_out(worths, asked, picks)

    assert {pick.score.candidate.sku for pick in picks} == {"A", "C"}
    assert rivals["A"].score.candidate.sku == "B"  # the same category, so there is room for it
    assert "C" not in rivals  # its own category has nothing else, and the other is full
