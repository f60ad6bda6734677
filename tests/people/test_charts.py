"""What the charts begin with."""

import json
import re

from websockets.sync.client import connect

from conftest import ShowOnServer
from feeding import PlainFeed, order
from waiting import PATIENCE_S


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


def test_an_edit_is_marked_in_the_charts_as_it_happens_and_at_the_same_place_after_a_reload(show: ShowOnServer) -> None:
    show.command("present", sku="V01")
    address = f"{show.server.ws_url}/shows/{show.id}/console/live"
    with connect(
        address, additional_headers=show.headers("producer"), max_size=None, open_timeout=PATIENCE_S
    ) as socket:
        assert 'data-deed=""' in str(socket.recv(timeout=PATIENCE_S))
        show.command("skip", sku="V03")
        marked = None
        while marked is None:
            marked = re.search(r'data-deed="(\d+)"', str(socket.recv(timeout=PATIENCE_S)))
    assert json.loads(_data(show, "marks"))[-1] == [int(marked[1]), "deed"]
