"""Who is at the show while it breaks: feeds, a webhook, a producer and screens, written from the contract alone."""

import asyncio
import base64
import contextlib
import json
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from random import Random
from typing import Any

import httpx2
import msgpack
import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from chaos_lab.truth import Truth, batch_of

PROTOCOL = Subprotocol("cueroom.v1.msgpack")
WINDOW = 16
BATCH_EVENTS = 50
SHADOW_S = 3.0
PAUSE_S = 0.1
"""Between two tries; short, since a lap is."""
BROKEN = (OSError, TimeoutError, WebSocketException, httpx2.HTTPError)
SERVER_ERROR, TOO_MANY = 500, 429


class Ways(msgspec.Struct, frozen=True):
    """Where the show is to be reached (a port for each server, behind its line) and with which keys by role."""

    show: str
    keys: dict[str, str]
    ports: tuple[int, ...]

    def url(self, scheme: str, way: int, path: str) -> str:
        return f"{scheme}://127.0.0.1:{self.ports[way % len(self.ports)]}/v1/shows/{self.show}{path}"

    def headers(self, role: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[role]}"}


class Lost(Exception):
    """A promise of the contract was broken before the eyes of a client."""


class LabFeed:
    """A feed at full speed: it sends as fast as it is acknowledged, comes back over another way whenever the line
    breaks, and resends what was not acknowledged."""

    def __init__(self, ways: Ways, name: str, truth: Truth, dice: Random, lap: int) -> None:
        self.acked = 0
        self.sent_events = 0
        self.name = name
        self._ways = ways
        self._truth = truth
        self._dice = dice
        self._lap = lap
        self._pending: deque[tuple[int, list[Any]]] = deque()
        self._made: int | None = None
        self._way = dice.randrange(len(ways.ports))
        self._socket: ClientConnection | None = None
        self._moved = asyncio.Event()

    async def run(self, enough: asyncio.Event) -> None:
        """Feeds until there is enough, then until all of it is acknowledged."""
        while not (enough.is_set() and self._made is not None and not self._pending):
            with contextlib.suppress(*BROKEN):
                await self._connection(enough)
            self._way += 1
            await asyncio.sleep(PAUSE_S)

    async def moves_on(self) -> None:
        """Waits until something new is acknowledged."""
        self._moved.clear()
        await self._moved.wait()

    def crash(self) -> None:
        """Cuts the connection without a goodbye, as a process that dies does."""
        if self._socket:
            self._socket.transport.abort()

    async def shadow(self) -> None:
        """Another process of the same name comes and goes: the newer one wins, and so does its successor."""
        with contextlib.suppress(*BROKEN):
            async with asyncio.timeout(SHADOW_S), self._connect() as socket:
                await self._hello(socket)

    async def _connection(self, enough: asyncio.Event) -> None:
        async with self._connect() as socket:
            resume = await self._hello(socket)
            if resume < self.acked:
                raise Lost(f"{self.name}: batch {self.acked} was acknowledged, and only {resume} are known")
            self._acknowledge(resume)
            if self._made is None:
                self._made = resume  # the numbers go on where the last lap ended
            self._socket = socket
            for batch in self._pending:
                await self._send(socket, batch)
            while self._pending or not enough.is_set():
                while len(self._pending) < WINDOW and not enough.is_set():
                    await self._send(socket, self._make())
                self._acknowledge(msgpack.unpackb(await socket.recv())["ack"])

    def _connect(self) -> connect:
        return connect(
            self._ways.url("ws", self._way, "/ingest"),
            subprotocols=[PROTOCOL],
            additional_headers=self._ways.headers("ingest"),
            compression=None,
            proxy=None,
            open_timeout=3,
            close_timeout=1,
            ping_interval=2,
            ping_timeout=4,
        )

    async def _hello(self, socket: ClientConnection) -> int:
        await socket.send(msgpack.packb({"hello": {"producer": self.name}}))
        return int(msgpack.unpackb(await socket.recv())["welcome"]["resume"])

    def _make(self) -> tuple[int, list[Any]]:
        self._made = (self._made or 0) + 1
        batch = self._made, batch_of(self._dice, self._lap, BATCH_EVENTS)
        self._truth.add(batch[1])
        self.sent_events += BATCH_EVENTS
        self._pending.append(batch)
        return batch

    async def _send(self, socket: ClientConnection, batch: tuple[int, list[Any]]) -> None:
        await socket.send(msgpack.packb({"seq": batch[0], "events": batch[1]}))

    def _acknowledge(self, seq: int) -> None:
        self.acked = max(self.acked, seq)
        while self._pending and self._pending[0][0] <= seq:
            self._pending.popleft()
            self._moved.set()


