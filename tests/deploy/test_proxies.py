"""Laws of the proxies: nginx and HAProxy as they are shipped, before two machines on one Redis."""

import asyncio
import json
import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from websockets.exceptions import WebSocketException

from conftest import Server, ShowOnServer, small_rundown
from cueroom.before import planning, products
from cueroom.feed import Feed, ingest_url
from cueroom.settings import Settings
from feeding import order
from ports import free_ports
from steady_feed import SteadyFeed
from topologies import Node, server_options, until
from waiting import PATIENCE_S

DEPLOY = Path(__file__).resolve().parents[2] / "scripts" / "deploy"
CONFIGS = {"nginx": DEPLOY / "nginx.conf", "haproxy": DEPLOY / "haproxy.cfg"}
FEEDS, BATCHES = 6, 120
NGINX_FOLDERS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


class Front(Server):
    """A proxy, used as the server behind it is."""

    def __init__(self, name: str, folder: Path, machines: list[Server]) -> None:
        (self.port,) = free_ports(1)
        config = folder / CONFIGS[name].name
        config.write_text(self._on_loopback(CONFIGS[name].read_text(), folder, machines))
        nginx = ("-p", str(folder), "-g", f"daemon off; pid {folder}/pid;", "-c", str(config))
        options = nginx if name == "nginx" else ("-f", str(config))
        with (folder / "log").open("wb") as log:
            self.process = subprocess.Popen([program(name), *options], stdout=log, stderr=log, text=True)
        self.url, self.ws_url = f"http://127.0.0.1:{self.port}", f"ws://127.0.0.1:{self.port}"
        self._redis = machines[0]._redis
        until(self._answers, f"{name} answers")

    def _answers(self) -> bool:
        try:
            return httpx2.get(f"{self.url}/healthz", timeout=PATIENCE_S).status_code == 200
        except httpx2.TransportError:
            return False

    def _on_loopback(self, text: str, folder: Path, machines: list[Server]) -> str:
        """The shipped configuration with this test's addresses, and with folders that anybody may write."""
        for address, machine in zip(("10.0.0.11:8080", "10.0.0.12:8080"), machines, strict=True):
            assert text.count(address) == 1
            text = text.replace(address, f"127.0.0.1:{machine.port}")
        folders = "".join(f"{name}_temp_path {folder}/{name};" for name in NGINX_FOLDERS)
        return (
            text.replace("listen 80;", f"listen 127.0.0.1:{self.port};")
            .replace("bind :80", f"bind 127.0.0.1:{self.port}")
            .replace("client_header_timeout 5s", "client_header_timeout 1s")  # so that the test need not wait for long
            .replace("timeout http-request 5s", "timeout http-request 1s")
            .replace("http {", f"http {{ {folders}")
        )


def program(name: str) -> str:
    """Where the proxy is; skips the test where it is not installed."""
    return shutil.which(name, path="/usr/sbin:/usr/bin:/usr/local/bin") or pytest.skip(f"{name} is not installed")


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Server]]:
    """Two servers with directories of their own, on one Redis; the first has two workers."""
    folder, (port,) = tmp_path_factory.mktemp("machines"), free_ports(1)
    redis = Node(folder / "redis", port, *server_options(port))
    url = f"redis://127.0.0.1:{port}"
    servers = [Server(folder / name, "--workers", workers, redis=url) for name, workers in (("one", "2"), ("two", "1"))]
    yield servers
    for server in servers:
        server.kill()
    redis.kill()


@pytest.fixture(params=sorted(CONFIGS))
def front(request: pytest.FixtureRequest, machines: list[Server], tmp_path: Path) -> Iterator[Front]:
    running = Front(request.param, tmp_path, machines)
    yield running
    running.stop()


def look(show: ShowOnServer) -> bool:
    """Whether a screen gets its state now."""
    try:
        with show.connect_feed() as screen:
            return bool(json.loads(screen.recv(timeout=PATIENCE_S))["rev"])
    except WebSocketException:
        return False


