"""Rates: how fast the item on air sells, how sure that is, and what it will be after the people have reacted."""

from math import erf, exp, log, sqrt
from operator import mul
from typing import Any, NamedTuple

import msgspec

from cueroom.pacing.curve import Weights, columns, rates_at, step_of
from cueroom.pacing.memory import Bin, Spell
from cueroom.pacing.silence import ORDER_FIELDS, Spans
from cueroom.show.state import Snapshot

SETTLED_S = 150
"""Seconds this old are taken down for good; late events younger than that are still booked where they belong."""

_BIN_S, _WIDE_BIN_S, _FINE_S = 10, 30, 120
_GAP_S = 6
_MISSED_ORDERS = 25.0
_CV = 0.2
_HALF_LIFE_S = 60.0
_TEMPER = 0.7
_TAIL = 4.0
"""Degrees of freedom of a promise: the fewer, the sooner it yields to data that contradicts it."""

_NEWTON, _CLOSE = 6, 1e-3
_SLIGHT = 1e-4


class Promise(msgspec.Struct, frozen=True):
    """What is expected of an item before its own data: the log of its first units a second per unit of level."""

    appeal: float
    variance: float


class Estimate(msgspec.Struct, frozen=True):
    """The item on air. For every shape its weight, the gamma posterior of its scale in units a second at the
    present level; `at_s` is the selling time so far, `units` the orders' units behind it."""

    sku: str
    weights: Weights
    alphas: tuple[float, ...]
    betas: tuple[float, ...]
    level: float
    at_s: float
    units: int

    def rate(self, ahead_s: float = 0.0) -> float:
        """Units a second expected `ahead_s` from now."""
        rates = rates_at(self.at_s + ahead_s)
        return self.level * sum(
            w * a / b * r for w, a, b, r in zip(self.weights, self.alphas, self.betas, rates, strict=True)
        )

    def below(self, rate: float, ahead_s: float, spread: float = 0.0) -> float:
        """The probability that the rate `ahead_s` from now is below `rate`, known up to `spread` (of its log)."""
        if rate <= 0:
            return 0.0
        chance = 0.0
        parts = zip(self.weights, self.alphas, self.betas, rates_at(self.at_s + ahead_s), strict=True)
        for weight, alpha, beta, shape in parts:
            if weight > _SLIGHT:
                mean = log(self.level * alpha / beta * shape)
                chance += weight * _normal((log(rate) - mean) / sqrt(1 / max(alpha, 0.02) + spread * spread))
        return chance

    @property
    def appeal(self) -> tuple[float, float]:
        """The log of the first rate per unit of level, and its variance."""
        parts = [
            (w, log(a / b), 1 / max(a, 0.02)) for w, a, b in zip(self.weights, self.alphas, self.betas, strict=True)
        ]
        mean = sum(w * m for w, m, _ in parts)
        return mean, sum(w * (v + (m - mean) ** 2) for w, m, v in parts)


def _normal(z: float) -> float:
    return 0.5 * (1 + erf(z / 1.4142135623730951))


def bins_of(snapshot: Snapshot, spell: Spell, closed: Spans, level: float) -> tuple[Spell, list[Bin]]:
    """The spell with what has settled by now, and all its bins, the unsettled ones included; `closed`: when nothing
    could be sold, or nobody heard of it."""
    bins = list(spell.bins)
    units = sum(each.units for each in bins)
    at_s = sum(each.open_s for each in bins)
    start, now, second = spell.since // 1000, snapshot.now // 1000, spell.settled
    settled = spell
    reader = _Reader(snapshot, closed, spell.sku)
    while second < now:
        end = min(now, second + (_BIN_S if second - start < _FINE_S else _WIDE_BIN_S))
        sold, open_s = reader.read(second, end, units / at_s if at_s else 0.0)
        if open_s:
            bins.append(Bin(sold, open_s, at_s + open_s / 2, level))
            units, at_s = units + sold, at_s + open_s
        second = end
        if now - end >= SETTLED_S:
            settled = msgspec.structs.replace(spell, settled=end, bins=tuple(bins))
    return settled, bins


