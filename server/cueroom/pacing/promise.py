"""Promises: what items not yet played will bring, from the sheet and from how this crowd has bought so far."""

from collections.abc import Mapping
from functools import lru_cache
from math import exp, log
from typing import NamedTuple

from cueroom.pacing.curve import PRIOR, Mean, Weights, fading_in, mean_of
from cueroom.pacing.memory import Known
from cueroom.pacing.rates import Promise
from cueroom.show.rundown import Item, Role, Rundown

_USUAL = Mean(PRIOR)
_ROLES = tuple(Role)
ROLE_UNITS = {Role.TRAFFIC: 0.9, Role.BENEFIT: 0.9, Role.HOT: 0.7, Role.PROFIT: -0.4, Role.REGULAR: 0.0}
"""Log of the units a minute an item of the role sells against a regular one of the same price."""

PRICE_SLOPE = -0.6
"""Twice the price sells about two thirds of the units."""

_ROLE_SD, _SLOPE_SD, _SHOW_SD, _HOST_SD = 0.35, 0.25, 0.6, 0.2
_FAR, _ROUNDS = 1.5, 5
"""A show that turns out so many standard deviations from its sheet is believed to lie that far, and judged anew."""

ITEM_SD = 0.5
"""How far one item's appeal lies from what sheet and crowd say, as a factor's log."""

EXPECTED_WITHIN = 1.5
"""To what factor an expectation is known that does not say so itself."""

_EVENING_SD = 0.6
"""How far one evening's crowd lies from those that the expectations come from, as a factor's log: as far as a
show from its sheet, for no plan knows how large the room will be, and the first items on air soon tell."""


@lru_cache(maxsize=64)
def expectations(items: tuple[Item, ...], goal: int) -> Mapping[str, float]:
    """What the sheet alone says of each item: the log of its first rate of units, so that all items in their planned
    minutes bring the goal."""
    shared = all(item.share for item in items)
    logs = {item.sku: _by_share(item) if shared else _by_role(item) for item in items}
    total = sum(exp(logs[item.sku]) * item.price * planned_time(item) for item in items)
    scale = log(max(goal, 1) / total) if total else 0.0
    return {sku: value + scale for sku, value in logs.items()}


def planned_time(item: Item) -> float:
    """What the planned minutes would sell at a first rate of one unit a second, with the usual decay."""
    return _USUAL.sold(max(30.0, 60 * item.minutes))


def _by_share(item: Item) -> float:
    return log((item.share or 1e-6) / max(item.price, 1) / planned_time(item))


def _by_role(item: Item) -> float:
    role = ROLE_UNITS[item.role] + PRICE_SLOPE * log(max(item.price, 1))
    stock = log(max(item.stock, 1) / planned_time(item))
    return 0.6 * role + 0.4 * stock


def shapes_of(item: Item, usual: Weights) -> Weights:
    """The shapes of an item: the show's usual ones, moved to its own half-life where that is expected of it."""
    return usual if item.half_life_s is None else fading_in(usual, item.half_life_s)


class _Expected(NamedTuple):
    """The log of an item's first rate of units before the show's usual room, and its variance."""

    appeal: float
    variance: float


def _expected_of(item: Item) -> _Expected | None:
    """What shows before let expect of the item, if anything."""
    if item.expected_per_min is None:
        return None
    sold = mean_of(shapes_of(item, PRIOR)).sold(60)
    return _Expected(log(item.expected_per_min / sold), log(item.expected_within or EXPECTED_WITHIN) ** 2)


class _Evening:
    """How this evening's crowd buys against what shows before let expect: one factor, learned from the items that
    something was expected of, and of use to those alone. A goal set too high says nothing against them."""

    def __init__(self, items: tuple[Item, ...], known: Mapping[str, Known], usual: float) -> None:
        expected = {item.sku: told for item in items if (told := _expected_of(item))}
        self._expected = {sku: _Expected(told.appeal - log(usual), told.variance) for sku, told in expected.items()}
        played = [(known[sku], told) for sku, told in self._expected.items() if sku in known]
        weights = [1 / (learned.variance + told.variance) for learned, told in played]
        self._variance = 1 / (1 / _EVENING_SD**2 + sum(weights))
        offs = [learned.appeal - told.appeal for learned, told in played]
        self._mean = self._variance * sum(weight * off for weight, off in zip(weights, offs, strict=True))

    def promise(self, item: Item) -> Promise | None:
        """What the item will bring, if anything is expected of it."""
        told = self._expected.get(item.sku)
        return Promise(told.appeal + self._mean, told.variance + self._variance) if told else None