@pytest.mark.parametrize(
    ("name", "check"), [("nginx", ["-t", "-q", "-g", "pid pid;", "-p", ".", "-c"]), ("haproxy", ["-c", "-q", "-f"])]
)
def test_the_configuration_is_valid_as_it_is_shipped(tmp_path: Path, name: str, check: list[str]) -> None:
    (port,) = free_ports(1)  # the check opens it, and 80 may be taken or not be for everybody
    (tmp_path / "shipped").write_text(CONFIGS[name].read_text().replace("listen 80;", f"listen {port};"))
    command = [program(name), *check, "shipped"]
    checked = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_feeds_screens_and_commands_go_on_whichever_machine_dies_or_drains(
    front: Front, machines: list[Server]
) -> None:
    show = ShowOnServer(front, small_rundown(f"behind-{front.port}"))
    with socket.create_connection(("127.0.0.1", front.port)) as dripping:
        dripping.sendall(b"GET / HTTP/1.1\r\nHost: ")
        feed = SteadyFeed(show)
        feed.await_progress()
        for machine, end in ((machines[0], machine_dies), (machines[1], machine_drains)):
            end(machine)
            assert show.command("present", sku="V01").status_code == 200
            until(lambda: look(show), "screens are served")
            feed.await_progress()
            machine.start()
        feed.check_totals()

        dripping.settimeout(PATIENCE_S)
        assert dripping.recv(100)[9:12] in (b"", b"408")  # the rest of its head would come too late


def machine_dies(machine: Server) -> None:
    machine.kill()


def machine_drains(machine: Server) -> None:
    assert machine.stop() == 0


def test_feeds_come_back_by_themselves_and_count_once_when_workers_are_killed(
    front: Front, machines: list[Server]
) -> None:
    show = ShowOnServer(front, small_rundown(f"manned-{front.port}"))
    until(lambda: len(machines[0].workers()) == 2, "both are there")
    doomed = dict(zip((BATCHES // 3, BATCHES // 2), machines[0].workers(), strict=True))

    async def push(name: str) -> int:
        async with Feed(ingest_url(front.url, show.id), show.keys["ingest"], name) as feed:
            for number in range(1, BATCHES + 1):
                await feed.send([{"type": "viewer.entered", "n": number}, order(f"{name}-{number}", "paid")])
                if name == "feed-0" and number in doomed:
                    os.kill(doomed[number], signal.SIGKILL)
        return feed.acknowledged

    async def push_all() -> list[int]:
        async with asyncio.timeout(PATIENCE_S):
            return await asyncio.gather(*(push(f"feed-{number}") for number in range(FEEDS)))

    assert asyncio.run(push_all()) == [BATCHES] * FEEDS
    totals = show.state()["totals"]
    assert totals["orders_paid"] == FEEDS * BATCHES
    assert totals["entered"] == FEEDS * BATCHES * (BATCHES + 1) // 2
    until(lambda: len(machines[0].workers() - set(doomed.values())) == 2, "others take their places")


def leaders(machines: list[Server], show: ShowOnServer) -> list[Server]:
    """The machines that ever led the show."""
    sign = re.compile(f'"show": "{show.id}".*"director leads"')
    return [machine for machine in machines if sign.search(machine.log.read_text())]


def test_one_machine_leads_a_show_and_any_serves_it(front: Front, machines: list[Server]) -> None:
    show = ShowOnServer(front, small_rundown(f"led-{front.port}"))
    until(lambda: leaders(machines, show), "somebody leads")
    for machine in machines:
        answer = httpx2.get(f"{machine.url}/v1/shows/{show.id}", headers=show.headers("viewer"), timeout=PATIENCE_S)
        assert answer.status_code == 200
    assert all(look(show) for _ in range(4))
    assert len(leaders(machines, show)) == 1


def test_a_pool_of_products_gets_through_whole(front: Front, machines: list[Server]) -> None:
    headers = {"Authorization": f"Bearer {machines[0].new_house_key()}"}
    file = b"sku,name,price\n" + b"x" * 6_000_000
    told = httpx2.post(f"{front.url}/products?currency=CNY", content=file, headers=headers, timeout=PATIENCE_S)
    assert (told.status_code, told.json()["flawed"]) == (200, 1)


def test_nginx_takes_files_as_large_as_cueroom_does() -> None:
    limits = re.findall(r"client_max_body_size (\d+)m;", CONFIGS["nginx"].read_text())
    any_body, papers_file, pool = (int(limit) << 20 for limit in limits)
    settings = Settings()
    assert any_body > max(settings.max_bytes, planning.FILE_BYTES)
    assert papers_file > settings.max_file_bytes
    assert pool > products.FILE_BYTES


def test_figures_are_not_for_the_public(front: Front, machines: list[Server]) -> None:
    assert httpx2.get(f"{front.url}/metrics", timeout=PATIENCE_S).status_code == 404
    assert httpx2.get(f"{machines[0].url}/metrics", timeout=PATIENCE_S).status_code == 200
