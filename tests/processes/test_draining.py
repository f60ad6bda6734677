"""Laws of the drain, with a small app in a process of its own."""

import asyncio
import contextlib
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator

import pytest
from websockets.asyncio.client import connect as connect_async
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from waiting import PATIENCE_S

APP = """
import asyncio, socket, sys
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from cueroom.edge.burden import Burden
from cueroom.processes.draining import run, serve_app
from cueroom.processes.handing import Inlet, Outlet, Reception
from cueroom.processes import gate
from cueroom.logs import set_up_logs
from cueroom.metrics import Metrics
from cueroom.settings import Settings

gate.GOODBYE_S = 60  # however slow this machine is, everybody hears the goodbye
held = {}

async def feed(socket):
    await socket.accept()
    try:
        async for message in socket.iter_text():
            held[socket] = message
            await socket.send_text("accepted")
    except Exception:
        pass

async def drain(deadline_s):
    print("draining", flush=True)
    for socket, message in held.items():
        if message == "never":
            await asyncio.sleep(3600)
        await socket.send_text("flushed " + message)
        await socket.close(1012)

async def main():
    app = Starlette(routes=[
        WebSocketRoute("/feed", feed),
        Route("/", lambda request: PlainTextResponse("up")),
    ])
    app.state.drain = drain
    settings = Settings(max_bytes=1024, drain_s=float(sys.argv[1]))
    app.state.burden = Burden(settings, Metrics())
    listener = socket.create_server(("127.0.0.1", 0))
    ours, theirs = socket.socketpair()
    outlet = Outlet(ours)
    serving = asyncio.create_task(serve_app(app, settings, Inlet(theirs)))
    await outlet.ready.wait()
    Reception(listener).admit(outlet)
    print(listener.getsockname()[1], flush=True)
    try:
        await asyncio.wait([serving])
    finally:
        serving.cancel()
        await asyncio.wait([serving])

set_up_logs("info", "json")
run(main())
print("left in order", flush=True)
"""


Server = tuple[subprocess.Popen[str], str]


@contextlib.contextmanager
def serving(drain_s: float = 60) -> Iterator[Server]:
    with subprocess.Popen([sys.executable, "-c", APP, str(drain_s)], stdout=subprocess.PIPE, text=True) as process:
        yield process, f"127.0.0.1:{line_of(process)}"
        process.kill()


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as server:
        yield server


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop_it_finishes_what_it_accepted_then_says_it_restarts(server: Server, number: int) -> None:
    process, address = server
    with connect(f"ws://{address}/feed", open_timeout=PATIENCE_S) as feed:
        feed.send("42")
        assert feed.recv() == "accepted"
        process.send_signal(number)
        assert feed.recv(timeout=PATIENCE_S) == "flushed 42"
        assert close_code(feed) == 1012
    assert process.communicate(timeout=PATIENCE_S)[0] == "draining\nleft in order\n"
    assert process.returncode == 0


def test_feeds_in_full_flow_hear_the_goodbye_that_comes_while_they_send(server: Server) -> None:
    process, address = server

    async def flow(flowing: asyncio.Barrier) -> int | None:
        async with connect_async(f"ws://{address}/feed", max_queue=None, open_timeout=PATIENCE_S) as feed:
            await feed.send("42")
            await flowing.wait()
            with contextlib.suppress(ConnectionClosed):
                while True:
                    await feed.send("x" * 1000)
                    await asyncio.sleep(0)  # let it hear
        return feed.close_code

    async def flow_together() -> list[int | None]:
        flowing = asyncio.Barrier(9)
        feeds = [asyncio.create_task(flow(flowing)) for _ in range(8)]
        await flowing.wait()
        process.terminate()
        return await asyncio.gather(*feeds)

    assert asyncio.run(flow_together()) == [1012] * 8
    assert process.wait(PATIENCE_S) == 0


def test_a_socket_the_app_did_not_close_is_told_of_the_restart_too(server: Server) -> None:
    process, address = server
    with connect(f"ws://{address}/feed", open_timeout=PATIENCE_S) as idle:
        process.terminate()
        assert close_code(idle) == 1012
    process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0


def test_a_drain_that_never_ends_is_cut_off_at_its_deadline() -> None:
    with serving(drain_s=0.1) as (process, address), connect(f"ws://{address}/feed", open_timeout=PATIENCE_S) as feed:
        feed.send("never")
        assert feed.recv() == "accepted"
        process.terminate()
        assert close_code(feed) == 1012
        assert process.wait(PATIENCE_S) == 0


def test_a_second_signal_ends_it_at_once(server: Server) -> None:
    process, address = server
    with connect(f"ws://{address}/feed", open_timeout=PATIENCE_S) as feed:
        feed.send("never")
        assert feed.recv() == "accepted"
        process.terminate()
        assert line_of(process) == "draining"
        process.terminate()
        assert process.wait(PATIENCE_S) == -signal.SIGTERM


def test_a_frame_over_the_limit_closes_with_1009(server: Server) -> None:
    _, address = server
    with connect(f"ws://{address}/feed", open_timeout=PATIENCE_S) as feed:
        feed.send("x" * 1025)
        assert close_code(feed) == 1009


def test_sockets_are_not_compressed_and_answers_do_not_name_the_software(server: Server) -> None:
    _, address = server
    with connect(f"ws://{address}/feed", open_timeout=PATIENCE_S) as feed:
        assert feed.response
        assert "Sec-WebSocket-Extensions" not in feed.response.headers
        assert "server" not in feed.response.headers
    with urllib.request.urlopen(f"http://{address}/") as answer:
        assert answer.headers["server"] is None


def close_code(connection: ClientConnection) -> int | None:
    with contextlib.suppress(ConnectionClosed):
        connection.recv(timeout=PATIENCE_S)
        pytest.fail("the socket is still open")
    return connection.close_code
