"""Ingest over a feed's WebSocket: numbered batches in, nothing acknowledged before it is in the store."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable
from typing import Any

import msgspec
import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from cueroom.edge import closing
from cueroom.edge.closing import Close
from cueroom.edge.doors import admit, refuse
from cueroom.edge.problems import Problem
from cueroom.edge.services import Services, services_of
from cueroom.errors import StoreUnavailable
from cueroom.intake.counting import Counted, add_up, flush_counted, reject
from cueroom.show.access import KeyRecord, Role
from cueroom.show.tally import MOST_WEIGHT, Tally
from cueroom.show.wire import CODECS, JSON, SLICE, UNKNOWN, Batch, Codec, Judged, TooMany, Unreadable
from cueroom.storage.calls import Sender

HELLO_TIMEOUT_S = 10.0

log = structlog.get_logger()


class Unsure(msgspec.Struct, frozen=True):
    """An event of something that may have come into the rundown since: it is judged again before the flush."""

    seq: int
    place: int
    event: Judged
    at_ms: int


class Gathered(msgspec.Struct):
    """The batches of one flush, added up as they came: the numbers of the first and last that are new (0: none), when
    each batch arrived, how many bytes they had, what the heaviest weighs, and what their acknowledgement will say."""

    tally: Tally
    first: int = 0
    last: int = 0
    arrived_s: list[float] = []
    size: int = 0
    heaviest: int = 0
    unsure: list[Unsure] = []
    counted: Counted = msgspec.field(default_factory=Counted)

    @property
    def is_full(self) -> bool:
        """Whether another batch, as heavy as those in it, would be too much for one call of the store."""
        return self.tally.flush.weight + self.heaviest > MOST_WEIGHT


class Ended(Exception):
    """The connection cannot go on reading; `close` says how it ends."""

    def __init__(self, close: Close) -> None:
        super().__init__(close.reason)
        self.close = close


async def handle_ingest(socket: WebSocket) -> None:
    """`GET /v1/shows/{show}/ingest`."""
    services = services_of(socket)
    show = socket.path_params["show"]
    admitted = await admit(socket, show, frozenset({Role.INGEST}))
    if isinstance(admitted, Problem):
        return await refuse(socket, admitted)
    codec = next((CODECS[name] for name in socket.scope["subprotocols"] if name in CODECS), None)
    if codec is None:
        return await refuse(socket, Problem(400, "unknown_subprotocol", f"offer one of {', '.join(CODECS)}"))
    with services.open_socket(socket):
        await socket.accept(codec.protocol)
        close = await Conversation(socket, services, show, codec).run(admitted)
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):  # the peer may be gone: nobody is left to tell
            await socket.close(close.code, close.short_reason)
    return None


class Conversation:
    """One feed's connection: a reader that judges batches and adds them up, and a flusher that makes durable whatever
    has gathered since its last flush, and acknowledges it."""

    def __init__(self, socket: WebSocket, services: Services, show: str, codec: Codec) -> None:
        self._socket = socket
        self._services = services
        self._show = show
        self._codec = codec
        self._producer = ""
        self._epoch = 0
        self._read_seq = 0
        self._acked_seq = 0
        self._queue: asyncio.Queue[Gathered] = asyncio.Queue()
        self._open: Gathered | None = None
        self._taken = asyncio.Event()
        self._held_bytes = 0
        self._window = asyncio.Semaphore(services.settings.window)
        self._ended: asyncio.Future[Close] = asyncio.get_running_loop().create_future()

    async def run(self, key: KeyRecord) -> Close:
        """The whole conversation; answers how to close it."""
        try:
            async with asyncio.timeout(HELLO_TIMEOUT_S):
                hello = self._codec.decode_hello(await self._receive())
        except TimeoutError:
            return Close(closing.BROKEN_SEQUENCE, f"no hello within {HELLO_TIMEOUT_S:.0f} s")
        except Ended as ended:
            return ended.close
        if isinstance(hello, Unreadable):
            return Close(closing.UNREADABLE, hello.message)
        self._producer = hello.hello.producer
        notices = self._services.store.notices
        with (
            notices.listening(self._show, "kick", self._hear_kick),
            notices.listening(self._show, "revoked", lambda revoked: self._hear_revoked(revoked, key.id)),
        ):
            expiry = asyncio.get_running_loop().call_later(
                self._services.real_s_until(key.expires_at),
                self._end,
                Close(closing.KEY_REVOKED, "this key has expired"),
            )
            try:
                return await self._closing(self._feed())
            finally:
                expiry.cancel()

    async def _feed(self) -> Close:
        store = self._services.store
        self._epoch, resume = await store.hello(self._show, self._producer, self._services.clock.now_ms())
        self._read_seq = self._acked_seq = resume
        self._rundown = await store.rundown(self._show)
        await self._send({"welcome": self._welcome(resume)})
        fields = {"show": self._show, "feed": self._producer}
        log.info("feed connected", resume=resume, **fields)
        close = await self._exchange()
        log.info("feed closed", code=close.code, reason=close.reason, acked=self._acked_seq, **fields)
        return close

    async def _exchange(self) -> Close:
        reader = asyncio.create_task(self._end_with(self._read_all()))
        drain = asyncio.create_task(self._end_with(self._wait_for_drain()))
        flusher = asyncio.create_task(self._end_with(self._flush_all()))
        try:
            close = await self._ended
            reader.cancel()
            if close.code in closing.AT_ONCE:
                return close
            # Whatever ends the connection, what had arrived is made durable and acknowledged first.
            rest = asyncio.create_task(self._queue.join())
            await asyncio.wait({rest, flusher}, return_when=asyncio.FIRST_COMPLETED)
            rest.cancel()
            return flusher.result() if flusher.done() else close
        finally:
            for task in (reader, drain, flusher):
                task.cancel()
            await asyncio.gather(reader, drain, flusher, return_exceptions=True)
            self._free(self._held_bytes)

    # How it ends

    def _end(self, close: Close) -> None:
        if not self._ended.done():
            self._ended.set_result(close)

    async def _end_with(self, ending: Awaitable[Close]) -> Close:
        close = await self._closing(ending)
        self._end(close)
        return close

    async def _closing(self, ending: Awaitable[Close]) -> Close:
        """How this ends. A feed must never wait on what has failed: it connects again and resends."""
        try:
            return await ending
        except StoreUnavailable as error:
            return Close(closing.TRY_LATER, str(error))
        except Exception:
            log.exception("feed failed", show=self._show, feed=self._producer)
            return Close(closing.FAILED, "the server failed; connect again")

    async def _wait_for_drain(self) -> Close:
        await self._services.draining.wait()
        return Close(closing.RESTART, "this server stops; connect again")

    def _hear_kick(self, payload: str) -> None:
        producer, _, epoch = payload.rpartition("|")
        if producer == self._producer and int(epoch) > self._epoch > 0:
            self._end(self._taken_over())

    def _taken_over(self) -> Close:
        return Close(closing.TAKEN_OVER, f"a newer connection feeds as {self._producer!r}")

    def _hear_revoked(self, revoked: str, key_id: str) -> None:
        if revoked == key_id:
            self._end(Close(closing.KEY_REVOKED, "this key was revoked"))

    # Reading

    async def _read_all(self) -> Close:
        try:
            while True:
                await self._window.acquire()
                await self._services.burden.room()
                await self._room_in_flush()
                frame = await self._receive()
                async with self._services.burden.turns:
                    await self._gather(self._expect_batch(frame), len(frame))
        except Ended as ended:
            return ended.close

    async def _room_in_flush(self) -> None:
        """Waits while a whole flush waits for the one under way: what is decoded long before its turn takes more memory
        than a frame in its socket, and more time to pick up again."""
        while self._open and self._open.is_full:
            self._taken.clear()
            await self._taken.wait()

    def _expect_batch(self, frame: bytes) -> Batch:
        most = self._services.settings.max_events
        batch = self._codec.decode_batch(frame, most)
        if isinstance(batch, Unreadable):
            raise Ended(Close(closing.UNREADABLE, batch.message))
        if isinstance(batch, TooMany):
            raise Ended(Close(closing.TOO_BIG, f"{batch.events} events in a batch; at most {most}"))
        if not 1 <= batch.seq <= self._read_seq + 1:
            raise Ended(Close(closing.BROKEN_SEQUENCE, f"got batch {batch.seq}, expected {self._read_seq + 1}"))
        return batch

    async def _gather(self, batch: Batch, size: int) -> None:
        """Adds a batch to what will be flushed next; one that was read before is only acknowledged again. A large one
        is added up apart, and queued when it is whole: between two slices a flush may begin, or the connection end."""
        joins = self._open if batch.size <= SLICE else None
        gathered = joins or Gathered(Tally(self._rundown))
        self._services.burden.take(size)
        self._held_bytes += size
        gathered.size += size
        gathered.arrived_s.append(time.perf_counter())
        if batch.seq <= self._read_seq:
            gathered.counted.duplicate += batch.size
        else:
            await self._add(gathered, batch)
        if not joins:
            self._open = gathered
            self._queue.put_nowait(gathered)

    async def _add(self, gathered: Gathered, batch: Batch) -> None:
        self._read_seq = gathered.last = batch.seq
        gathered.first = gathered.first or batch.seq
        before, at_ms = gathered.tally.flush.weight, self._services.clock.now_ms()
        not_taken = await add_up(self._services.burden.turns, gathered.tally, batch.slices, at_ms)
        gathered.heaviest = max(gathered.heaviest, gathered.tally.flush.weight - before)
        if not not_taken:
            return
        gathered.unsure += [
            Unsure(batch.seq, one.place, one.event, at_ms) for one in not_taken if one.why.code in UNKNOWN
        ]
        sure = {one.place: one.why for one in not_taken if one.why.code not in UNKNOWN}
        reject(self._services, gathered.counted, batch.seq, sure)

    def _free(self, size: int) -> None:
        self._services.burden.free(size)
        self._held_bytes -= size

    async def _receive(self) -> bytes:
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise Ended(Close(message.get("code") or closing.NO_STATUS, "the feed left"))
        text: str | None = message.get("text")
        if (text is not None) != (self._codec is JSON):
            raise Ended(Close(closing.UNREADABLE, f"{self._codec.protocol} wants the other kind of frame"))
        return text.encode() if text is not None else message["bytes"]

    # Flushing

    async def _flush_all(self) -> Close:
        while True:
            gathered = await self._queue.get()
            if gathered is self._open:
                self._open = None
                self._taken.set()
            if close := await self._flush(gathered):
                return close
            self._free(gathered.size)
            self._queue.task_done()
            for _ in gathered.arrived_s:
                self._window.release()

    async def _flush(self, gathered: Gathered) -> Close | None:
        if gathered.unsure:
            await self._judge_again(gathered)
        if gathered.last:
            sender = Sender(self._producer, self._epoch, gathered.first, gathered.last)
            flush, counted = gathered.tally.flush, gathered.counted
            flushed = await flush_counted(self._services, self._show, flush, counted, sender)
            if flushed.status == "fenced":
                return self._taken_over()
            if flushed.status == "sequence":
                return Close(closing.TRY_LATER, "the store lost acknowledged batches; connect again and resume")
            self._rundown = flushed.rundown
        await self._acknowledge(gathered)
        return None

    async def _judge_again(self, gathered: Gathered) -> None:
        """An item may have been inserted since we last saw the rundown."""
        self._rundown = await self._services.store.rundown(self._show)
        gathered.tally.learn(self._rundown)
        for unsure in gathered.unsure:
            for why in gathered.tally.add_all([unsure.event], unsure.at_ms).values():
                reject(self._services, gathered.counted, unsure.seq, {unsure.place: why})
        gathered.counted.rejected.sort(key=lambda entry: (entry["seq"], entry["index"]))

    async def _acknowledge(self, gathered: Gathered) -> None:
        self._acked_seq = max(self._acked_seq, gathered.last)
        await self._send({"ack": self._acked_seq, **msgspec.to_builtins(gathered.counted)})
        now_s = time.perf_counter()
        for arrived_s in gathered.arrived_s:
            self._services.metrics.ack_seconds.observe(now_s - arrived_s)

    # Sending

    def _welcome(self, resume: int) -> dict[str, int]:
        settings = self._services.settings
        return {
            "resume": resume,
            "window": settings.window,
            "max_events": settings.max_events,
            "max_bytes": settings.max_bytes,
            "time": self._services.clock.now_ms(),
        }

    async def _send(self, message: dict[str, Any]) -> None:
        frame = self._codec.encode(message)
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):  # gone: it will ask where to resume
            if self._codec is JSON:
                await self._socket.send_text(frame.decode())
            else:
                await self._socket.send_bytes(frame)