class Crowd:
    """How this crowd buys against the sheet: a regression of what was learned on show, price, role and host."""

    def __init__(self, rundown: Rundown, known: Mapping[str, Known], usual: float) -> None:
        """`known`: what was learned of the items that were on air; `usual`: the show's usual level, at which the
        sheet's hopes would come true."""
        self._evening = _Evening(rundown.items, known, usual)
        self._rundown = rundown
        self._sheet = {sku: value - log(usual) for sku, value in expectations(rundown.items, rundown.goal).items()}
        self._middle = sum(log(max(item.price, 1)) for item in rundown.items) / max(1, len(rundown.items))
        self._hosts = [host.id for host in rundown.hosts] if len(rundown.hosts) > 1 else []
        lessons = [
            (self._features(item), known[item.sku], self._sheet[item.sku])
            for item in rundown.items
            if item.sku in known
        ]
        show_sd = _SHOW_SD
        for _ in range(_ROUNDS):
            self._learn(lessons, show_sd)
            if abs(self._means[0]) <= _FAR * show_sd:
                break
            show_sd = abs(self._means[0])

    def _learn(self, lessons: list[tuple[dict[int, float], Known, float]], show_sd: float) -> None:
        """The regression, where a show lies about `show_sd` from its sheet."""
        sds = (show_sd, _SLOPE_SD, *[_ROLE_SD] * len(_ROLES), *[_HOST_SD] * len(self._hosts))
        size = len(sds)
        precision = [[0.0] * size for _ in range(size)]
        for i, sd in enumerate(sds):
            precision[i][i] = 1 / (sd * sd)
        sums = [0.0] * size
        for row, learned, sheet in lessons:
            weight = 1 / (learned.variance + ITEM_SD * ITEM_SD)
            for i in row:
                sums[i] += weight * row[i] * (learned.appeal - sheet)
                for j in row:
                    precision[i][j] += weight * row[i] * row[j]
        self._covariance = _inverse(precision)
        self._means = [sum(a * b for a, b in zip(line, sums, strict=True)) for line in self._covariance]

    def promise(self, item: Item) -> Promise:
        """What the item will bring, before any of its own data: what shows before let expect, else what the sheet
        does."""
        return self._evening.promise(item) or self._of_sheet(item)

    def _of_sheet(self, item: Item) -> Promise:
        row = self._features(item)
        mean = self._sheet[item.sku] + sum(value * self._means[i] for i, value in row.items())
        variance = sum(row[i] * row[j] * self._covariance[i][j] for i in row for j in row)
        return Promise(mean, variance + ITEM_SD * ITEM_SD)

    def _features(self, item: Item) -> dict[int, float]:
        row = {0: 1.0, 1: log(max(item.price, 1)) - self._middle, 2 + _ROLES.index(item.role): 1.0}
        return row | ({2 + len(_ROLES) + self._hosts.index(item.host): 1.0} if item.host in self._hosts else {})


def usual_shapes(known: Mapping[str, Known]) -> Weights:
    """The shapes of this show: the prior, moved by what the items on air so far have shown."""
    trust = 2.0
    total = trust + len(known)
    rows = [item.shapes for item in known.values()]
    return tuple(max(1e-6, (trust * prior + sum(row[i] for row in rows)) / total) for i, prior in enumerate(PRIOR))


def _inverse(matrix: list[list[float]]) -> list[list[float]]:
    """Gauss-Jordan; the matrix is positive definite, so no pivoting is needed."""
    size = len(matrix)
    rows = [[*row, *(1.0 if i == j else 0.0 for j in range(size))] for i, row in enumerate(matrix)]
    for i in range(size):
        pivot = rows[i][i]
        rows[i] = [value / pivot for value in rows[i]]
        for j in range(size):
            if j != i and rows[j][i]:
                factor = rows[j][i]
                rows[j] = [a - factor * b for a, b in zip(rows[j], rows[i], strict=True)]
    return [row[size:] for row in rows]
