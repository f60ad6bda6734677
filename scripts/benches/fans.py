"""Fans: other ways to send one frame to many sockets, in the order they came, to put Cueroom's beside.

Run as `python -m benches.fans floor|broadcast`; prints its port. The first line of its standard input is the frame with
`TIME` in it (JSON); each line after that is a time, which goes out to all at once."""

import asyncio
import base64
import hashlib
import json
import sys
from collections.abc import Callable

import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.frames import Frame, Opcode

MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""RFC 6455, section 1.3."""

FanOut = Callable[[str], None]


class Floor(asyncio.Protocol):
    """A socket with just enough of a WebSocket to be one: what any server has to pay."""

    def __init__(self, transports: dict[asyncio.Transport, None]) -> None:
        self._transports = transports

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]  # a TCP connection's is one

    def data_received(self, data: bytes) -> None:
        if not data.startswith(b"GET"):
            return
        key = next(line for line in data.splitlines() if line.lower().startswith(b"sec-websocket-key:"))
        accept = base64.b64encode(hashlib.sha1(key.split()[1] + MAGIC).digest())  # noqa: S324  # the RFC's
        head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        self._transport.write(head + b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")
        self._transports[self._transport] = None

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # the protocol's
        self._transports.pop(self._transport, None)


async def floor() -> tuple[int, FanOut]:
    """The same framed bytes, written to every transport."""
    transports: dict[asyncio.Transport, None] = {}
    server = await asyncio.get_running_loop().create_server(lambda: Floor(transports), "127.0.0.1", 0, backlog=1024)

    def fan_out(text: str) -> None:
        frame = Frame(Opcode.TEXT, text.encode()).serialize(mask=False)
        for transport in transports:
            transport.write(frame)

    return server.sockets[0].getsockname()[1], fan_out


async def websockets_broadcast() -> tuple[int, FanOut]:
    """`websockets.broadcast`, without compression."""

    sockets: dict[ServerConnection, None] = {}

    async def hold(socket: ServerConnection) -> None:
        sockets[socket] = None
        await socket.wait_closed()
        del sockets[socket]

    server = await serve(hold, "127.0.0.1", 0, compression=None, backlog=1024)
    return next(iter(server.sockets)).getsockname()[1], lambda text: broadcast(sockets, text)


async def main(way: str) -> None:
    """Serves until standard input ends."""
    port, fan_out = await (floor if way == "floor" else websockets_broadcast)()
    print(port, flush=True)
    frame = json.loads(await asyncio.to_thread(sys.stdin.readline))
    while stamp := (await asyncio.to_thread(sys.stdin.readline)).strip():
        fan_out(frame.replace("TIME", stamp))


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1]))
