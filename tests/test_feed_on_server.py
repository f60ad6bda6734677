"""The sending end of a feed against the real server, which is killed or drained under it."""

import asyncio
import signal
from collections.abc import Callable

import pytest

from conftest import Server, ShowOnServer
from cueroom.feed import Feed, ingest_url
from feeding import order
from waiting import PATIENCE_S

BATCHES = 300


async def push(show: ShowOnServer, disturb: Callable[[], None]) -> Feed:
    async with Feed(ingest_url(show.server.url, show.id), show.keys["ingest"], "steady") as feed:
        for seq in range(1, BATCHES + 1):
            await feed.send(
                [{"type": "viewer.entered", "n": seq}, order(f"o{seq}", "created"), {"type": "viewer.sneezed"}]
            )
            if seq % (BATCHES // 3) == 0:
                await asyncio.to_thread(disturb)
    return feed


def restart_after(number: signal.Signals, server: Server) -> Callable[[], None]:
    def disturb() -> None:
        server.process.send_signal(number)
        server.process.wait(PATIENCE_S)
        server.start()

    return disturb


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_feed_outlives_its_server_and_counts_everything_once(
    tmp_path_factory: pytest.TempPathFactory, number: signal.Signals
) -> None:
    server = Server(tmp_path_factory.mktemp("outlived") / "data")
    try:
        show = server.new_show()
        feed = asyncio.run(asyncio.wait_for(push(show, restart_after(number, server)), PATIENCE_S))
        totals = show.state()["totals"]
        assert (feed.acknowledged, feed.unacknowledged) == (BATCHES, 0)
        assert totals["entered"] == BATCHES * (BATCHES + 1) // 2
        assert totals["orders_created"] == BATCHES
    finally:
        server.stop()


def test_what_the_server_rejects_is_told_with_its_place(show: ShowOnServer) -> None:
    feed = asyncio.run(asyncio.wait_for(push(show, lambda: None), PATIENCE_S))
    assert (feed.accepted, feed.duplicate, feed.rejected) == (2 * BATCHES, 0, BATCHES)
    assert feed.rejections[-1]["seq"] == BATCHES
    assert feed.rejections[-1]["index"] == 2
    assert feed.rejections[-1]["code"] == "unknown_type"
