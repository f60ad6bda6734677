"""The proposal: its order, its sums, and why each product is in it."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from assortment.pools import candidate, wish, worths_of
from cueroom.assortment.candidates import Span
from cueroom.assortment.proposal import Proposal, in_running_order, propose
from cueroom.assortment.worths import ROLES
from cueroom.show.rundown import Role

POOL = worths_of(*(candidate(f"P{at}", stock=100 * at + 1, category=f"c{at % 4}") for at in range(20)))


def test_a_proposal_says_what_could_stand_in_each_place_instead() -> None:
    proposal = propose(POOL, wish(count=Span(5, 5)))

    assert isinstance(proposal, Proposal)
    chosen = {place.pick.score.candidate.sku for place in proposal.places}
    assert len(chosen) == 5
    for place in proposal.places:
        assert place.instead is not None
        assert place.instead.score.candidate.sku not in chosen
        assert (place.instead.role, place.instead.minutes) == (place.pick.role, place.pick.minutes)


def test_a_proposal_adds_up() -> None:
    proposal = propose(POOL, wish(count=Span(4, 6), length_min=40.0))

    assert isinstance(proposal, Proposal)
    assert proposal.minutes == sum(place.pick.minutes for place in proposal.places) <= 40
    assert proposal.gmv == sum(place.pick.gmv for place in proposal.places)


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 19), st.sampled_from(range(len(ROLES)))), max_size=12, unique_by=lambda one: one[0]
    )
)
def test_the_running_order_loses_nobody_and_puts_the_best_of_a_role_first(chosen: list[tuple[int, int]]) -> None:
    picks = [POOL.pick(at, role, 2) for at, role in chosen]

    order = in_running_order(picks)

    assert Counter(map(id, order)) == Counter(map(id, picks))
    for role in Role:
        worths = [pick.worth for pick in order if pick.role is role]
        assert worths == sorted(worths, reverse=True)


def test_roles_are_spread_over_the_show_and_traffic_opens_it() -> None:
    roles = [Role.HOT] * 3 + [Role.TRAFFIC] * 3 + [Role.PROFIT] * 3
    order = in_running_order([POOL.pick(at, ROLES.index(role), 2) for at, role in enumerate(roles)])

    assert [pick.role for pick in order] == [Role.TRAFFIC, Role.HOT, Role.PROFIT] * 3
