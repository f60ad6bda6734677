"""Laws of a line: what a screen that reads late gets, and that nothing is written to one that has gone."""

import asyncio
import contextlib
import gc
import socket as socketlib
from collections.abc import AsyncIterator, Awaitable, Callable

import uvloop
import websockets.frames
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode
from websockets.server import ServerProtocol

from cueroom.edge.burden import Burden
from cueroom.edge.closing import Close
from cueroom.edge.lines import Line, framed, line_of
from cueroom.metrics import Metrics
from cueroom.processes.gate import GatedConfig, GatedHttp, PatientSocket
from cueroom.settings import Settings
from waiting import PATIENCE_S

LARGE = 2_000_000
"""Bytes of a frame that the kernels of both sides cannot take while nobody reads."""
UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: cueroom\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
TOO_SLOW = Close(1013, "too slow")
LEAVING = Close(1001, "")


class Screen:
    """A screen's two ends: what the server writes by, and a client's socket, which reads only when a test does."""

    def __init__(self, line: Line, client: socketlib.socket) -> None:
        self.line = line
        self.full = asyncio.Event()
        self.free = asyncio.Event()
        self.went_on = 0
        self.write = line.use(self)
        self._client = client

    def pause(self) -> None:
        self.free.clear()
        self.full.set()

    def go_on(self) -> None:
        self.full.clear()
        self.free.set()
        self.went_on += 1

    async def read(self, size: int = 2**30) -> bytes:
        """So many bytes, or all until the end."""
        data = bytearray()
        while len(data) < size and (piece := await _loop().sock_recv(self._client, min(2**16, size - len(data)))):
            data += piece
        return bytes(data)

    async def say_goodbye(self) -> None:
        await _loop().sock_sendall(self._client, goodbye(LEAVING, mask=True))

    def vanish(self) -> None:
        self._client.close()


def test_a_screen_that_reads_late_gets_every_frame_whole_and_in_order() -> None:
    frames = [framed(letter * LARGE) for letter in (b"a", b"b", b"c")]

    async def act(screen: Screen) -> None:
        screen.write(frames[0])
        assert screen.full.is_set()
        reading = asyncio.create_task(screen.read(sum(map(len, frames))))
        for frame in frames[1:]:
            await screen.free.wait()
            screen.write(frame)
        assert await reading == b"".join(frames)

    with_screen(act)


def test_a_goodbye_comes_behind_what_was_written_and_nothing_follows_it() -> None:
    frame = framed(b"a" * LARGE)
    expected = frame + goodbye(TOO_SLOW, mask=False)

    async def act(screen: Screen) -> None:
        screen.write(frame)
        screen.line.hang_up(TOO_SLOW)
        assert await screen.read(len(expected)) == expected
        await screen.say_goodbye()
        assert await screen.read() == b""
        assert not screen.went_on

    with_screen(act)


def test_a_screen_that_says_goodbye_before_it_has_read_all_is_sent_no_more() -> None:
    frame = framed(b"a" * LARGE)

    async def act(screen: Screen) -> None:
        screen.write(frame)
        await screen.say_goodbye()
        assert await screen.read() == frame + goodbye(LEAVING, mask=False)
        assert not screen.went_on

    with_screen(act)


def test_nothing_can_be_written_after_a_goodbye_or_a_lost_connection() -> None:
    async def hang_up(screen: Screen) -> None:
        screen.line.hang_up(TOO_SLOW)
        assert screen.full.is_set()

    async def vanish(screen: Screen) -> None:
        screen.vanish()
        await screen.full.wait()

    with_screen(hang_up)
    with_screen(vanish)


def test_a_line_that_has_ended_leaves_nothing_for_the_garbage_collector() -> None:
    async def act(screen: Screen) -> None:
        screen.write(framed(b"a"))
        await screen.say_goodbye()
        await screen.read()

    def there() -> set[int]:
        parts = (GatedHttp, PatientSocket, ServerProtocol, Screen)
        return {id(each) for each in gc.get_objects() if isinstance(each, parts)}

    gc.collect()
    gc.disable()
    try:
        others = there()  # what other tests left
        with_screen(act)
        assert there() <= others
    finally:
        gc.enable()


def goodbye(close: Close, *, mask: bool) -> bytes:
    """A close frame; a client's is masked."""
    return Frame(Opcode.CLOSE, websockets.frames.Close(close.code, close.reason).serialize()).serialize(mask=mask)


def with_screen(act: Callable[[Screen], Awaitable[None]]) -> None:
    """Runs this on the loop the server uses, with a screen of a server of its own."""

    async def run() -> None:
        async with asyncio.timeout(PATIENCE_S), _screen() as screen:
            await act(screen)

    uvloop.run(run())


@contextlib.asynccontextmanager
async def _screen() -> AsyncIterator[Screen]:
    came: asyncio.Queue[Line] = asyncio.Queue()

    async def hold(socket: WebSocket) -> None:
        await socket.accept()
        came.put_nowait(line_of(socket))
        while (await socket.receive())["type"] != "websocket.disconnect":
            pass

    config = GatedConfig(Starlette(routes=[WebSocketRoute("/", hold)]), Settings(), Burden(Settings(), Metrics()))
    config.load()
    state = ServerState()
    server = await _loop().create_server(lambda: GatedHttp(config, state, {}), "127.0.0.1", 0)
    with socketlib.socket() as client:
        client.setsockopt(socketlib.SOL_SOCKET, socketlib.SO_RCVBUF, 2**16)
        client.setblocking(False)
        await _loop().sock_connect(client, server.sockets[0].getsockname())
        await _loop().sock_sendall(client, UPGRADE)
        while not (await _loop().sock_recv(client, 2**16)).endswith(b"\r\n\r\n"):
            pass
        yield Screen(await came.get(), client)
    while state.connections or state.tasks:  # noqa: ASYNC110  # uvicorn's, which tell nobody
        await asyncio.sleep(0)
    server.close()


def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()
