"""History: what was sold in the shows before, by product and category, for the assortment's expectations."""

from collections.abc import Iterable, Mapping

from cueroom.assortment.candidates import Candidate, Profile, Sales
from cueroom.assortment.scoring import Past
from cueroom.board import Phase
from cueroom.errors import UnknownShow
from cueroom.state import Snapshot
from cueroom.store import Store

MINUTE_MS = 60_000
STILL_PAID_MS = 86_400_000
"""For so long after its end a show's figures may still move."""

SalesBySku = Mapping[str, Sales]


class History:
    """What the ended shows came to. One for a process: of a show that ended long ago it is read once."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, int], SalesBySku] = {}

    async def past(
        self, store: Store, products: Iterable[Candidate], profile: Profile, usual_per_min: float, now: int
    ) -> Past:
        """What was sold before in the host's currency, in all shows; `usual_per_min` stands in where there is nothing.
        Raises StoreUnavailable."""
        shows = [sales for show in await store.shows() if (sales := await self._show(store, show, profile, now))]
        return past_of(shows, products, profile, usual_per_min)

    async def _show(self, store: Store, show: str, profile: Profile, now: int) -> SalesBySku | None:
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


def sales_of(snapshot: Snapshot) -> dict[str, Sales]:
    """GMV and minutes on air of every item of a show that was on air."""
    aired: dict[str, int] = {}
    for play in snapshot.board.plays:
        aired[play.sku] = aired.get(play.sku, 0) + play.until - play.since
    return {sku: Sales(ms / MINUTE_MS, snapshot.counts(sku).gmv) for sku, ms in aired.items() if ms > 0}


def past_of(shows: Iterable[SalesBySku], products: Iterable[Candidate], profile: Profile, usual_per_min: float) -> Past:
    """The shows together, by product; by the categories that products of the pool are in, with the host's own sales."""
    sold: dict[str, Sales] = {}
    for show in shows:
        for sku, sales in show.items():
            sold[sku] = _plus(sold.get(sku), sales)
    categories = dict(profile.sales)
    for product in products:
        if product.sku in sold:
            categories[product.category] = _plus(categories.get(product.category), sold[product.sku])
    return Past(sold, categories, usual_per_min)


def _plus(one: Sales | None, other: Sales) -> Sales:
    return Sales(one.minutes + other.minutes, one.gmv + other.gmv) if one else other
