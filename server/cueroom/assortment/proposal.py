"""The proposal: the selection in its running order, and why each product is in it."""

from collections import Counter
from collections.abc import Iterable

import msgspec

from cueroom.assortment.candidates import Wish
from cueroom.assortment.solving import Impossible, best_left_out, select
from cueroom.assortment.worths import Pick, Worths
from cueroom.show.rundown import Role

_LOOP = {Role.TRAFFIC: 0.1, Role.HOT: 0.4, Role.BENEFIT: 0.5, Role.REGULAR: 0.6, Role.PROFIT: 0.7}
"""Where in each of its role's equal parts of the show an item stands: traffic opens, profit comes once people stay."""


class Place(msgspec.Struct, frozen=True):
    """A place in the running order. `instead`: the best that could stand here and was left out, None where nothing
    could."""

    pick: Pick
    instead: Pick | None


class Proposal(msgspec.Struct, frozen=True):
    """A show to be: its places in order; `minutes` and `gmv` (minor units) are what they come to."""

    places: tuple[Place, ...]

    @property
    def minutes(self) -> float:
        return sum(place.pick.minutes for place in self.places)

    @property
    def gmv(self) -> float:
        return sum(place.pick.gmv for place in self.places)


def propose(worths: Worths, wish: Wish) -> Proposal | Impossible:
    """The best show there is under the wish, or why there is none."""
    picks = select(worths, wish)
    if isinstance(picks, Impossible):
        return picks
    rivals = best_left_out(worths, wish, picks)
    return Proposal(tuple(Place(pick, rivals.get(pick.score.candidate.sku)) for pick in in_running_order(picks)))


def in_running_order(picks: Iterable[Pick]) -> list[Pick]:
    """Every role spread evenly over the show, its best first: strong items early, and never all of a kind at once."""
    best_first = sorted(picks, key=lambda pick: (-pick.worth, pick.score.candidate.sku))
    of_role = Counter(pick.role for pick in best_first)
    seen: Counter[Role] = Counter()
    placed = []
    for pick in best_first:
        at = (seen[pick.role] + _LOOP[pick.role]) / of_role[pick.role]
        seen[pick.role] += 1
        placed.append((at, pick))
    return [pick for _, pick in sorted(placed, key=lambda place: place[0])]
