"""History: what ended shows sold is what an assortment expects from."""

import msgspec
import pytest

from assortment.pools import PROFILE, candidate
from conftest import ShowOnServer
from cueroom.assortment.candidates import Sales
from cueroom.assortment.scoring import Past
from cueroom.board import Play
from cueroom.history import History, Sold, past_of, sales_of
from cueroom.store import Store
from feeding import order
from scenes import snapshot


def test_a_show_tells_gmv_by_the_minutes_an_item_was_on_air() -> None:
    shot = snapshot()
    plays = (Play("V01", 0, 60_000, "lead"), Play("V02", 60_000, 90_000, "lead"), Play("V01", 90_000, 180_000, "lead"))
    shot = msgspec.structs.replace(shot, board=msgspec.structs.replace(shot.board, plays=plays))

    assert sales_of(shot) == (
        Sold("V01", "", Sales(2.5, shot.counts("V01").gmv)),
        Sold("V02", "", Sales(0.5, shot.counts("V02").gmv)),
    )


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


def test_only_shows_that_are_over_count_and_only_in_the_hosts_currency(show: ShowOnServer) -> None:
    products = [candidate("V01"), candidate("V02")]
    history = History()

    async def past(store: Store, currency: str = "CNY") -> Past:
        profile = msgspec.structs.replace(PROFILE, currency=currency)
        return await history.past(store, products, profile, 1.0, now_ms())

    def now_ms() -> int:
        return int(show.state()["time"])

    assert show.command("start").status_code == 200
    assert show.command("present", sku="V01").status_code == 200
    show.post([order("first", sku="V01")])
    before = show.server.with_store(past)
    gmv = show.state()["items"]["V01"]["gmv"]
    assert show.command("end").status_code == 200

    after = show.server.with_store(past)

    told = before.products.get("V01", Sales(0.0, 0.0))
    assert after.products["V01"].gmv - told.gmv == gmv > 0
    assert after.products["V01"].minutes > told.minutes
    assert show.server.with_store(lambda store: past(store, "JPY")).products == pytest.approx({})
