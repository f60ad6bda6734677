"""Pooling: estimates of nested groups, each drawn towards what it is part of, the less so the more it has shown.

Everything is the logarithm of a factor, and normal. A group lies around its parent with the standard deviation of its
level, τ; a measurement around its group with its own variance. With m and p the mean of a group's own measurements and
its precision (1 ÷ variance),

    estimate = (p m + parent's estimate ÷ τ²) ÷ (p + 1 ÷ τ²),

so the group's own part is p ÷ (p + 1 ÷ τ²). A group's measurements are those of its parts, each weakened by its own τ²:
one part that was seen a hundred times tells less of the whole than ten that were seen once."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

Path = tuple[str, ...]
"""A group: the names of the groups it is in, outermost first, and its own; () is everything."""


class Told(msgspec.Struct, frozen=True):
    """A measurement within the innermost group."""

    path: Path
    value: float
    variance: float


class Estimate(msgspec.Struct, frozen=True):
    """What a group is taken for, as a mean and its variance. `own` is the mean of its own measurements (None: it has
    none), `part` how much of the estimate comes from them, `towards` the parent's, from which the rest comes."""

    mean: float
    variance: float
    own: float | None
    part: float
    towards: float


class _Sum(msgspec.Struct, frozen=True):
    precision: float
    mean: float


def pooled(told: Iterable[Told], default: float, sds: Sequence[float]) -> dict[Path, Estimate]:
    """The estimate of every group that was measured, and of everything. `sds` are the τ of the levels: first how far
    everything lies around the stated `default`, last how far the innermost groups lie around theirs."""
    sums = _sums(told, sds)
    estimates: dict[Path, Estimate] = {}
    for path in sorted(sums.keys() | {()}, key=lambda path: (len(path), path)):
        parent = estimates[path[:-1]] if path else Estimate(default, 0.0, None, 0.0, default)
        estimates[path] = below(parent, sds[len(path)], sums.get(path))
    return estimates


def below(parent: Estimate, sd: float, own: _Sum | None = None) -> Estimate:
    """The estimate of a group of that parent; without measurements of its own, the parent's, and less sure."""
    precision = own.precision if own else 0.0
    rest = 1 / (sd * sd)
    part = precision / (precision + rest)
    return Estimate(
        mean=parent.mean + part * (own.mean - parent.mean) if own else parent.mean,
        variance=1 / (precision + rest) + (1 - part) ** 2 * parent.variance,
        own=own.mean if own else None,
        part=part,
        towards=parent.mean,
    )


def _sums(told: Iterable[Told], sds: Sequence[float]) -> Mapping[Path, _Sum]:
    """What was measured in every group, innermost groups first. The order of telling changes nothing."""
    parts: dict[Path, list[tuple[float, float]]] = {}
    for each in told:
        parts.setdefault(each.path, []).append((1 / each.variance, each.value))
    sums: dict[Path, _Sum] = {}
    for depth in range(len(sds) - 1, -1, -1):
        for path in [path for path in parts if len(path) == depth]:
            own = sums[path] = _sum(parts[path])
            if path:
                weakened = 1 / (1 / own.precision + sds[depth] ** 2)
                parts.setdefault(path[:-1], []).append((weakened, own.mean))
    return sums


def _sum(parts: list[tuple[float, float]]) -> _Sum:
    """Sorted first, so that the sum is the same to the last bit however they came."""
    precision = sum(sorted(weight for weight, _ in parts))
    return _Sum(precision, sum(sorted(weight * value for weight, value in parts)) / precision)
