"""The sending end of a feed, against a small server that plays the contract's other end."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgpack
import pytest
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from cueroom import feed
from cueroom.feed import Feed, FeedError
from waiting import PATIENCE_S

EVENT = {"type": "viewer.entered", "n": 3}


class Gateway:
    """Keeps durable batches as the contract says, and misbehaves on demand."""

    def __init__(self, *, window: int = 4, max_events: int = 100, max_bytes: int = 10_000) -> None:
        self.limits = {"window": window, "max_events": max_events, "max_bytes": max_bytes, "time": 0}
        self.durable: list[Any] = []
        self.seen: list[int] = []
        self.hellos: list[str] = []
        self.headers: list[Headers] = []
        self.refusals: list[int] = []
        self.close_at: dict[int, int] = {}
        self.lose_ack_of: set[int] = set()
        self.acks_allowed = asyncio.Event()
        self.acks_allowed.set()
        self.got = asyncio.Condition()

    def admit(self, connection: ServerConnection, request: Request) -> Response | None:
        self.headers.append(request.headers)
        return connection.respond(self.refusals.pop(), "no\n") if self.refusals else None

    async def handle(self, socket: ServerConnection) -> None:
        hello = msgpack.unpackb(await socket.recv())
        self.hellos.append(hello["hello"]["producer"])
        await socket.send(msgpack.packb({"welcome": {"resume": len(self.durable), **self.limits}}))
        async for frame in socket:
            batch = msgpack.unpackb(frame)
            await self.take(socket, batch["seq"], batch["events"])

    async def take(self, socket: ServerConnection, seq: int, events: list[Any]) -> None:
        self.seen.append(seq)
        async with self.got:
            self.got.notify_all()
        if seq in self.close_at:
            await socket.close(self.close_at.pop(seq))
            return
        duplicate = seq <= len(self.durable)
        if not duplicate:
            assert seq == len(self.durable) + 1
            self.durable.append(events)
        if seq in self.lose_ack_of:
            self.lose_ack_of.remove(seq)
            socket.transport.abort()
            return
        await self.acks_allowed.wait()
        counts = {"accepted": 0, "duplicate": len(events)} if duplicate else {"accepted": len(events), "duplicate": 0}
        await socket.send(msgpack.packb({"ack": len(self.durable), **counts, "rejected": []}))

    async def until_seen(self, count: int) -> None:
        async with self.got:
            await self.got.wait_for(lambda: len(self.seen) >= count)


Story = Callable[[str], Awaitable[None]]


def play(gateway: Gateway, story: Story) -> None:
    async def run() -> None:
        server: Server
        async with serve(
            gateway.handle, "127.0.0.1", 0, subprotocols=[feed.SUBPROTOCOL], process_request=gateway.admit
        ) as server:
            port = server.sockets[0].getsockname()[1]
            await story(feed.ingest_url(f"http://127.0.0.1:{port}", "launch"))

    asyncio.run(asyncio.wait_for(run(), PATIENCE_S))


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "_FIRST_DELAY_S", 0.001)
    monkeypatch.setattr(feed, "_LATER_DELAY_S", 0.002)


def test_leaving_a_feed_waits_until_everything_is_durable() -> None:
    gateway = Gateway()

    async def story(url: str) -> None:
        async with Feed(url, "secret", "douyin-1") as sender:
            for number in range(10):
                await sender.send([{**EVENT, "n": number + 1}])
        assert (sender.accepted, sender.unacknowledged, sender.acknowledged) == (10, 0, 10)

    play(gateway, story)
    assert [batch[0]["n"] for batch in gateway.durable] == list(range(1, 11))
    assert gateway.hellos == ["douyin-1"]
    assert gateway.headers[0]["Authorization"] == "Bearer secret"
    assert gateway.headers[0]["Sec-WebSocket-Protocol"] == "cueroom.v1.msgpack"


@pytest.mark.parametrize("code", [1012, 1013, 1011, 4400])
def test_a_closed_connection_loses_and_doubles_nothing(code: int) -> None:
    gateway = Gateway()
    gateway.close_at = {3: code}

    async def story(url: str) -> None:
        async with Feed(url, "k", "p") as sender:
            for number in range(6):
                await sender.send([{**EVENT, "n": number + 1}])
        assert sender.accepted == 6

    play(gateway, story)
    assert [batch[0]["n"] for batch in gateway.durable] == [1, 2, 3, 4, 5, 6]


def test_a_batch_whose_acknowledgement_was_lost_is_not_counted_again() -> None:
    gateway = Gateway(window=1)
    gateway.lose_ack_of = {2}

    async def story(url: str) -> None:
        async with Feed(url, "k", "p") as sender:
            for _ in range(4):
                await sender.send([EVENT])

    play(gateway, story)
    assert len(gateway.durable) == 4
    assert gateway.seen.count(2) == 1  # the welcome already said that it is durable


def test_a_full_window_holds_the_sender_back() -> None:
    gateway = Gateway(window=3)
    gateway.acks_allowed.clear()

    async def story(url: str) -> None:
        async with Feed(url, "k", "p") as sender:
            for _ in range(3):
                await sender.send([EVENT])
            fourth = asyncio.create_task(sender.send([EVENT]))
            await gateway.until_seen(1)
            assert not fourth.done()
            assert sender.unacknowledged == 3
            gateway.acks_allowed.set()
            await fourth

    play(gateway, story)
    assert len(gateway.durable) == 4


def test_a_new_feed_of_the_same_name_goes_on_where_the_last_one_stopped() -> None:
    gateway = Gateway()

    async def story(url: str) -> None:
        async with Feed(url, "k", "p") as first:
            await first.send([EVENT])
            await first.send([EVENT])
        assert first.resume == 0
        async with Feed(url, "k", "p") as second:
            assert second.resume == 2
            await second.send([EVENT])

    play(gateway, story)
    assert gateway.seen == [1, 2, 3]


def test_what_exceeds_the_limits_is_sent_in_several_batches() -> None:
    gateway = Gateway(max_events=3, max_bytes=120)

    async def story(url: str) -> None:
        async with Feed(url, "k", "p") as sender:
            await sender.send([{**EVENT, "n": number} for number in range(1, 9)])
            await sender.send([])

    play(gateway, story)
    assert [event["n"] for batch in gateway.durable for event in batch] == list(range(1, 9))
    assert all(len(batch) <= 3 for batch in gateway.durable)
    assert all(len(msgpack.packb({"seq": 9, "events": batch})) <= 120 for batch in gateway.durable)


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_refused_feed_says_so_at_once(status: int) -> None:
    gateway = Gateway()
    gateway.refusals = [status]

    async def story(url: str) -> None:
        with pytest.raises(FeedError, match=str(status)):
            async with Feed(url, "k", "p"):
                pass

    play(gateway, story)


def test_a_server_that_is_not_ready_is_asked_again() -> None:
    gateway = Gateway()
    gateway.refusals = [503, 502, 429]

    async def story(url: str) -> None:
        async with Feed(url, "k", "p") as sender:
            await sender.send([EVENT])

    play(gateway, story)
    assert len(gateway.durable) == 1
    assert len(gateway.headers) == 4


@pytest.mark.parametrize("code", [4409, 1007, 1009])
def test_a_close_that_would_repeat_ends_the_feed(code: int) -> None:
    gateway = Gateway()
    gateway.close_at = {1: code}

    async def story(url: str) -> None:
        async with Feed(url, "k", "p") as sender:
            await sender.send([EVENT])

    with pytest.raises(FeedError):
        play(gateway, story)


def test_rejected_events_are_kept_with_their_reasons() -> None:
    reason = {"seq": 1, "index": 0, "code": "unknown_type", "message": "no such type"}

    class Strict(Gateway):
        async def take(self, socket: ServerConnection, seq: int, events: list[Any]) -> None:
            ack = {"ack": seq, "accepted": len(events) - 1, "duplicate": 0, "rejected": [reason]}
            await socket.send(msgpack.packb(ack))

    async def story(url: str) -> None:
        async with Feed(url, "k", "p") as sender:
            await sender.send([{"type": "viewer.sneezed"}, EVENT])
        assert (sender.accepted, sender.rejected, list(sender.rejections)) == (1, 1, [reason])

    play(Strict(), story)


def test_a_server_that_forgot_batches_is_fed_from_where_it_is() -> None:
    gateway = Gateway()

    async def story(url: str) -> None:
        async with Feed(url, "k", "p") as sender:
            await sender.send([EVENT])
            await sender.send([EVENT])
            await sender.drained()
            gateway.durable.clear()
            gateway.close_at = {3: 1012}
            await sender.send([{**EVENT, "n": 7}])

    play(gateway, story)
    assert gateway.durable == [[{**EVENT, "n": 7}]]


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("http://127.0.0.1:8080", "ws://127.0.0.1:8080/v1/shows/launch/ingest"),
        ("https://room.example/cue/", "wss://room.example/cue/v1/shows/launch/ingest"),
        ("ws://host", "ws://host/v1/shows/launch/ingest"),
    ],
)
def test_the_ingest_socket_lies_below_the_servers_address(base: str, url: str) -> None:
    assert feed.ingest_url(base, "launch") == url


def test_only_other_machines_are_reached_through_a_proxy() -> None:
    assert feed.proxy_for("ws://127.0.0.1:8080/x") is None
    assert feed.proxy_for("wss://room.example/x") is True
