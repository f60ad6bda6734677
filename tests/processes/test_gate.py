"""Laws of the gate: strangers cost little and go soon, and who sends a request comes in."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from conftest import Server, ShowOnServer
from cueroom.edge.closing import TOO_BIG, TRY_LATER
from cueroom.metrics import Refusal
from cueroom.processes.gate import ANTEROOM
from cueroom.serve import UNTAKEN_MS, bind
from cueroom.settings import Settings
from feeding import Event, PlainFeed, closing_code, order
from waiting import PATIENCE_S, until

PLACES = 30
IN_FLIGHT = 100_000


@pytest.fixture(scope="module")
def gated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    bounds = ("--head-s", "60", "--max-connections", str(PLACES), "--max-in-flight", str(IN_FLIGHT))
    server = Server(tmp_path_factory.mktemp("gate") / "data", *bounds)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that waits for a head, or for a body, no longer than two seconds."""
    server = Server(tmp_path_factory.mktemp("hasty") / "data", "--head-s", "2")
    yield server
    server.stop()


@pytest.fixture
def show(gated: Server) -> ShowOnServer:
    return gated.new_show("gate")


def stranger(server: Server, first_words: bytes = b"") -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S)
    connection.sendall(first_words)
    return connection


def all_said(connection: socket.socket) -> bytes:
    """What the server answers until it closes."""
    said = b""
    with contextlib.suppress(ConnectionResetError):
        while more := connection.recv(65_536):
            said += more
    return said


def said_until(connection: socket.socket, end: bytes) -> bytes:
    """What the server answers, at least up to these bytes."""
    said = b""
    while end not in said:
        more = connection.recv(65_536)
        assert more, f"closed after {said!r}"
        said += more
    return said


def metric(show: ShowOnServer, series: str) -> float:
    found = re.search(rf"^{re.escape(series)} (\S+)", show.http.get("/metrics").text, re.MULTILINE)
    assert found, series
    return float(found[1])


def refusals(show: ShowOnServer, reason: Refusal) -> float:
    return metric(show, f'cueroom_refusals_total{{reason="{reason.value}"}}')


@pytest.mark.parametrize("first_words", [b"", b"GET / HTTP/1.1\r\nX-A: ", b"GET /healthz HTTP/1.1\r\n\r\nGET /he"])
def test_a_head_that_is_never_finished_ends_the_connection(hasty: Server, first_words: bytes) -> None:
    show = hasty.new_show("hasty")
    before = refusals(show, Refusal.SLOW_HEAD)
    with show.connect_ingest() as socket_, stranger(show.server, first_words) as slow:
        feed = PlainFeed(socket_)
        assert b"HTTP/1.1 408 " in all_said(slow)
        assert feed.push([order("1")])["ack"] == 1, "a socket is not held to the time of a head"
    assert refusals(show, Refusal.SLOW_HEAD) > before


