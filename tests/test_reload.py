"""Laws of the reload: a server is upgraded in the middle of a show, with feeds at work and screens attached."""

import json
import os
import pty
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from websockets.exceptions import ConnectionClosed

from commands_run import SHOWFILE, cueroom, write_show
from conftest import Server, ShowOnServer
from feeding import order
from steady_feed import SteadyFeed, truth
from waiting import PATIENCE_S, until


class Watching:
    """Somebody who, in a thread of their own, looks over and over until the context ends."""

    def __init__(self, look: Callable[[threading.Event], None]) -> None:
        self._look = look
        self._ended = threading.Event()

    def __enter__(self) -> None:
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._ended.wait(0.05):
            self._look(self._ended)

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(PATIENCE_S)


class Screen:
    """A program's screen that connects again whenever it was closed; `state` is what it shows."""

    def __init__(self, show: ShowOnServer) -> None:
        self._show = show
        self.state: Any = None
        self.close_codes: list[int | None] = []

    def watch(self, ended: threading.Event) -> None:
        with self._show.connect_feed() as socket:
            try:
                while not ended.is_set():
                    self.state = json.loads(socket.recv(timeout=PATIENCE_S))
            except ConnectionClosed:
                self.close_codes.append(socket.close_code)


@contextmanager
def serving(data: Path, *options: str) -> Iterator[Server]:
    server = Server(data, *options)
    try:
        yield server
        assert server.stop() == 0
    finally:
        server.process.kill()


def status_of(url: str) -> int:
    """What a fresh connection is answered."""
    with socket.create_connection(("127.0.0.1", urlsplit(url).port or 0), timeout=PATIENCE_S) as connection:
        connection.sendall(f"GET {urlsplit(url).path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        return int(connection.recv(4096).split()[1])


@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_upgrade_in_mid_show_loses_nothing_and_is_ready_all_the_time(tmp_path: Path, workers: str) -> None:
    with serving(tmp_path / "data", "--workers", workers) as server:
        show, readiness = server.new_show(), set[int]()
        screen, feed = Screen(show), SteadyFeed(show)
        with (
            Watching(screen.watch),
            Watching(lambda _: readiness.add(status_of(f"{server.url}/readyz"))),
        ):
            feed.await_progress()
            server.reload()
            feed.await_progress()
            right = truth(feed.finish())
            until(lambda: right.items() <= screen.state["totals"].items(), "the screen shows all of it")
        assert right.items() <= show.state()["totals"].items()
        assert readiness == {200}
        assert screen.close_codes
        assert set(screen.close_codes) == {1012}


def missing_gauges(server: Server, show: ShowOnServer) -> set[str]:
    """What the metrics do not say of a show with one order, seven viewers in its room and one screen."""
    named = f'{{show="{show.id}"}}'
    right = {
        'cueroom_screens{role="viewer"} 1.0',
        'cueroom_screens{role="producer"} 0.0',
        *(f"cueroom_{name}{named} {value}" for name, value in (("gmv", 9900.0), ("online", 7.0), ("led", 1.0))),
    }
    return right - set(httpx2.get(f"{server.url}/metrics", timeout=PATIENCE_S).text.splitlines())


def test_after_an_upgrade_of_a_single_process_the_gauges_tell_what_is_so(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as server:
        show = server.new_show()
        assert show.post([{"type": "room.online", "n": 7}, order("1")]).status_code == 200
        server.reload()
        with show.connect_feed():
            until(lambda: not missing_gauges(server, show), "the gauges are right")


def test_a_reload_reads_the_show_files_again(tmp_path: Path) -> None:
    file = write_show(tmp_path)
    with serving(tmp_path / "data", str(file)) as server:
        key = cueroom("keys", "launch-0630", "--role", "viewer", "--data", server.data).stdout.strip()
        write_show(tmp_path, SHOWFILE.replace("宠粉首播", "宠粉次播"))
        server.reload()
        state = httpx2.get(
            f"{server.url}/v1/shows/launch-0630", headers={"Authorization": f"Bearer {key}"}, timeout=PATIENCE_S
        ).json()
        assert state["show"]["title"] == "宠粉次播"


def test_a_show_file_with_mistakes_is_told_and_changes_nothing(tmp_path: Path) -> None:
    file = write_show(tmp_path)
    with serving(tmp_path / "data", str(file)) as server:
        write_show(tmp_path, SHOWFILE.replace('"hot"', '"hit"'))
        server.reload("not reloaded")
        assert 'reason="relief"} 0.0' in httpx2.get(f"{server.url}/metrics", timeout=PATIENCE_S).text


ON_A_TERMINAL = "import os, sys; os.login_tty(0); os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"


def test_a_closed_terminal_ends_the_server_instead(tmp_path: Path) -> None:
    window, terminal = pty.openpty()
    serve = ["-m", "cueroom.cli", "serve", "--data", str(tmp_path / "data"), "--port", "0"]
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}  # as usual
    with subprocess.Popen([sys.executable, "-c", ON_A_TERMINAL, *serve], stdin=terminal, env=buffered) as server:
        os.close(terminal)
        said = b""
        while b"\n" not in said.partition(b"ready http")[2]:
            said += os.read(window, 4096)
        os.close(window)
        assert server.wait(PATIENCE_S) == 0
