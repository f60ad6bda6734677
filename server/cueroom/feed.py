"""The sending end of a feed: pushes batches of events to a show's ingest socket, each counted once whatever breaks."""

import asyncio
import json
import random
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Literal, Self
from urllib.parse import quote, urlsplit, urlunsplit

import msgpack
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, NegotiationError, WebSocketException
from websockets.typing import Subprotocol

from cueroom.errors import CueroomError

Event = dict[str, Any]
"""An event as the contract spells it (`/asyncapi.json`)."""

SUBPROTOCOL = Subprotocol("cueroom.v1.msgpack")
REJECTIONS_KEPT = 100

_FIRST_DELAY_S = 0.2
_LONGEST_DELAY_S = 15.0
_LATER_DELAY_S = 1.0
_TRY_AGAIN_LATER = 1013
_REPLACED = 4409
_UNSENDABLE = frozenset({1007, 1009})
"""Close codes that the same bytes would meet again."""

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_TRANSIENT_STATUS = frozenset({408, 425, 429})
_SERVER_ERROR = 500


class FeedError(CueroomError):
    """The feed cannot go on: refused by the server, replaced by a newer one, or its data is unreadable there."""


class Feed:
    """One feed of a show. Use as `async with Feed(url, key, producer) as feed`, which waits for the first welcome.

    The connection is made again for ever, with growing, jittered pauses; what the server has not acknowledged is
    sent again in the same batches. Should a server come back having forgotten acknowledged batches, numbering goes on
    from where it is, and what was lost there stays lost.

    `resume` is the last durable batch of this producer when the feed was opened, and `opened_at_ms` what the server's
    clock said then. `accepted`, `duplicate` and
    `rejected` count events since then; `rejections` keeps the last reasons as the server gave them.
    """

    def __init__(self, url: str, key: str, producer: str) -> None:
        self.resume = 0
        self.opened_at_ms = 0
        self.accepted = 0
        self.duplicate = 0
        self.rejected = 0
        self.rejections: deque[dict[str, Any]] = deque(maxlen=REJECTIONS_KEPT)
        self._url = url
        self._key = key
        self._producer = producer
        self._window = 0
        self._max_events = 0
        self._max_bytes = 0
        self._acked = 0
        self._sent = 0
        self._batches: deque[bytes] = deque()
        self._failed_tries = 0
        self._error: FeedError | None = None
        self._changed = asyncio.Condition()
        self._running: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._running = asyncio.create_task(self._run())
        try:
            await self._until(lambda: self._window > 0)
        except BaseException:
            await self.close()
            raise
        self.resume = self._acked
        return self

    async def __aexit__(self, _: type[BaseException] | None, error: BaseException | None, *__: object) -> None:
        try:
            if error is None:
                await self.drained()
        finally:
            await self.close()

    @property
    def unacknowledged(self) -> int:
        """Batches handed to `send` that the server has not yet called durable."""
        return len(self._batches)

    @property
    def acknowledged(self) -> int:
        """Number of the last batch the server called durable."""
        return self._acked

    async def send(self, events: Sequence[Event]) -> None:
        """Queue events, as one batch if the server's limits allow; waits while the window is full. Raises FeedError."""
        for batch in self._within_limits(events):
            await self._until(lambda: len(self._batches) < self._window)
            self._batches.append(batch)
            await self._announce()

    async def drained(self) -> None:
        """Wait until everything handed to `send` is durable. Raises FeedError."""
        await self._until(lambda: not self._batches)

    async def close(self) -> None:
        """Give up the connection at once; what is not acknowledged by now may or may not count."""
        if self._running:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running

    async def _run(self) -> None:
        while True:
            try:
                async with connect(
                    self._url,
                    subprotocols=[SUBPROTOCOL],
                    additional_headers={"Authorization": f"Bearer {self._key}"},
                    compression=None,
                    proxy=proxy_for(self._url),
                ) as socket:
                    await self._converse(socket)
            except (OSError, WebSocketException) as error:
                self._error = _fatal(error)
                pause_s = self._pause_s(error)
            except (KeyError, TypeError, ValueError) as error:
                self._error = FeedError(f"the server does not speak the contract: {error!r}")
            if self._error:
                await self._announce()
                return
            await asyncio.sleep(pause_s)

    async def _converse(self, socket: ClientConnection) -> None:
        await socket.send(msgpack.packb({"hello": {"producer": self._producer}}))
        await self._welcomed(msgpack.unpackb(await socket.recv())["welcome"])
        sending = asyncio.create_task(self._send_to(socket))
        try:
            while True:
                await self._acknowledged(msgpack.unpackb(await socket.recv()))
        finally:
            sending.cancel()
            with suppress(asyncio.CancelledError, ConnectionClosed):
                await sending

    async def _welcomed(self, welcome: dict[str, Any]) -> None:
        self._window = welcome["window"]
        self._max_events = welcome["max_events"]
        self._max_bytes = welcome["max_bytes"]
        self.opened_at_ms = self.opened_at_ms or welcome["time"]
        self._forget(welcome["resume"])
        self._sent = 0
        await self._announce()

    async def _send_to(self, socket: ClientConnection) -> None:
        while True:
            async with self._changed:
                await self._changed.wait_for(lambda: self._sent < len(self._batches))
            frame = _frame(self._acked + 1 + self._sent, self._batches[self._sent])
            self._sent += 1
            await socket.send(frame)

    async def _acknowledged(self, ack: dict[str, Any]) -> None:
        self._forget(ack["ack"])
        self._failed_tries = 0
        self.accepted += ack.get("accepted", 0)
        self.duplicate += ack.get("duplicate", 0)
        rejections = ack.get("rejected", [])
        self.rejected += len(rejections)
        self.rejections.extend(rejections)
        await self._announce()

    def _forget(self, acked: int) -> None:
        """Drop the batches up to number `acked`: the queue always starts with the batch after it."""
        durable = min(len(self._batches), max(0, acked - self._acked))
        for _ in range(durable):
            self._batches.popleft()
        self._sent = max(0, self._sent - durable)
        self._acked = acked

    def _within_limits(self, events: Sequence[Event]) -> list[bytes]:
        """The events packed, in as few batches as the server's limits allow; an oversized event goes alone."""
        if not events:
            return []
        packed: bytes = msgpack.packb(events)
        fits = len(events) <= self._max_events and len(packed) + _FRAME_BYTES <= self._max_bytes
        if fits or len(events) == 1:
            return [packed]
        half = len(events) // 2
        return self._within_limits(events[:half]) + self._within_limits(events[half:])

    async def _until(self, condition: Callable[[], bool]) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: self._error is not None or condition())
        if self._error:
            raise self._error

    async def _announce(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    def _pause_s(self, error: Exception) -> float:
        """How long to wait before the next try: doubling while nothing is acknowledged, never in step with others."""
        later = isinstance(error, ConnectionClosed) and _code(error) == _TRY_AGAIN_LATER
        first = _LATER_DELAY_S if later else _FIRST_DELAY_S
        longest = min(_LONGEST_DELAY_S, first * 2.0 ** min(self._failed_tries, 10))
        self._failed_tries += 1
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 (jitter is no secret)


_FRAME_BYTES = 32
"""What a frame adds, at most, to its packed events."""


def ingest_url(base: str, show: str) -> str:
    """The ingest socket of a show on the server at `base` (http, https, ws or wss)."""
    return socket_url(base, f"/v1/shows/{quote(show, safe='')}/ingest")


def socket_url(base: str, path: str) -> str:
    """`path` below the server's address, as a WebSocket address."""
    scheme, host, prefix, _, _ = urlsplit(base)
    return urlunsplit(({"http": "ws", "https": "wss"}.get(scheme, scheme), host, prefix.rstrip("/") + path, "", ""))


def proxy_for(url: str) -> Literal[True] | None:
    """The `proxy` argument of websockets: this machine is reached directly, others as the environment says."""
    return None if urlsplit(url).hostname in _LOOPBACK else True


def _frame(seq: int, events: bytes) -> bytes:
    """A batch as it goes over the wire; `events` are packed already, so that sending again costs nothing."""
    packer = msgpack.Packer(autoreset=False)
    packer.pack_map_header(2)
    packer.pack("seq")
    packer.pack(seq)
    packer.pack("events")
    head: bytes = packer.bytes()
    return head + events


def _code(closed: ConnectionClosed) -> int | None:
    return closed.rcvd.code if closed.rcvd else None


def _told(body: bytes | bytearray) -> str:
    """What a problem document says of itself; nothing, where it is none."""
    try:
        return f": {json.loads(body)['detail']}"
    except (ValueError, KeyError, TypeError):
        return ""


def _fatal(error: Exception) -> FeedError | None:
    """The error that ends a feed, or None where another try may help."""
    if isinstance(error, InvalidStatus):
        status = error.response.status_code
        if status >= _SERVER_ERROR or status in _TRANSIENT_STATUS:
            return None
        return FeedError(f"the server refused the feed with status {status}{_told(error.response.body)}")
    if isinstance(error, NegotiationError):
        return FeedError(f"the server does not speak {SUBPROTOCOL}")
    if isinstance(error, ConnectionClosed) and _code(error) == _REPLACED:
        return FeedError("a newer feed with the same producer name took over")
    if isinstance(error, ConnectionClosed) and _code(error) in _UNSENDABLE:
        return FeedError(f"the server cannot read a batch: {error}")
    return None
