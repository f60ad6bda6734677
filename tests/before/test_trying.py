"""Laws of trying a plan: what goes on air is a copy, and only for who may see every show."""

import httpx2
import msgspec

from conftest import ShowOnServer, small_rundown
from cueroom.before.trying import copy_of
from cueroom.showfile.fields import LONGEST_ID
from waiting import PATIENCE_S, until

START = 1_800_000_000_000


def test_the_copy_is_the_show_under_an_id_and_a_start_of_its_own() -> None:
    show = msgspec.structs.replace(small_rundown("a" * LONGEST_ID), utc_offset_min=480)
    copy = copy_of(show, START)
    assert len(copy.id) <= LONGEST_ID
    assert copy.id.endswith("-try-0115-160000")
    assert copy_of(show, START + 1000).id != copy.id
    assert msgspec.structs.replace(copy, id=show.id, starts_at=show.starts_at) == show


def test_a_producer_of_one_show_cannot_begin_another(show: ShowOnServer) -> None:
    answer = show.http.post(f"/shows/{show.id}/plan/try", headers=show.headers("producer"))
    assert answer.status_code == 401
    assert show.state()["phase"] == "planned"


def test_the_copy_goes_on_air_and_the_show_does_not(show: ShowOnServer) -> None:
    headers = {"Authorization": f"Bearer {show.server.new_house_key()}"}
    answer = show.http.post(f"/shows/{show.id}/plan/try", headers=headers)
    assert answer.status_code == 201
    copy = answer.json()["url"].split("/")[2]
    with httpx2.Client(base_url=show.server.url, headers=headers, timeout=PATIENCE_S) as client:
        until(lambda: client.get(f"/v1/shows/{copy}").json()["phase"] == "live", "it is on air")
    assert show.state()["phase"] == "planned"


def test_a_copy_sells_nothing_so_it_needs_no_papers() -> None:
    assert not copy_of(msgspec.structs.replace(small_rundown("show"), papers=True), START).papers
