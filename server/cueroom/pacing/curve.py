"""Decay: how an item's sales fade while it is on air, as a small family of shapes and what data says of them."""

from bisect import bisect_left
from functools import lru_cache
from math import exp, log

Weights = tuple[float, ...]

_TAUS_S = (12.0, 25.0, 50.0, 100.0, 200.0, 500.0)
_BASES = (0.02, 0.06, 0.15, 0.35)
SHAPES: tuple[tuple[float, float], ...] = tuple((tau, base) for tau in _TAUS_S for base in _BASES)
"""A shape is (tau, base): the ready buyers of the room are used up with the time constant tau (s) down to the
base that newcomers keep up, as a part of the first rate; the base wears off too, as an item shown for long bores:
base exp(-t / WEAR_S) + (1 - base) exp(-t / tau)."""

WEAR_S = 1500.0

_STEP_S = 2
_LAST_S = 3600
_SLIGHT = 0.01

_HALF_LIFE_SD, _LEAST_WEIGHT = 0.35, 1e-6
"""How near a half-life that was told in advance is taken to lie, as a factor's log: shows before knew it to a third."""


def _prior(tau: float, base: float) -> float:
    """Half-lives of tens of seconds to two minutes and a small base are usual, the rest is possible."""
    return exp(-0.5 * (log(tau / 60) / 0.9) ** 2 - 0.5 * (log(base / 0.09) / 1.0) ** 2)


_RAW = [_prior(tau, base) for tau, base in SHAPES]
PRIOR: Weights = tuple(weight / sum(_RAW) for weight in _RAW)
"""What is thought of the shapes before the show."""


def _rate(tau: float, base: float, at_s: float) -> float:
    return base * exp(-at_s / WEAR_S) + (1 - base) * exp(-at_s / tau)


def _sum(tau: float, base: float, until_s: float) -> float:
    return base * WEAR_S * (1 - exp(-until_s / WEAR_S)) + (1 - base) * tau * (1 - exp(-until_s / tau))


_TABLES = tuple(
    tuple(_rate(tau, base, step * _STEP_S) for step in range(_LAST_S // _STEP_S + 1)) for tau, base in SHAPES
)
_LOGS = tuple(tuple(log(value) for value in table) for table in _TABLES)


def step_of(at_s: float) -> int:
    """The place of a selling time in the tables."""
    return min(int(at_s / _STEP_S + 0.5), _LAST_S // _STEP_S)


def rates_at(at_s: float) -> list[float]:
    """The rate of every shape after so much selling time, as a part of its first."""
    step = step_of(at_s)
    return [table[step] for table in _TABLES]


def columns(steps: list[int]) -> list[tuple[list[float], list[float]]]:
    """For every shape its rates at these steps, and their logarithms."""
    return [
        ([table[step] for step in steps], [logs[step] for step in steps])
        for table, logs in zip(_TABLES, _LOGS, strict=True)
    ]


# fmt: off
_GRID_S = (
    0, 3, 6, 10, 15, 20, 26, 33, 41, 50, 60, 72, 86, 102, 120, 142, 168, 200, 240, 290, 350, 420, 510,
    620, 750, 900, 1100, 1350, 1650, 2000, 2500, 3200, 4000,
)
# fmt: on
_GRID_RATES = tuple(tuple(_rate(tau, base, at_s) for at_s in _GRID_S) for tau, base in SHAPES)
_GRID_SUMS = tuple(tuple(_sum(tau, base, at_s) for at_s in _GRID_S) for tau, base in SHAPES)


class Mean:
    """The mean of the shapes by their weights: the rate after some selling time and what was sold by then, both
    for a first rate of one. Between the points of a grid it is a straight line."""

    def __init__(self, weights: Weights) -> None:
        self.rates = _mixed(weights, _GRID_RATES)
        self.sums = _mixed(weights, _GRID_SUMS)
        self._falling = [-rate for rate in self.rates]

    def rate(self, at_s: float) -> float:
        """The rate after `at_s`."""
        return _line(_GRID_S, self.rates, at_s)

    def sold(self, until_s: float) -> float:
        """What was sold until then."""
        return _line(_GRID_S, self.sums, until_s)

    def time_to(self, rate: float) -> float:
        """When the rate has fallen to `rate`: 0 if it never was above, the end of the grid if it stays above."""
        place = bisect_left(self._falling, -rate)
        if place == 0:
            return 0.0
        if place == len(_GRID_S):
            return float(_GRID_S[-1])
        above, below = self.rates[place - 1], self.rates[place]
        part = (above - rate) / (above - below) if above > below else 1.0
        return _GRID_S[place - 1] + part * (_GRID_S[place] - _GRID_S[place - 1])

    def time_for(self, sold: float) -> float:
        """How long it takes to sell so much."""
        place = bisect_left(self.sums, sold)
        if place == 0:
            return 0.0
        if place == len(_GRID_S):
            return float(_GRID_S[-1])
        before, after = self.sums[place - 1], self.sums[place]
        return _GRID_S[place - 1] + (sold - before) / (after - before) * (_GRID_S[place] - _GRID_S[place - 1])


@lru_cache(maxsize=512)
def fading_in(weights: Weights, half_life_s: float) -> Weights:
    """The weights, moved to the shapes that are half as fast after about so long."""
    raw = [
        weight * exp(-0.5 * (log(half_life / half_life_s) / _HALF_LIFE_SD) ** 2)
        for weight, half_life in zip(weights, HALF_LIVES_S, strict=True)
    ]
    return tuple(max(_LEAST_WEIGHT, weight / sum(raw)) for weight in raw)


mean_of = lru_cache(maxsize=512)(Mean)
"""The mean of some weights; an item's stay the same once it is off air, so most are asked for again and again."""


def _mixed(weights: Weights, rows: tuple[tuple[float, ...], ...]) -> list[float]:
    used = [(weight, row) for weight, row in zip(weights, rows, strict=True) if weight > _SLIGHT]
    total = sum(weight for weight, _ in used)
    return [sum(weight * row[i] for weight, row in used) / total for i in range(len(_GRID_S))]


def _line(xs: tuple[int, ...], ys: list[float], x: float) -> float:
    place = bisect_left(xs, x)
    if place == 0:
        return ys[0]
    if place == len(xs):
        return ys[-1]
    part = (x - xs[place - 1]) / (xs[place] - xs[place - 1])
    return ys[place - 1] + part * (ys[place] - ys[place - 1])


HALF_LIVES_S = tuple(Mean(tuple(float(other == shape) for other in SHAPES)).time_to(0.5) for shape in SHAPES)
"""When each shape has fallen to half its first rate (s)."""