def test_a_socket_where_a_request_was_answered_before_is_not_held_to_the_time_of_a_head(hasty: Server) -> None:
    show = hasty.new_show("hasty")
    with stranger(hasty, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n") as reused:
        assert said_until(reused, b"\r\n\r\nok\n").startswith(b"HTTP/1.1 200 ")
        reused.sendall(show.feed_request())
        assert said_until(reused, b"\r\n\r\n").startswith(b"HTTP/1.1 101 ")
        with stranger(hasty) as later:
            assert b"HTTP/1.1 408 " in all_said(later)
        said = reused.recv(2**20)  # everything so far, or else the next frame
        assert said
        assert b"HTTP/1.1 408 " not in said


@pytest.mark.parametrize("protocol", ["cueroom.v1.json", "cueroom.v1.msgpack"])
def test_who_sends_too_much_is_told_so_however_much_is_still_on_its_way(show: ShowOnServer, protocol: str) -> None:
    with show.connect_ingest(protocol) as socket_:
        feed = PlainFeed(socket_)
        feed.send("x" * 2**23)
        assert closing_code(socket_) == TOO_BIG


def test_a_head_without_end_is_not_kept(show: ShowOnServer) -> None:
    with stranger(show.server, b"GET / HTTP/1.1\r\n") as endless:
        with contextlib.suppress(OSError):
            for _ in range(1000):
                endless.sendall(b"X-A: " + b"a" * 10_000 + b"\r\n")
        all_said(endless)
    assert refusals(show, Refusal.LONG_HEAD) >= 1


def test_a_body_that_never_comes_ends_the_request(hasty: Server) -> None:
    show = hasty.new_show("hasty")
    head = f"POST /v1/shows/{show.id}/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    head += f"Authorization: Bearer {show.keys['ingest']}\r\nContent-Length: 100\r\n\r\n["
    with stranger(show.server, head.encode()) as slow:
        assert slow.recv(4096).startswith(b"HTTP/1.1 408 ")


def test_garbage_is_answered_counted_and_not_logged(show: ShowOnServer) -> None:
    before = refusals(show, Refusal.UNREADABLE)
    with stranger(show.server, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\r\n\r\n") as other:
        assert all_said(other).startswith(b"HTTP/1.1 400 ")
    assert refusals(show, Refusal.UNREADABLE) == before + 1
    assert "Invalid HTTP request" not in show.server.log.read_text()


def test_a_body_is_never_unpacked(show: ShowOnServer) -> None:
    for path, key in (("events", "ingest"), ("commands", "producer")):
        headers = show.headers(key) | {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        answer = show.http.post(f"/v1/shows/{show.id}/{path}", content=b"\x1f\x8b", headers=headers)
        assert answer.status_code == 400
        assert "Content-Encoding" in answer.json()["detail"]


def test_the_silent_give_way_to_who_sends_a_request(show: ShowOnServer) -> None:
    before = refusals(show, Refusal.CONNECTIONS)
    with ExitStack() as stack:
        idle = [stack.enter_context(stranger(show.server)) for _ in range(2 * PLACES + ANTEROOM)]
        with stranger(show.server, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n") as newcomer:
            assert newcomer.recv(4096).startswith(b"HTTP/1.1 200 ")
        answer = all_said(idle[0])
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"retry-after: " in answer
    assert refusals(show, Refusal.CONNECTIONS) > before


def test_where_every_place_is_in_use_newcomers_are_asked_to_come_back(show: ShowOnServer) -> None:
    with ExitStack() as stack:
        for number in range(PLACES):
            PlainFeed(stack.enter_context(show.connect_ingest()), f"feed-{number}")
        with pytest.raises(InvalidStatus) as refused:
            show.connect_ingest()
        assert refused.value.response.status_code == 503
        assert refused.value.response.headers["retry-after"]
        assert show.command("start").status_code == 200, "people act by HTTP, and are let in"
    with let_in(show) as again:
        assert PlainFeed(again).push([order("1")])["accepted"] == 1


def let_in(show: ShowOnServer) -> ClientConnection:
    """A feed's socket, as soon as there is room for one."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return show.connect_ingest()
        except InvalidStatus:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_what_the_store_has_not_taken_is_bounded_kept_and_acknowledged_in_the_end(show: ShowOnServer) -> None:
    batches = [[{"type": "viewer.commented", "text": "好" * 300}] * 20] * 40
    store = show.server.store_pid()
    with show.connect_ingest() as socket_, show.connect_feed() as screen:
        feed = PlainFeed(socket_)
        os.kill(store, signal.SIGSTOP)
        try:
            send_rest(feed, batches)
            until(lambda: metric(show, "cueroom_in_flight_bytes") >= IN_FLIGHT, "all there is room for is read")
            with pytest.raises(InvalidStatus) as refused:
                show.connect_ingest()
        finally:
            os.kill(store, signal.SIGCONT)
        assert refused.value.response.status_code == 503
        assert refused.value.response.headers["retry-after"]
        assert metric(show, "cueroom_in_flight_bytes") <= IN_FLIGHT + 50_000
        acknowledge_all(show, feed, batches)
        assert screen.recv(timeout=PATIENCE_S)
    with let_in(show) as again:
        assert PlainFeed(again, "another").push([order("1")])["accepted"] == 1
    assert show.state()["totals"]["commented"] == 800


def send_rest(feed: PlainFeed, batches: Sequence[Sequence[Event]]) -> None:
    """All batches the server does not have yet."""
    for seq, batch in enumerate(batches[feed.welcome["resume"] :], start=feed.welcome["resume"] + 1):
        feed.send({"seq": seq, "events": batch})


def acknowledge_all(show: ShowOnServer, feed: PlainFeed, batches: Sequence[Sequence[Event]]) -> None:
    """Waits for the last acknowledgement; where the store was away for longer than a flush may take, the feed comes
    again."""
    try:
        feed.await_ack(len(batches))
    except ConnectionClosed:
        if feed.socket.close_code != TRY_LATER:
            raise
        with let_in(show) as socket_:
            again = PlainFeed(socket_)
            send_rest(again, batches)
            acknowledge_all(show, again, batches)


def test_a_socket_that_we_do_not_read_is_not_blamed_for_its_silence() -> None:
    """A feed whose reading waits for longer than a ping may take is still there afterwards."""
    with subprocess.Popen([sys.executable, "-c", PATIENT_APP], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            with connect(f"ws://127.0.0.1:{int(process.stdout.readline())}/", open_timeout=PATIENCE_S) as feed:
                feed.send("one")
                feed.send("two")
                assert [feed.recv(timeout=PATIENCE_S), feed.recv(timeout=PATIENCE_S)] == ["one", "two"]
        finally:
            process.kill()


PATIENT_APP = """
import asyncio, socket
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from cueroom.processes import gate
from cueroom.edge.burden import Burden
from cueroom.processes.draining import run, serve_app
from cueroom.processes.handing import Inlet, Outlet, Reception
from cueroom.metrics import Metrics
from cueroom.settings import Settings

gate.PING_S = 1.5

async def feed(socket):
    await socket.accept()
    await asyncio.sleep(4)
    async for message in socket.iter_text():
        await socket.send_text(message)

async def main():
    app = Starlette(routes=[WebSocketRoute("/", feed)])
    app.state.burden = Burden(Settings(), Metrics())
    listener = socket.create_server(("127.0.0.1", 0))
    ours, theirs = socket.socketpair()
    outlet = Outlet(ours)
    serving = asyncio.create_task(serve_app(app, Settings(), Inlet(theirs)))
    await outlet.ready.wait()
    Reception(listener).admit(outlet)
    print(listener.getsockname()[1], flush=True)
    await serving

run(main())
"""


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="only Linux cuts off who takes nothing")
def test_the_kernel_cuts_off_who_takes_nothing_of_what_it_is_sent() -> None:
    with (
        bind(Settings(port=0)) as listener,
        socket.create_connection(listener.getsockname()),
        listener.accept()[0] as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == UNTAKEN_MS


def test_no_more_connections_are_taken_than_the_system_has_files_for_and_that_is_said() -> None:
    program = "from cueroom.serve import within_file_limit as fit; from cueroom.settings import Settings;"
    program += "print(fit(Settings()).max_connections)"
    told = subprocess.run(
        ["sh", "-c", 'ulimit -n 300; exec "$0" -c "$1"', sys.executable, program],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.splitlines()[-1] == "44"
    assert "fewer connections than set" in told.stdout + told.stderr
