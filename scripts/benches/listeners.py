"""Listeners: many screens in one process, which note when each frame came and cost as little as they can.

Run as `python -m benches.listeners URL SCREENS KEY`; prints `ready` once all are connected, and once its standard input
has a line, what it saw as one line of JSON."""

import asyncio
import base64
import json
import os
import re
import sys
import time
from collections import defaultdict
from urllib.parse import urlsplit

import msgspec
import uvloop
from websockets.frames import Frame, Opcode

STAMP = re.compile(rb'data-time=\\?"(\d+)')
STAMP_WITHIN = 120
"""A frame tells its time in its first bytes."""
AT_ONCE = 100
SHORT, LONG = 126, 127
"""Lengths of a frame that mean: two, or eight, bytes of length follow."""


class Seen(msgspec.Struct):
    """What the screens of a process saw: frame → when each of them had it (ns, by the machine's monotonic clock); and
    the CPU time of the process so far (s)."""

    arrivals: dict[str, list[int]]
    cpu_s: float


class Screen(asyncio.Protocol):
    """One screen, by hand: a library's client would cost more than the server that is measured."""

    def __init__(self, path: str, key: str, arrivals: defaultdict[bytes, list[int]]) -> None:
        self._path = path
        self._key = key
        self._arrivals = arrivals
        self._rest = b""
        self.open = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]  # a TCP connection's is one
        lines = (
            f"GET {self._path} HTTP/1.1",
            "Host: bench",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
            "Sec-WebSocket-Version: 13",
            f"Authorization: Bearer {self._key}",
        )
        self._transport.write("".join(f"{line}\r\n" for line in (*lines, "")).encode())

    def data_received(self, data: bytes) -> None:
        now_ns = time.monotonic_ns()
        self._rest = self._rest + data if self._rest else data
        if not self.open.done() and not self._take_head():
            return
        while frame := self._take_frame():
            self._take(*frame, now_ns)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.open.done():
            self.open.set_exception(exc or ConnectionError("refused"))

    def _take_head(self) -> bool:
        head, end, rest = self._rest.partition(b"\r\n\r\n")
        if not end:
            return False
        if b" 101 " not in head.partition(b"\r\n")[0]:
            self.open.set_exception(ConnectionError(head.decode()))
            self._transport.close()
            return False
        self._rest = rest
        self.open.set_result(None)
        return True

    def _take_frame(self) -> tuple[int, bytes] | None:
        rest = self._rest
        if len(rest) < 2:  # noqa: PLR2004  # opcode and short length (RFC 6455, section 5.2)
            return None
        start = {SHORT: 4, LONG: 10}.get(rest[1], 2)
        length = int.from_bytes(rest[2:start]) if rest[1] in (SHORT, LONG) else rest[1]
        if len(rest) < start + length:
            return None
        self._rest = rest[start + length :]
        return rest[0] & 15, rest[start : start + length]

    def _take(self, opcode: int, payload: bytes, now_ns: int) -> None:
        if opcode == Opcode.PING:
            self._send(Opcode.PONG, payload)
        elif found := STAMP.search(payload, 0, STAMP_WITHIN):
            self._arrivals[found[1]].append(now_ns)
        elif payload[:1] == b"0":  # socket.io: its greeting, answered with joining; its ping
            self._send(Opcode.TEXT, b"40")
        elif payload == b"2":
            self._send(Opcode.TEXT, b"3")

    def _send(self, opcode: Opcode, payload: bytes) -> None:
        self._transport.write(Frame(opcode, payload).serialize(mask=True))


async def listen(url: str, screens: int, key: str) -> None:
    """Connects, and tells on asking."""
    loop, parts = asyncio.get_running_loop(), urlsplit(url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    arrivals: defaultdict[bytes, list[int]] = defaultdict(list)
    held = []
    for begin in range(0, screens, AT_ONCE):
        made = [
            loop.create_connection(lambda: Screen(path, key, arrivals), parts.hostname or "", parts.port or 80)
            for _ in range(min(AT_ONCE, screens - begin))
        ]
        held += [screen for _, screen in await asyncio.gather(*made)]
        await asyncio.gather(*(screen.open for screen in held[begin:]))
    print("ready", flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        seen = Seen({stamp.decode(): times for stamp, times in arrivals.items()}, time.process_time())
        print(json.dumps(msgspec.to_builtins(seen)), flush=True)
        arrivals.clear()


if __name__ == "__main__":
    uvloop.run(listen(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
