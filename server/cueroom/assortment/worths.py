"""Worths: what every candidate would be worth in every role and for every length of time on air."""

from collections.abc import Iterable, Sequence
from functools import cached_property

import msgspec
import numpy as np
from numpy.typing import NDArray

from cueroom.assortment.scoring import Score
from cueroom.show.rundown import Role

ROLES = tuple(Role)

MINUTES = (4.0, 6.0, 8.0, 10.0, 12.0, 15.0)
"""Lengths of time on air to choose from."""

INCOME_WEIGHT = 0.3
"""How much of a candidate's worth goes by what is earned of its GMV; the rest by the GMV itself."""


class Pick(msgspec.Struct, frozen=True):
    """A candidate in a role for so many minutes; `gmv` is expected (minor units), `worth` is it weighted by what is
    earned and by how well the candidate plays the role."""

    score: Score
    role: Role
    minutes: float
    gmv: float
    worth: float


class Worths:
    """The worths of a pool, computed once and asked by every wish."""

    def __init__(self, pool: Sequence[Score]) -> None:
        self.pool = pool
        self.places = {score.candidate.sku: at for at, score in enumerate(pool)}
        names = {category: at for at, category in enumerate(sorted({score.candidate.category for score in pool}))}
        self.categories = np.array([names[score.candidate.category] for score in pool], dtype=np.int64)

    def among(self, skus: Iterable[str]) -> NDArray[np.bool_]:
        """Which candidates of the pool are among these; the pool need not know them all."""
        found = np.zeros(len(self.pool), dtype=np.bool_)
        found[[self.places[sku] for sku in skus if sku in self.places]] = True
        return found

    @cached_property
    def gmv(self) -> NDArray[np.float64]:
        """Expected GMV by candidate and length."""
        return np.array([[score.gmv(minutes) for minutes in MINUTES] for score in self.pool]).reshape(-1, len(MINUTES))

    @cached_property
    def worth(self) -> NDArray[np.float64]:
        """Worth by candidate, role and length."""
        weight = np.array([1 - INCOME_WEIGHT + INCOME_WEIGHT * score.income for score in self.pool])
        fits = np.array([[score.roles[role] for role in ROLES] for score in self.pool]).reshape(-1, len(ROLES))
        worth: NDArray[np.float64] = (self.gmv * weight[:, None])[:, None, :] * fits[:, :, None]
        return worth

    def pick(self, candidate: int, role: int, length: int) -> Pick:
        """The candidate at that place of the pool in one of ROLES for one of MINUTES."""
        gmv, worth = self.gmv[candidate, length], self.worth[candidate, role, length]
        return Pick(self.pool[candidate], ROLES[role], MINUTES[length], float(gmv), float(worth))
