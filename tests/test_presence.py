"""Laws of presence: every process sees every screen, how late it paints, and when it has gone."""

import time
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from websockets.sync.client import connect

from conftest import ShowOnServer
from cueroom.state import Screen
from cueroom.store import SEEN_S, Store, prefix_of

SCREEN_ID = "0123456789abcdef"


def address(show: ShowOnServer, path: str) -> str:
    return f"{show.server.ws_url}/shows/{show.id}/{path}"


def screens(show: ShowOnServer) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = show.state()["screens"]
    return told


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_every_connected_screen_is_seen_with_what_it_is_and_gone_when_it_leaves(show: ShowOnServer) -> None:
    prompter = address(show, f"prompter/live?host=guest&screen={SCREEN_ID}")
    with connect(prompter, additional_headers=show.headers("host")), show.connect_feed("viewer"):
        until(lambda: len(screens(show)) == 2)
        by_kind = {screen["screen"]: screen for screen in screens(show)}
        assert by_kind["prompter"]["id"] == SCREEN_ID
        assert (by_kind["prompter"]["host"], by_kind["prompter"]["role"]) == ("guest", "host")
        assert (by_kind["feed"]["host"], by_kind["feed"]["role"], by_kind["feed"]["delay_ms"]) == (None, "viewer", None)
        assert by_kind["feed"]["since"] <= show.state()["time"]
        elsewhere = show.server.with_store(lambda store: store.screens(show.id))
        assert {screen.id for screen in elsewhere} == {screen["id"] for screen in screens(show)}
    until(lambda: screens(show) == [])


def test_a_screens_delay_is_from_the_moment_of_a_frame_to_its_report(show: ShowOnServer) -> None:
    url = f"/shows/{show.id}/screens/{SCREEN_ID}/delay"
    overlay = address(show, f"overlay/live?screen={SCREEN_ID}")
    with connect(overlay, additional_headers=show.headers("viewer")):
        until(lambda: len(screens(show)) == 1)
        painted = {"time": show.state()["time"] - 250}
        assert show.http.post(url, json=painted, headers=show.headers("viewer")).status_code == 204
        assert 250 <= screens(show)[0]["delay_ms"] < 60_000


@pytest.mark.parametrize(
    ("role", "body", "status"), [("viewer", {"time": 1}, 404), ("viewer", {}, 400), ("ingest", {"time": 1}, 403)]
)
def test_a_report_that_cannot_be_is_told_why(show: ShowOnServer, role: str, body: dict[str, int], status: int) -> None:
    url = f"/shows/{show.id}/screens/{SCREEN_ID}/delay"
    assert show.http.post(url, json=body, headers=show.headers(role)).status_code == status


def test_a_screen_whose_server_died_is_forgotten(show: ShowOnServer) -> None:
    lost = Screen(id=SCREEN_ID, screen="console", host=None, role="producer", since=1)

    async def seen_long_ago(store: Store) -> dict[bytes, bytes]:
        long_ago = int(time.time()) - SEEN_S - 1
        key = f"{prefix_of(show.id)}screens"
        await store._redis.hset(key, lost.id, msgspec.msgpack.encode((long_ago, lost)))
        assert await store.screens(show.id) == ()
        left: dict[bytes, bytes] = await store._redis.hgetall(key)
        return left

    assert show.server.with_store(seen_long_ago) == {}
