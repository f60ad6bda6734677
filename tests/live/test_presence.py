"""Laws of presence: every process sees every screen, how late it paints, and when it has gone."""

import json
import time
from typing import Any

import msgspec
from websockets.sync.client import connect

from conftest import ShowOnServer
from cueroom.show.state import Screen
from cueroom.storage.store import SEEN_S, Store, prefix_of
from waiting import PATIENCE_S, until

SCREEN_ID = "0123456789abcdef"


def address(show: ShowOnServer, path: str) -> str:
    return f"{show.server.ws_url}/shows/{show.id}/{path}"


def screens(show: ShowOnServer) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = show.state()["screens"]
    return told


def test_every_connected_screen_is_seen_with_what_it_is_and_gone_when_it_leaves(show: ShowOnServer) -> None:
    prompter = address(show, f"prompter/live?host=guest&screen={SCREEN_ID}")
    with (
        connect(prompter, additional_headers=show.headers("host"), open_timeout=PATIENCE_S),
        show.connect_feed("viewer"),
    ):
        until(lambda: len(screens(show)) == 2, "both are seen")
        by_kind = {screen["screen"]: screen for screen in screens(show)}
        assert by_kind["prompter"]["id"] == SCREEN_ID
        assert (by_kind["prompter"]["host"], by_kind["prompter"]["role"]) == ("guest", "host")
        assert (by_kind["feed"]["host"], by_kind["feed"]["role"], by_kind["feed"]["delay_ms"]) == (None, "viewer", None)
        assert by_kind["feed"]["since"] <= show.state()["time"]
        elsewhere, _ = show.server.with_store(lambda store: store.read(show.id, 0))
        assert {screen.id for screen in elsewhere.screens} == {screen["id"] for screen in screens(show)}
    until(lambda: screens(show) == [], "both are gone")


def test_a_screens_delay_is_from_the_moment_of_a_frame_to_its_report(show: ShowOnServer) -> None:
    overlay = address(show, f"overlay/live?screen={SCREEN_ID}")
    with connect(overlay, additional_headers=show.headers("viewer"), open_timeout=PATIENCE_S) as socket:
        socket.send(json.dumps({"time": show.state()["time"] - 250}))
        until(lambda: screens(show) != [] and screens(show)[0]["delay_ms"] is not None, "its delay is told")
        assert 250 <= screens(show)[0]["delay_ms"] < 60_000


def test_a_report_that_cannot_be_is_passed_over(show: ShowOnServer) -> None:
    with connect(
        address(show, "overlay/live"), additional_headers=show.headers("viewer"), open_timeout=PATIENCE_S
    ) as socket:
        for report in ("{}", "no report", '{"time": "now"}', b"\x00"):
            socket.send(report)
        assert all(socket.recv(timeout=PATIENCE_S) for _ in range(3))


def test_screens_whose_server_died_are_forgotten(show: ShowOnServer) -> None:
    lost = Screen(id=SCREEN_ID, screen="console", host=None, role="producer", since=1)

    async def told_long_ago(store: Store) -> dict[bytes, bytes]:
        key = f"{prefix_of(show.id)}screens"
        long_ago = b"%d|" % (time.time() - SEEN_S - 1)
        redis = await store._link.home(key)
        await redis.hset(key, "died", long_ago + msgspec.msgpack.encode([lost]))
        snapshot, _ = await store.read(show.id, 0)
        assert snapshot.screens == ()
        await store.see_screens(show.id, "alive", [lost])
        snapshot, _ = await store.read(show.id, 0)
        assert snapshot.screens == (lost,)
        left: dict[bytes, bytes] = await redis.hgetall(key)
        return left

    assert list(show.server.with_store(told_long_ago)) == [b"alive"]
