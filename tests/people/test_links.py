"""Laws of links: a producer gives a phone its own key, for no more and no longer than may be."""

from typing import Any

import httpx2
import pytest

from conftest import HOUR_MS, ShowOnServer
from cueroom.show.access import KeyRecord, Role, new_key, read_key, read_token


def make(show: ShowOnServer, order: dict[str, Any], by: str = "producer") -> httpx2.Response:
    return show.http.post(f"/shows/{show.id}/links", json=order, headers=show.headers(by))


def key_of(show: ShowOnServer, url: str) -> KeyRecord:
    """The record behind the key in a link."""
    token = read_token(url.partition("/join/")[2].partition("?")[0])
    credential = read_key(token[1]) if token else None
    assert credential
    record = show.server.with_store(lambda store: store.get_key(show.id, credential.id))
    assert record
    return record


def test_a_link_leads_a_phone_to_its_screen_and_its_code_is_an_image(show: ShowOnServer) -> None:
    link = make(show, {"role": "host", "to": "prompter", "host": "guest", "ttl_h": 2}).json()
    assert link["url"].startswith(f"{show.server.url}/join/{show.id}.")
    assert link["url"].endswith("?to=prompter&host=guest")
    answer = show.http.get(link["url"], follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"/shows/{show.id}/prompter?host=guest&joined=1",
    )
    assert link["svg"].startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    assert link["svg"].endswith("</svg>")
    record = key_of(show, link["url"])
    assert (record.role, record.expires_at - record.created_at) == (Role.HOST, 2 * HOUR_MS)
    assert record.expires_at == link["expires_at"]


def test_a_link_ends_with_the_key_that_made_it(show: ShowOnServer) -> None:
    record, plain = new_key(Role.PRODUCER, HOUR_MS, show.state()["time"])
    show.server.with_store(lambda store: store.put_key(show.id, record))
    headers = {"Authorization": f"Bearer {plain}"}
    link = show.http.post(f"/shows/{show.id}/links", json={"role": "viewer", "ttl_h": 100}, headers=headers).json()
    assert link["expires_at"] == record.expires_at


@pytest.mark.parametrize(
    ("order", "status"),
    [
        ({"role": "ingest"}, 400),
        ({"role": "viewer", "to": "console"}, 400),
        ({"role": "host", "to": "console"}, 400),
        ({"role": "host", "ttl_h": 0}, 400),
        ({"role": "host", "ttl_h": 1000}, 400),
        ({"role": "host", "host": "nobody"}, 404),
        ({}, 400),
    ],
)
def test_a_link_that_cannot_be_is_told_why(show: ShowOnServer, order: dict[str, Any], status: int) -> None:
    response = make(show, order)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")


@pytest.mark.parametrize("role", ["host", "viewer", "ingest"])
def test_only_producers_make_links(show: ShowOnServer, role: str) -> None:
    assert make(show, {"role": "viewer"}, by=role).status_code == 403
