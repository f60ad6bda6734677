"""Scoring: what a minute of each candidate is expected to bring this host, and why.

Expected GMV per minute = (GMV in its past minutes + K x prior) / (past minutes + K): shrinkage of a product's own
history towards its category's, and of the category's towards all there is (K minutes each). The prior of a product
is its category's level times its fit: by tags, by fans and by price.
"""

from collections.abc import Iterable, Mapping
from math import erf, exp, log, sqrt
from statistics import fmean

import msgspec

from cueroom.assortment.candidates import Candidate, Profile, Sales
from cueroom.pacing.curve import PRIOR, Mean
from cueroom.show.rundown import Role

TRUST_MIN = 20.0
"""Minutes of its own that an estimate needs to count as much as what it is shrunk towards; assumed."""

SLOT_MIN = 10.0
"""Length of the time on air whose average a GMV per minute is; longer ones bring less each minute."""

DEMAND_SD = 0.6
"""How far demand lies from what was expected, as the standard deviation of a factor's logarithm; assumed."""

RATING, RATINGS = 4.6, 30.0
"""What an unrated product is taken for, and how many ratings weigh as much as that; assumed."""

LEAST_FIT = 0.25
"""A product that fits in nothing still sells so much of what one that fits does; assumed."""

_SHAPE = Mean(PRIOR)


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """A candidate's worth to this host. `gmv_per_min` in minor units, over SLOT_MIN minutes; it lies between what was
    sold of its `own` and `prior_per_min`, its category's `level_per_min` (which `level_min` minutes stand behind) times
    its `fit`; the fits from 0 to 1; `income`: the part of GMV that is earned, against the mean of the pool (1.0);
    `roles`: how well it plays each role, from 0 to 1."""

    candidate: Candidate
    gmv_per_min: float
    own: Sales
    level_per_min: float
    level_min: float
    fit: float
    fit_tags: float
    fit_fans: float
    fit_price: float
    income: float
    roles: Mapping[Role, float]

    @property
    def prior_per_min(self) -> float:
        """What it is shrunk towards, in minor units."""
        return self.level_per_min * self.fit

    @property
    def supply(self) -> float:
        """What its stock that can leave in time comes to, in minor units."""
        return float(self.candidate.sellable * self.candidate.price)

    def demand(self, minutes: float) -> float:
        """What so many minutes on air are expected to bring if there is always stock, in minor units."""
        return self.gmv_per_min * SLOT_MIN * _SHAPE.sold(60 * minutes) / _SHAPE.sold(60 * SLOT_MIN)

    def gmv(self, minutes: float) -> float:
        """Expected GMV of so many minutes on air, in minor units, with the stock that can leave in time."""
        return expected_sales(self.demand(minutes), self.supply)


class Past(msgspec.Struct, frozen=True):
    """What was sold before: by product, by category; `usual_per_min` (minor units) stands in where there is nothing."""

    products: Mapping[str, Sales]
    categories: Mapping[str, Sales]
    usual_per_min: float

    def category_per_min(self, category: str) -> float:
        """GMV per minute of a category, shrunk towards that of all."""
        everything = _pooled(self.categories.values())
        overall = _shrunk(everything, self.usual_per_min)
        return _shrunk(self.of_category(category), overall)

    def of_category(self, category: str) -> Sales:
        """What was sold of a category."""
        return self.categories.get(category, _NOTHING)


def score_pool(candidates: Iterable[Candidate], profile: Profile, past: Past) -> list[Score]:
    """The score of every candidate, in the order given."""
    pool = list(candidates)
    incomes = [candidate.income for candidate in pool if candidate.income]
    usual_income = fmean(incomes) if incomes else 1.0
    levels = {category: past.category_per_min(category) for category in {candidate.category for candidate in pool}}
    return [_score(candidate, profile, past, levels[candidate.category], usual_income) for candidate in pool]


