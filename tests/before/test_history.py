"""History: what ended shows sold is what an assortment expects from."""

import os

import msgspec

from assortment.pools import PROFILE, candidate
from conftest import Server
from cueroom.assortment.candidates import Sales
from cueroom.assortment.scoring import Past
from cueroom.before.history import Sold, past_in, past_of
from cueroom.storage.store import Store
from cueroom.storage.teaching import keep
from lessons.teachers import seen
from lessons.teachers import show as shown


def test_shows_add_up_by_product_and_with_the_hosts_own_sales_by_category() -> None:
    profile = msgspec.structs.replace(PROFILE, sales={"home": Sales(100.0, 1_000.0)})
    shows = [
        [Sold("A", "renamed", Sales(10.0, 500.0)), Sold("gone", "food", Sales(1.0, 1.0))],
        [Sold("A", "", Sales(5.0, 250.0)), Sold("B", "", Sales(2.0, 4.0)), Sold("unknown", "", Sales(3.0, 9.0))],
    ]

    past = past_of(shows, [candidate("A"), candidate("B", category="food")], profile, usual_per_min=7.0)

    assert past == Past(
        {"A": Sales(15.0, 750.0), "gone": Sales(1.0, 1.0), "B": Sales(2.0, 4.0), "unknown": Sales(3.0, 9.0)},
        {"home": Sales(115.0, 1_750.0), "food": Sales(3.0, 5.0)},
        7.0,
    )


def test_what_shows_taught_counts_in_the_hosts_currency(server: Server) -> None:
    here, abroad, sku = f"here-{os.getpid()}", f"abroad-{os.getpid()}", f"H-{os.getpid()}"

    async def past(store: Store) -> Past:
        await keep(store.house, shown(here, seen(sku, 30, minutes=2.5, gmv=9_900)))
        await keep(store.house, shown(abroad, seen(sku, 30, minutes=7.0, gmv=1), currency="JPY"))
        return await past_in(store.house, [candidate(sku)], PROFILE, 1.0)

    told = server.with_store(past)
    assert told.products[sku] == Sales(2.5, 9_900)
    assert told.categories[candidate(sku).category].gmv >= 9_900
