"""History: what was sold in the shows before, by product and category, for the assortment's expectations."""

from collections.abc import Iterable
from itertools import chain
from typing import NamedTuple

from cueroom.assortment.candidates import Candidate, Profile, Sales
from cueroom.assortment.scoring import Past
from cueroom.board import Phase
from cueroom.errors import UnknownShow
from cueroom.state import Snapshot
from cueroom.store import Store

MINUTE_MS = 60_000
STILL_PAID_MS = 86_400_000
"""For so long after its end a show's figures may still move."""


class Sold(NamedTuple):
    """What a show sold of one product; no category where its sheet names none."""

    sku: str
    category: str
    sales: Sales


class History:
    """What the ended shows came to. One for a process: of a show that ended long ago it is read once."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, int], tuple[Sold, ...]] = {}

    async def past(
        self, store: Store, products: Iterable[Candidate], profile: Profile, usual_per_min: float, now: int
    ) -> Past:
        """What was sold before in the host's currency, in all shows; `usual_per_min` stands in where there is nothing.
        Raises StoreUnavailable."""
        shows = [sales for show in await store.shows() if (sales := await self._show(store, show, profile, now))]
        return past_of(shows, products, profile, usual_per_min)

    async def _show(self, store: Store, show: str, profile: Profile, now: int) -> tuple[Sold, ...] | None:
        try:
            board, rundown = await store.board(show), await store.rundown(show)
            if board.phase is not Phase.ENDED or board.ended_at is None or rundown.currency != profile.currency:
                return None
            known = self._told.get((show, board.ended_at))
            if known is not None:
                return known
            snapshot, _ = await store.read(show, now)
        except UnknownShow:  # it ended so long ago that it is not kept any more
            return None
        sales = sales_of(snapshot)
        if now - board.ended_at > STILL_PAID_MS:
            self._told[show, board.ended_at] = sales
        return sales


def sales_of(snapshot: Snapshot) -> tuple[Sold, ...]:
    """GMV and minutes on air of every item of a show that was on air."""
    aired: dict[str, int] = {}
    for play in snapshot.board.plays:
        aired[play.sku] = aired.get(play.sku, 0) + play.until - play.since
    return tuple(
        Sold(item.sku, item.category, Sales(aired[item.sku] / MINUTE_MS, snapshot.counts(item.sku).gmv))
        for item in snapshot.rundown.items
        if aired.get(item.sku)
    )


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
