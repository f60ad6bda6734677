"""Candidates: a product that may come into a show, the host it would be for, and what is asked of the show."""

from collections.abc import Mapping

import msgspec

from cueroom.show.rundown import Role


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A product of the pool. `price` in minor units; `commission` and `margin` as parts of the price; `stock` and
    `ship_48h` (units that can leave the warehouse within 48 hours) in units; `rating` out of 5 from `ratings` people.
    `tags` say what it and its brand stand for; `sex` and `ages` whom it is for, everybody where they are empty."""

    sku: str
    name: str
    category: str
    price: int
    stock: int
    tags: frozenset[str] = frozenset()
    commission: float = 0.0
    margin: float = 0.0
    ship_48h: int | None = None
    rating: float | None = None
    ratings: int = 0
    sex: str = ""
    ages: frozenset[str] = frozenset()
    supplier: str = ""

    @property
    def income(self) -> float:
        """What is earned of its price, as a part of it."""
        return self.commission + self.margin

    @property
    def sellable(self) -> int:
        """Units that can be sold and still leave in time."""
        return self.stock if self.ship_48h is None else min(self.stock, self.ship_48h)


class Sales(msgspec.Struct, frozen=True):
    """What was sold in some minutes on air; `gmv` in minor units."""

    minutes: float
    gmv: float


DAY_H = 24


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """A host and the people who follow. `tags`: what the host talks about, with weights; `sexes` and `ages`: parts of
    the fans; `active_hours`: when most of them watch (0 to 23); `price_low` and `price_high`: the band they buy in, in
    minor units of `currency`; `sales`: past sales by category."""

    name: str
    currency: str = "CNY"
    tags: Mapping[str, float] = {}
    fans: int = 0
    sexes: Mapping[str, float] = {}
    ages: Mapping[str, float] = {}
    active_hours: frozenset[int] = frozenset()
    price_low: int
    price_high: int
    sales: Mapping[str, Sales] = {}

    def best_start(self, length_min: float) -> int | None:
        """The full hour at which a show of that length meets most of the active hours; of several one of these, the
        earliest. None where none are known."""
        if not self.active_hours:
            return None
        return max(range(DAY_H), key=lambda hour: (self._met_min(hour, length_min), hour in self.active_hours))

    def _met_min(self, start: int, length_min: float) -> float:
        """How many minutes of a show that starts at that hour lie in the active hours, each of which counts once."""
        hours = ((start + hour) % DAY_H for hour in range(DAY_H))
        shown = (min(60.0, max(0.0, length_min - 60 * hour)) for hour in range(DAY_H))
        return sum(minutes for hour, minutes in zip(hours, shown, strict=True) if hour in self.active_hours)


class Span(msgspec.Struct, frozen=True):
    """From how many to how many."""

    least: int
    most: int


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What a show has to be: how long (minutes), how many items, of which roles, how many of one category at most;
    `pins` are in it, in a role of their own if one is named, `bans` are not."""

    length_min: float
    count: Span
    roles: Mapping[Role, Span] = {}
    category_most: int
    pins: Mapping[str, Role | None] = {}
    bans: frozenset[str] = frozenset()