class _Reader:
    """Reads the series of one item: what was ordered, and in how many seconds it could be and was seen."""

    def __init__(self, snapshot: Snapshot, closed: Spans, sku: str) -> None:
        self._seconds = snapshot.seconds
        self._field = f"units_created|{sku}"
        self._closed = closed
        self._zeros = 0

    def read(self, start: int, end: int, usual: float) -> tuple[int, int]:
        """(units, open seconds) of `[start, end)`. A pause of all orders too long to be chance at the `usual` units a
        second was not seen and does not count; while others still come or are paid, the item just does not sell."""
        units = open_s = 0
        for second in range(start, end):
            row: Any = self._seconds.get(second)
            sold = row.get(self._field, 0) if row else 0
            units += sold
            self._zeros = 0 if row and not ORDER_FIELDS.isdisjoint(row) else self._zeros + 1
            if any(since <= second < until for since, until in self._closed) and not sold:
                continue
            if self._zeros > _GAP_S and self._zeros * usual > _MISSED_ORDERS:
                continue
            open_s += 1
        return units, open_s


def estimate_of(spell: Spell, bins: list[Bin], shapes: Weights, level: float) -> Estimate:
    """What the bins say of the item on air, beginning from its promise and the show's usual shapes.

    The weights of the shapes come from the whole spell, each count trusted no more than its over-dispersion
    allows; the scale forgets with a half-life of a minute, because a room drifts."""
    prior = Promise(spell.appeal, min(spell.variance, 4.0))
    at_s = bins[-1].at_s + bins[-1].open_s / 2 if bins else 0.0
    trust = [1 / (1 + _CV * _CV * each.units) for each in bins]
    fresh = [t * 0.5 ** ((at_s - each.at_s) / _HALF_LIFE_S) for t, each in zip(trust, bins, strict=True)]
    counts = [t * each.units for t, each in zip(trust, bins, strict=True)]
    exposed = [t * each.open_s * each.level for t, each in zip(trust, bins, strict=True)]
    fresh_exposed = [f * each.open_s * each.level for f, each in zip(fresh, bins, strict=True)]
    total, recent = sum(counts), sum(f * each.units for f, each in zip(fresh, bins, strict=True))
    table = columns([step_of(each.at_s) for each in bins])
    wholes = [_settled(prior, total, sum(map(mul, exposed, rates))) for rates, _ in table]
    fits = [sum(map(mul, counts, logs)) + whole.fit for whole, (_, logs) in zip(wholes, table, strict=True)]
    weights = _normalised([log(usual) + _TEMPER * fit for usual, fit in zip(shapes, fits, strict=True)])
    scales = [
        _settled(prior, recent, sum(map(mul, fresh_exposed, rates))) if weight > _SLIGHT else whole
        for weight, whole, (rates, _) in zip(weights, wholes, table, strict=True)
    ]
    return Estimate(
        sku=spell.sku,
        weights=weights,
        alphas=tuple(each.sureness for each in scales),
        betas=tuple(each.sureness / exp(each.scale) for each in scales),
        level=level,
        at_s=at_s,
        units=sum(each.units for each in bins),
    )


class _Scale(NamedTuple):
    """The log of a scale, the precision of that, and how well it fits counts and promise (a log-likelihood)."""

    scale: float
    sureness: float
    fit: float


def _settled(prior: Promise, count: float, exposure: float) -> _Scale:
    """The most likely log of a Poisson rate after `count` in an `exposure`. The promise is a Student's t: it counts
    while the data agrees, and yields where a sheet was plainly wrong."""
    scale = log((count + 0.1) / (exposure + 0.1 / exp(prior.appeal)))
    for _ in range(_NEWTON):
        off = scale - prior.appeal
        pull = (_TAIL + 1) / (_TAIL * prior.variance + off * off)
        mean = exposure * exp(scale)
        step = (pull * off - count + mean) / (pull + mean)
        scale -= min(max(step, -1.0), 1.0)
        if abs(step) < _CLOSE:
            break
    off, mean = scale - prior.appeal, exposure * exp(scale)
    spread = _TAIL * prior.variance + off * off
    fit = count * scale - mean - (_TAIL + 1) / 2 * log(spread)
    return _Scale(scale, (_TAIL + 1) / spread + mean, fit)


def _normalised(scores: list[float]) -> Weights:
    best = max(scores)
    raw = [exp(score - best) for score in scores]
    total = sum(raw)
    return tuple(value / total for value in raw)
