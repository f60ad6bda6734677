"""History: what was sold in the shows before, by product and category, for the assortment's expectations."""

import asyncio
from collections.abc import Iterable
from itertools import chain
from typing import NamedTuple

from cueroom.assortment.candidates import Candidate, Profile, Sales
from cueroom.assortment.scoring import Past
from cueroom.lessons import Taught
from cueroom.storage.house import House
from cueroom.storage.teaching import taught_by_all


class Sold(NamedTuple):
    """What a show sold of one product; no category where its sheet names none."""

    sku: str
    category: str
    sales: Sales


async def past_in(house: House, products: Iterable[Candidate], profile: Profile, usual_per_min: float) -> Past:
    """What was sold before in the host's currency, by what the shows that ended have taught, which outlives them;
    `usual_per_min` stands in where there is nothing. Raises StoreUnavailable."""
    shows = [sales_of(taught) for taught in await taught_by_all(house) if taught.currency == profile.currency]
    return await asyncio.to_thread(past_of, shows, products, profile, usual_per_min)


def sales_of(taught: Taught) -> tuple[Sold, ...]:
    """GMV and minutes on air of every item that a show taught something of."""
    return tuple(Sold(seen.sku, seen.category, Sales(seen.minutes, seen.gmv)) for seen in taught.items)


def past_of(
    shows: Iterable[Iterable[Sold]], products: Iterable[Candidate], profile: Profile, usual_per_min: float
) -> Past:
    """The shows together, by product, and by category with the host's own sales. A product's category is that of the
    pool, else that of the show."""
    known = {product.sku: product.category for product in products}
    sold: dict[str, Sales] = {}
    categories = dict(profile.sales)
    for sku, category, sales in chain.from_iterable(shows):
        sold[sku] = _plus(sold.get(sku), sales)
        if category := known.get(sku, category):
            categories[category] = _plus(categories.get(category), sales)
    return Past(sold, categories, usual_per_min)


def _plus(one: Sales | None, other: Sales) -> Sales:
    return Sales(one.minutes + other.minutes, one.gmv + other.gmv) if one else other
