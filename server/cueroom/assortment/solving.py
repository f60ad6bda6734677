"""Solving: the best selection there is under the wish, as a mixed-integer programme for HiGHS.

One yes-or-no for every candidate, role and length of time on air; the worths of all that are answered with yes add up.
At most one yes a candidate; count, roles, categories and the show's length bind them together.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import highspy
import msgspec
import numpy as np
from numpy.typing import NDArray

from cueroom.assortment.candidates import Span, Wish
from cueroom.assortment.worths import MINUTES, ROLES, Pick, Worths

GAP = 0.001
"""A selection is good enough within this part of the best possible."""

LONGEST_S = 20.0

YES = 0.5
"""Solvers answer with numbers near 0 and 1."""


class Impossible(msgspec.Struct, frozen=True):
    """Why no selection fulfils the wish: a code of the catalogues (`assortment.CODE`) with its figures."""

    code: str
    figures: Mapping[str, Any] = {}


class _Option(NamedTuple):
    """A question: its candidate, role and length, by their places in the worths."""

    candidate: int
    role: int
    length: int


def select(worths: Worths, wish: Wish) -> tuple[Pick, ...] | Impossible:
    """The picks of most worth together, in no order."""
    problem = _plain_problem(worths, wish)
    if problem:
        return problem
    pins = {worths.places[sku]: role for sku, role in wish.pins.items()}
    options = [*_pinned(pins), *_worth_looking_at(worths, wish)]
    programme = _Programme(options)
    for candidate, members in programme.alike(lambda option: option.candidate).items():
        programme.bound(members, int(candidate in pins), 1)
    for role, members in programme.alike(lambda option: option.role).items():
        span = _span(wish, role)
        programme.bound(members, span.least, span.most)
    for members in programme.alike(lambda option: int(worths.categories[option.candidate])).values():
        programme.bound(members, 0, wish.category_most)
    everybody = range(len(options))
    programme.bound(everybody, wish.count.least, wish.count.most)
    programme.bound(everybody, 0, wish.length_min, [MINUTES[option.length] for option in options])
    chosen = programme.solve(np.array([worths.worth[option] for option in options]))
    return tuple(worths.pick(*options[at]) for at in chosen) if chosen else Impossible("no_selection")


def best_left_out(worths: Worths, wish: Wish, picks: Sequence[Pick]) -> dict[str, Pick]:
    """For every pick the best candidate that could stand in its place as it is, by the SKU of the pick."""
    places = [worths.places[pick.score.candidate.sku] for pick in picks]
    taken = Counter(int(worths.categories[place]) for place in places)
    full = [category for category, count in taken.items() if count >= wish.category_most]
    out = worths.among((*wish.bans, *(pick.score.candidate.sku for pick in picks)))
    found = {}
    for pick, place in zip(picks, places, strict=True):
        own = worths.categories[place]
        barred = out | np.isin(worths.categories, [category for category in full if category != own])
        role, length = ROLES.index(pick.role), MINUTES.index(pick.minutes)
        best = int(np.argmax(np.where(barred, -1.0, worths.worth[:, role, length])))
        if not barred[best]:
            found[pick.score.candidate.sku] = worths.pick(best, role, length)
    return found


def _plain_problem(worths: Worths, wish: Wish) -> Impossible | None:
    """The reasons why a wish cannot be fulfilled that need no solver."""
    unknown = sorted(wish.pins.keys() - worths.places.keys())
    if unknown:
        return Impossible("pin_unknown", {"skus": ", ".join(unknown)})
    free = Counter(
        int(category) for sku, category in zip(worths.places, worths.categories, strict=True) if sku not in wish.bans
    )
    there = sum(min(count, wish.category_most) for count in free.values())
    least = max(1, wish.count.least, len(wish.pins), sum(span.least for span in wish.roles.values()))
    if there < least:
        return Impossible("too_few", {"there": there, "wanted": least})
    if wish.count.most < least:
        return Impossible("count_conflict", {"most": wish.count.most, "wanted": least})
    if least * MINUTES[0] > wish.length_min:
        return Impossible("too_short", {"wanted": least, "least_min": least * MINUTES[0], "minutes": wish.length_min})
    return None


def _span(wish: Wish, role: int) -> Span:
    return wish.roles.get(ROLES[role], Span(0, wish.count.most))


def _pinned(pins: Mapping[int, Any]) -> Iterator[_Option]:
    for candidate, wanted in pins.items():
        for role in [ROLES.index(wanted)] if wanted else range(len(ROLES)):
            yield from (_Option(candidate, role, length) for length in range(len(MINUTES)))


def _worth_looking_at(worths: Worths, wish: Wish) -> Iterator[_Option]:
    """Of every category, role and length as many of the best as could be in the show. Nothing is lost: whoever is not
    among them could be exchanged, as it is, for one of them that was not taken."""
    free = np.flatnonzero(~worths.among((*wish.bans, *wish.pins)))
    most = min(wish.category_most, wish.count.most)
    roles = [role for role in range(len(ROLES)) if _span(wish, role).most]
    for category in np.unique(worths.categories[free]):
        members = free[worths.categories[free] == category]
        for role in roles:
            for length in range(len(MINUTES)):
                yield from (
                    _Option(int(candidate), role, length)
                    for candidate in _best(members, worths.worth[members, role, length], most)
                )


def _best(members: NDArray[np.int64], worth: NDArray[np.float64], most: int) -> NDArray[np.int64]:
    return members if len(members) <= most else members[np.argpartition(-worth, most)[:most]]


class _Programme:
    """Yes-or-no questions and the bounds on sums over some of them."""

    def __init__(self, options: Sequence[_Option]) -> None:
        self._options = options
        self._rows: list[tuple[Sequence[int], Sequence[float]]] = []
        self._lower: list[float] = []
        self._upper: list[float] = []

    def alike(self, feature: Callable[[_Option], Hashable]) -> dict[Any, list[int]]:
        """The questions by a feature of theirs."""
        groups: defaultdict[Any, list[int]] = defaultdict(list)
        for at, option in enumerate(self._options):
            groups[feature(option)].append(at)
        return groups

    def bound(self, members: Sequence[int], least: float, most: float, weights: Sequence[float] = ()) -> None:
        """Keeps the (weighted) sum over these questions within bounds."""
        self._rows.append((members, weights or [1.0] * len(members)))
        self._lower.append(least)
        self._upper.append(most)

    def solve(self, worths: NDArray[np.float64]) -> list[int]:
        """The questions answered with yes; none where the bounds contradict each other."""
        solver = highspy.Highs()
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("mip_rel_gap", GAP)
        solver.setOptionValue("time_limit", LONGEST_S)
        solver.passModel(self._model(worths))
        solver.run()
        if solver.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return []
        return [at for at, answer in enumerate(solver.getSolution().col_value) if answer > YES]

    def _model(self, worths: NDArray[np.float64]) -> highspy.HighsLp:
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(worths), len(self._rows)
        model.col_cost_ = -worths / (worths.max(initial=0.0) or 1.0)  # solvers like their figures near one
        model.col_lower_, model.col_upper_ = np.zeros(len(worths)), np.ones(len(worths))
        model.row_lower_, model.row_upper_ = np.array(self._lower), np.array(self._upper)
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = np.cumsum([0, *(len(members) for members, _ in self._rows)])
        model.a_matrix_.index_ = np.concatenate([np.array(members) for members, _ in self._rows])
        model.a_matrix_.value_ = np.concatenate([np.array(weights) for _, weights in self._rows])
        model.integrality_ = [highspy.HighsVarType.kInteger] * len(worths)
        return model