async def ask(ways: Ways, role: str, path: str, body: Any, *, key: str | None = None, way: int = 0) -> Any:
    """Posts until there is an answer that is not "come back": over another way each time, since the first may have
    been carried out without our hearing of it. The answer's JSON."""
    headers = ways.headers(role) | ({"Idempotency-Key": key} if key else {})
    async with httpx2.AsyncClient(timeout=4, trust_env=False) as client:
        while True:
            with contextlib.suppress(*BROKEN):
                answer = await client.post(ways.url("http", way, path), json=body, headers=headers)
                if answer.status_code < SERVER_ERROR and answer.status_code != TOO_MANY:
                    return answer.json()
            way += 1
            await asyncio.sleep(PAUSE_S)


async def look(ways: Ways) -> Any:
    """The state of the show as the contract gives it, over whichever way answers first."""
    way = 0
    async with httpx2.AsyncClient(timeout=4, trust_env=False) as client:
        while True:
            with contextlib.suppress(*BROKEN):
                answer = await client.get(ways.url("http", way, ""), headers=ways.headers("viewer"))
                if answer.status_code < SERVER_ERROR:
                    return answer.json()
            way += 1
            await asyncio.sleep(PAUSE_S)


async def post_events(ways: Ways, truth: Truth, dice: Random, lap: int, enough: asyncio.Event) -> None:
    """A webhook: events with ids, each post repeated until it is answered, and some once more."""
    number = 0
    while not enough.is_set():
        number += 1
        events = [{"type": "viewer.followed", "id": f"{lap}-{number}-{n}", "n": n} for n in range(1, 4)]
        events += [event for event in batch_of(dice, lap, 6) if event["type"].startswith("order.")]
        truth.add(events)
        for way in range(dice.choice([1, 1, 2])):
            await ask(ways, "ingest", "/events", events, way=way)


class Producer:
    """A person with a console: every message is sent until it is answered, then taken back or accepted. `said` are
    the cues that came of it."""

    def __init__(self, ways: Ways, name: str) -> None:
        self.said: list[str] = []
        self._ways = ways
        self._name = name

    async def run(self, dice: Random, enough: asyncio.Event) -> None:
        number = 0
        while not enough.is_set():
            number += 1
            message = {"command": "message", "text": f"{self._name} {number}"}
            answer = await ask(self._ways, "producer", "/commands", message, key=f"{self._name}-{number}")
            if "cue" not in answer:
                raise Lost(f"a message was answered {answer}")
            cue = answer["cue"]
            self.said.append(cue)
            closing = {"command": dice.choice(["accept", "dismiss", "recall"]), "cue": cue}
            await ask(self._ways, "producer", "/commands", closing, key=f"{self._name}-{number}-closed")
            await asyncio.sleep(PAUSE_S)


async def watch(ways: Ways, way: int, enough: asyncio.Event) -> None:
    """A screen that takes every frame; the show never goes back before its eyes."""
    while not enough.is_set():
        with contextlib.suppress(*BROKEN):
            url, headers = ways.url("ws", way, "/feed"), ways.headers("viewer")
            async with connect(url, additional_headers=headers, compression=None, proxy=None, open_timeout=3) as socket:
                rev = 0
                while not enough.is_set():
                    frame = json.loads(await asyncio.wait_for(socket.recv(), 3))
                    if frame["rev"] < rev:
                        raise Lost(f"a screen saw revision {frame['rev']} after {rev}")
                    rev = frame["rev"]
        way += 1
        await asyncio.sleep(PAUSE_S)


@contextlib.contextmanager
def reading_no_more() -> Iterator[Callable[[Ways, int], Awaitable[None]]]:
    """Opens screens that shake hands and then take nothing; cut off when the context ends."""
    writers: list[asyncio.StreamWriter] = []

    async def open_one(ways: Ways, way: int) -> None:
        key = base64.b64encode(b"sixteen bytes ok").decode()
        head = [f"GET /v1/shows/{ways.show}/feed HTTP/1.1", "Host: 127.0.0.1", "Upgrade: websocket"]
        head += ["Connection: Upgrade", f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13"]
        head += [f"Authorization: Bearer {ways.keys['viewer']}", "", ""]
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", ways.ports[way % len(ways.ports)], limit=1024)
            writers.append(writer)
            writer.write("\r\n".join(head).encode())

    try:
        yield open_one
    finally:
        for writer in writers:
            writer.transport.abort()
