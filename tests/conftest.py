"""A real server on a real embedded store, one for the whole run; every test gets a show of its own on it."""

import asyncio
import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import pytest
from hypothesis import HealthCheck, settings
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from cueroom.errors import StoreUnavailable
from cueroom.show.access import HOUSE, Role, new_key
from cueroom.show.rundown import Host, Item, Rundown
from cueroom.storage.store import Store
from ports import free_ports
from waiting import PATIENCE_S, until

# A law holds on a slow machine too.
settings.register_profile("cueroom", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("cueroom")

T = TypeVar("T")
HOUR_MS = 3_600_000
_NUMBERS = itertools.count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--renew-golden", action="store_true", help="write tests/golden anew")


def small_rundown(show: str) -> Rundown:
    """Three items, two hosts; 60 of V01's 100 units are held back."""
    return Rundown(
        id=show,
        title="测试场",
        starts_at=1_700_000_000_000,
        duration_min=30,
        currency="CNY",
        goal=1_000_000,
        hosts=(Host("lead", "主播"), Host("guest", "嘉宾")),
        items=(
            Item(sku="V01", name="无线吸尘器", price=9_900, stock=100, batches=(40, 60), minutes=10, host="lead"),
            Item(sku="V02", name="面膜", price=5_000, stock=50, minutes=10, host="guest"),
            Item(sku="V03", name="保温杯", price=3_000, stock=30, minutes=10, host="lead"),
        ),
    )


class ShowOnServer:
    """One show on the running server, with keys for every role and the calls a client makes."""

    def __init__(self, server: "Server", rundown: Rundown) -> None:
        self.server = server
        self.rundown = rundown
        self.id = rundown.id
        self.keys: dict[str, str] = {}
        server.with_store(self._load)
        self.http = httpx2.Client(base_url=server.url, timeout=PATIENCE_S)

    async def _load(self, store: Store) -> None:
        await store.put_show(self.rundown, 1_700_000_000_000)
        for role in Role:
            record, plain = new_key(role, 1000 * HOUR_MS, _now_ms())
            await store.put_key(self.id, record)
            self.keys[role.value] = plain

    def headers(self, role: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[role]}"}

    def state(self) -> Any:
        response = self.http.get(f"/v1/shows/{self.id}", headers=self.headers("viewer"))
        assert response.status_code == 200, response.text
        return response.json()

    def post(self, events: Any, content_type: str = "application/json") -> httpx2.Response:
        headers = self.headers("ingest") | {"Content-Type": content_type}
        body = events if isinstance(events, bytes) else json.dumps(events).encode()
        return self.http.post(f"/v1/shows/{self.id}/events", content=body, headers=headers)

    def command(self, command: str, idempotency_key: str | None = None, **fields: Any) -> httpx2.Response:
        headers = self.headers("producer")
        if idempotency_key:
            headers["Idempotency-Key"] = idempotency_key
        return self.http.post(f"/v1/shows/{self.id}/commands", json={"command": command, **fields}, headers=headers)

    def forget(self) -> None:
        """Has it be kept no more, as one that ended long ago."""

        async def act(store: Store) -> None:
            keys = await store._keys(self.id)
            await store._call(self.id, lambda redis: redis.unlink(*keys))

        self.server.with_store(act)

    def connect_ingest(self, protocol: str = "cueroom.v1.json") -> ClientConnection:
        address, spoken = f"{self.server.ws_url}/v1/shows/{self.id}/ingest", [Subprotocol(protocol)]
        headers = self.headers("ingest")
        return connect(address, additional_headers=headers, subprotocols=spoken, max_size=None, open_timeout=PATIENCE_S)

    def connect_while_it_lasts(self, role: Role, connect_with: Callable[[], ClientConnection]) -> ClientConnection:
        """A connection by a key of that role which runs out soon, though not before the connection is open."""
        for life_ms in (1_500, 6_000, 24_000, 96_000):
            record, self.keys[role.value] = new_key(role, life_ms, _now_ms())
            self.server.with_store(lambda store, record=record: store.put_key(self.id, record))  # type: ignore[misc]  # bound at once
            with contextlib.suppress(InvalidStatus):  # this machine is too slow for so short a life
                return connect_with()
        raise AssertionError("no key lives long enough")

    def connect_feed(self, role: str = "viewer") -> ClientConnection:
        address = f"{self.server.ws_url}/v1/shows/{self.id}/feed"
        return connect(address, additional_headers=self.headers(role), max_size=None, open_timeout=PATIENCE_S)

    def feed_request(self) -> bytes:
        """What a viewer's program says to open the feed of states, for a test that has a bare connection."""
        lines = (
            f"GET /v1/shows/{self.id}/feed HTTP/1.1",
            "Host: cueroom",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
            "Sec-WebSocket-Version: 13",
            f"Authorization: Bearer {self.keys['viewer']}",
        )
        return "".join(f"{line}\r\n" for line in (*lines, "")).encode()


class Server:
    """`cueroom serve` as a process on its own data directory, and on the Redis that is named or its own."""

    def __init__(self, data: Path, *options: str, redis: str = "") -> None:
        self.data = data
        self.log = data.parent / f"{data.name}.log"
        self._options = (*options, "--redis", redis) if redis else options
        self._redis = redis or f"unix://{(data / 'redis.sock').resolve()}"
        (self.port,) = free_ports(1)
        self.start()

    def start(self) -> None:
        """Starts it, or starts it again where it was."""
        command = [sys.executable, "-m", "cueroom.cli", "serve", "--data", str(self.data)]
        with self.log.open("ab") as log:
            # A group of its own, so that a kill can strike the workers as well.
            self.process = subprocess.Popen(
                [*command, "--port", str(self.port), *self._options],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line.startswith("ready "), f"no ready line but {line!r}; see {log.name}"
        self.url = line.split()[1]
        self.ws_url = self.url.replace("http", "ws", 1)

    def with_store(self, act: Callable[[Store], Awaitable[T]]) -> T:
        """Runs `act` on the store that the server uses."""

        async def run() -> T:
            store = Store(self._redis, 30)
            try:
                return await act(store)
            finally:
                await store.close()

        # In a thread of its own: the browser tests hold an event loop in this one.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(lambda: asyncio.run(run())).result()

    def new_house_key(self) -> str:
        """A producer's key to all shows."""
        record, plain = new_key(Role.PRODUCER, 1000 * HOUR_MS, _now_ms(), all_shows=True)
        self.with_store(lambda store: store.put_key(HOUSE, record))
        return plain

    def new_show(self, prefix: str = "show") -> ShowOnServer:
        return ShowOnServer(self, small_rundown(f"{prefix}-{os.getpid()}-{next(_NUMBERS)}"))

    def workers(self) -> set[int]:
        """The processes of its workers; none where one process is all."""
        told = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
        lines = [line.split(None, 2) for line in told.splitlines() if "cueroom.worker" in line]
        return {int(pid) for pid, parent, _ in lines if int(parent) == self.process.pid}

    def signal_all(self, number: signal.Signals) -> None:
        """Sends a signal to every process of the server at once; its store is none of them."""
        os.killpg(self.process.pid, number)

    def kill(self) -> None:
        """Kills every process of the server at once; its store ends by itself a little later."""
        self.signal_all(signal.SIGKILL)
        self.process.wait()

    def store_pid(self) -> int:
        """The process of the embedded store, once it answers."""

        async def ask(store: Store) -> int:
            while True:
                try:
                    await store.ping()
                    return int((await store._call("", lambda redis: redis.info("server")))["process_id"])
                except StoreUnavailable:  # not back yet from the last kill
                    await asyncio.sleep(0.05)

        return self.with_store(ask)

    def kill_store(self) -> None:
        """Kills the embedded store; the server starts it again."""
        os.kill(self.store_pid(), signal.SIGKILL)

    def reload(self, outcome: str = "reloaded") -> None:
        """Asks for an upgrade, and waits until the log tells what came of it."""
        before = self._told(outcome)
        self.process.send_signal(signal.SIGHUP)
        until(lambda: self._told(outcome) > before, f"{outcome!r} is told")

    def _told(self, event: str) -> int:
        """How many lines of the log tell of that event."""
        lines = (self.data.parent / f"{self.data.name}.log").read_text().splitlines()
        return [json.loads(line)["event"] for line in lines if line.startswith("{")].count(event)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_S)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("cueroom") / "data")
    yield running
    running.stop()


@pytest.fixture(scope="session")
def house_key(server: Server) -> str:
    return server.new_house_key()


@pytest.fixture
def show(server: Server) -> ShowOnServer:
    return server.new_show()
