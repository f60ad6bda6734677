"""What the charts begin with."""

import json
import re

from conftest import ShowOnServer
from feeding import PlainFeed, order


def _data(show: ShowOnServer, name: str) -> str:
    page = show.http.get(f"/shows/{show.id}/console", headers=show.headers("producer")).text
    found = re.search(rf'data-{name}="([^"]*)"', page.partition('class="panel charts"')[2])
    assert found
    return found[1].replace("&#34;", '"')


def test_the_charts_know_what_was_cued_said_and_released_and_each_items_orders(show: ShowOnServer) -> None:
    with show.connect_ingest() as socket:
        feed = PlainFeed(socket)
        show.command("present", sku="V01")
        show.command("message", text="慢一点")
        show.command("release", sku="V01", units=60)
        feed.push([order("a", "created"), order("b", "created"), order("c", "created", sku="V02")])
    kinds = [kind for _, kind in json.loads(_data(show, "marks"))]
    assert [kind for kind in kinds if kind != "cue"] == ["message", "deed"]
    orders = {sku: sum(n for _, n in pairs) for sku, pairs in json.loads(_data(show, "items")).items()}
    assert orders == {"V01": 2, "V02": 1}