def _score(candidate: Candidate, profile: Profile, past: Past, level: float, usual_income: float) -> Score:
    tags = fit_tags(candidate.tags, profile.tags)
    fans = fit_fans(candidate, profile)
    price = fit_price(candidate.price, profile)
    own = past.products.get(candidate.sku, _NOTHING)
    fit = LEAST_FIT + (1 - LEAST_FIT) * (tags + fans + price) / 3
    per_min = _shrunk(own, level * fit)
    income = candidate.income / usual_income if candidate.income else 1.0
    return Score(
        candidate=candidate,
        gmv_per_min=per_min,
        own=own,
        level_per_min=level,
        level_min=past.of_category(candidate.category).minutes,
        fit=fit,
        fit_tags=tags,
        fit_fans=fans,
        fit_price=price,
        income=income,
        roles=_roles(candidate, profile, per_min / level if level else 1.0, income),
    )


def fit_tags(tags: frozenset[str], wanted: Mapping[str, float]) -> float:
    """The part of the host's tags, by weight, that the product has too, against the most its number of tags could
    reach; 1 where either has none."""
    best = sum(sorted(wanted.values(), reverse=True)[: len(tags)])
    return sum(wanted.get(tag, 0.0) for tag in tags) / best if best else 1.0


def fit_fans(candidate: Candidate, profile: Profile) -> float:
    """The part of the fans the product is for, taking sex and age as independent; 1 where nothing is known."""
    sex = profile.sexes.get(candidate.sex, 0.0) if candidate.sex and profile.sexes else 1.0
    age = sum(profile.ages.get(age, 0.0) for age in candidate.ages) if candidate.ages and profile.ages else 1.0
    return min(1.0, sex * age)


def fit_price(price: int, profile: Profile) -> float:
    """1 within the band the fans buy in; outside it falls like a bell over the logarithm: 0.61 at twice the upper or
    half the lower edge."""
    edge = min(max(price, profile.price_low), profile.price_high)
    return exp(-0.5 * (log(price / edge) / log(2)) ** 2)


def expected_sales(demand: float, supply: float) -> float:
    """The mean of min(D, supply) for a log-normal D of mean `demand` (standard deviation DEMAND_SD of its logarithm):
    what stock is expected to sell, the chance that it runs out included."""
    if demand <= 0 or supply <= 0:
        return 0.0
    above = _above(demand, supply)
    return demand * _normal(above - DEMAND_SD) + supply * (1 - _normal(above))


def sold_out_chance(demand: float, supply: float) -> float:
    """The chance that a demand of that mean is more than the supply."""
    if demand <= 0 or supply <= 0:
        return float(demand > 0)
    return 1 - _normal(_above(demand, supply))


def _above(demand: float, supply: float) -> float:
    """How many standard deviations the supply lies above the middle demand."""
    return (log(supply / demand) + DEMAND_SD**2 / 2) / DEMAND_SD


def _roles(candidate: Candidate, profile: Profile, level: float, income: float) -> dict[Role, float]:
    """How well it plays each role: `traffic` is cheap for these fans, `benefit` is cheap and liked, `hot` sells like
    its category or better and is liked, `profit` earns above the pool's usual; `regular` is anybody's."""
    cheap = min(1.0, profile.price_low / candidate.price)
    rating = RATING if candidate.rating is None else candidate.rating
    liked = (rating * candidate.ratings + RATING * RATINGS) / (candidate.ratings + RATINGS) / 5
    return {
        Role.TRAFFIC: cheap,
        Role.BENEFIT: sqrt(cheap) * liked,
        Role.HOT: min(1.0, level) * liked,
        Role.PROFIT: income / (1 + income),
        Role.REGULAR: 0.5,
    }


_NOTHING = Sales(0.0, 0.0)


def _pooled(sales: Iterable[Sales]) -> Sales:
    rows = list(sales)
    return Sales(sum(row.minutes for row in rows), sum(row.gmv for row in rows))


def _shrunk(own: Sales, towards: float) -> float:
    return (own.gmv + TRUST_MIN * towards) / (own.minutes + TRUST_MIN)


def _normal(x: float) -> float:
    return 0.5 * (1 + erf(x / sqrt(2)))
