"""Chance: seeded draws of counts, and their means for a world without chance."""

from math import exp, sqrt
from random import Random
from typing import Protocol

_FEW = 30.0


class Draws(Protocol):
    """How counts come about: by chance, or as their means."""

    def count(self, mean: float) -> float:
        """How often something independent and rare happens that happens `mean` times on average."""
        ...

    def part(self, whole: float, share: float) -> float:
        """How many of `whole` are among a `share` of them."""
        ...


class Dice:
    """Draws by chance; the same seed gives the same draws."""

    def __init__(self, seed: str) -> None:
        self.random = Random(seed)  # noqa: S311 (a simulation, no secret)

    def count(self, mean: float) -> int:
        if mean <= 0:
            return 0
        if mean > _FEW:
            return max(0, round(self.random.gauss(mean, sqrt(mean))))
        return self._poisson(mean)

    def part(self, whole: float, share: float) -> int:
        n = int(whole)
        mean = n * share
        if mean > _FEW and n - mean > _FEW:
            return min(n, max(0, round(self.random.gauss(mean, sqrt(mean * (1 - share))))))
        if n > _FEW:
            return n - self._rare_part(n, 1 - share) if share > 0.5 else self._rare_part(n, share)  # noqa: PLR2004  # a half
        return sum(self.random.random() < share for _ in range(n))

    def _rare_part(self, n: int, share: float) -> int:
        return min(n, self._poisson(n * share))

    def _poisson(self, mean: float) -> int:
        limit, product, count = exp(-mean), self.random.random(), 0
        while product > limit:
            product *= self.random.random()
            count += 1
        return count


class Means:
    """The world without chance, for a scheduler that knows everything."""

    def count(self, mean: float) -> float:
        return mean

    def part(self, whole: float, share: float) -> float:
        return whole * share
