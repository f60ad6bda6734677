"""A TCP proxy that fails as lines do: it delays, stalls, closes half, resets, and lets nobody through."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Iterator
from typing import Self
from urllib.parse import unquote, urlsplit

CHUNK_BYTES = 65_536


class Proxy:
    """Passes every connection to its own port on to `target`, a `tcp://host:port` or `unix:///path` address. Its
    methods are for the loop it runs in."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.port = 0
        self.delay_s = 0.0
        """Added to every chunk, in both directions."""
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server:
            self._server.close()
        self.reset()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # What can go wrong

    def stall(self) -> None:
        """From now on nothing gets through, and nobody is told: as if packets were dropped."""
        self._flowing.clear()

    def reset(self) -> None:
        """Cuts every connection off with a reset."""
        for writer in list(self._writers):
            connection: socket.socket = writer.get_extra_info("socket")
            with contextlib.suppress(OSError):  # unix sockets do not linger
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

    def half_close(self) -> None:
        """Ends one direction of every connection; the other goes on."""
        for writer in list(self._writers):
            with contextlib.suppress(OSError, RuntimeError):
                writer.write_eof()

    def heal(self) -> None:
        """All is well again; what was stalled flows on."""
        self.delay_s = 0.0
        self._flowing.set()

    # What it does otherwise

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._pass_on(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with self._held(writer):
                await self._flowing.wait()
                onward_reader, onward_writer = await self._connect()
                with self._held(onward_writer):
                    await asyncio.gather(self._relay(reader, onward_writer), self._relay(onward_reader, writer))
        except OSError:
            writer.transport.abort()  # the target is not there

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        where = urlsplit(self.target)
        if where.scheme == "unix":
            return await asyncio.open_unix_connection(unquote(where.path))
        return await asyncio.open_connection(where.hostname, where.port)

    @contextlib.contextmanager
    def _held(self, writer: asyncio.StreamWriter) -> Iterator[None]:
        self._writers.add(writer)
        try:
            yield
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while chunk := await reader.read(CHUNK_BYTES):
                await self._flowing.wait()
                await asyncio.sleep(self.delay_s)
                writer.write(chunk)
                await writer.drain()
            writer.write_eof()
        except (OSError, RuntimeError):
            writer.transport.abort()  # one side was cut off: so is the other
