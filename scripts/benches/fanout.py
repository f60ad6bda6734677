"""`scripts/bench fanout`: one fragment to many screens, beside the least that any server has to pay for it."""

import contextlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import click
import httpx2
import msgspec
from websockets.sync.client import connect

from benches.listeners import Seen
from benches.peers import node_packages
from benches.results import Promise, Results, Table, p99, publish
from benches.serving import Serving, cpu_s, memory_mb, serving, show_of
from cueroom.show.rundown import Rundown, Script

SHOW = "fanout"
FLOOR = "raw sockets"
CUEROOM = "Cueroom"
GOAL = 1.3
SPACING_S = 0.1
SCREEN_S = 0.000_05
"""Between two bursts, and for each screen on top: enough for the slowest to be done."""
CLIENTS = 2
FOLDER = Path(__file__).parent
ENVIRONMENT = os.environ | {"PYTHONPATH": str(FOLDER.parent)}


class Fan(msgspec.Struct):
    """A server to be measured: where its screens connect, with which key, its process, and how to make it send."""

    url: str
    key: str
    pid: int
    burst: Callable[[int], None]


class Lap(msgspec.Struct):
    """What one server did with so many screens: how long after the first of them half, and all but a hundredth, had a
    frame, medians of all bursts; the CPU of a burst, at the server and at the busier client; the server's memory a
    screen."""

    name: str
    screens: int
    bursts: int
    p50_ms: float
    p99_ms: float
    server_ms: float
    client_ms: float
    screen_kb: float


@click.command("fanout")
@click.option("--screens", "sizes", multiple=True, type=int, default=(100, 1_000, 5_000), show_default=True)
@click.option("--bursts", default=12, show_default=True, help="frames to all screens, for each server and number")
@click.option("--laps", default=3, show_default=True, help="turns of Cueroom and of raw sockets; others have one")
def command(*, sizes: tuple[int, ...], bursts: int, laps: int) -> None:
    """Send fragments to many screens: Cueroom, raw sockets, websockets.broadcast and socket.io, one after the other."""
    began_s = time.monotonic()
    with serving(show()) as server, node_packages("socket.io") as io:
        bench = Bench(server, prompter_frame(server), io)
        ways = [FLOOR, CUEROOM, "websockets.broadcast", *(["socket.io"] if io else [])]
        turns = [*ways, *(FLOOR, CUEROOM) * (laps - 1)]
        done = [bench.measure(way, size, bursts) for size in sizes for way in turns]
    rows = {
        (way, size): _median_of([lap for lap in done if (lap.name, lap.screens) == (way, size)])
        for way in ways
        for size in sizes
    }
    publish(
        Results(
            name="fanout",
            tables=[_table(size, [rows[way, size] for way in ways], len(bench.frame.encode())) for size in sizes],
            promises=[_promise(rows, size) for size in sizes],
            figures={"laps": msgspec.to_builtins(done)},
            seconds=time.monotonic() - began_s,
        )
    )


def show() -> Rundown:
    """A show whose host has about 2 KB to read."""
    made = show_of(SHOW)
    script = Script(intro="现场倒一把米，一遍吸干净。" * 16, promotion="今晚直降两百，只有一千台。" * 16)
    return msgspec.structs.replace(made, items=tuple(msgspec.structs.replace(one, script=script) for one in made.items))


def prompter_frame(server: Serving) -> str:
    """What Cueroom sends a prompter, with `TIME` for its time."""
    headers = {"Authorization": f"Bearer {server.keys[SHOW]['host']}"}
    with connect(_prompter(server), additional_headers=headers, max_size=None) as socket:
        return re.sub(r'data-time="\d+"', 'data-time="TIME"', str(socket.recv()))


def _prompter(server: Serving) -> str:
    return f"ws://127.0.0.1:{server.port}/shows/{SHOW}/prompter/live"


class Bench(msgspec.Struct):
    """What is measured: a running Cueroom, the frame it sends a prompter, and where socket.io is, if it is."""

    server: Serving
    frame: str
    io: str | None

    def measure(self, way: str, screens: int, bursts: int) -> Lap:
        """One server's turn with so many screens."""
        with self._fan(way) as fan:
            before_mb = memory_mb(fan.pid)
            with _listening(fan, screens) as clients:
                began_s = cpu_s(fan.pid), [_ask(client).cpu_s for client in clients]
                for number in range(bursts):
                    fan.burst(10**12 + number)
                    time.sleep(SPACING_S + screens * SCREEN_S)
                seen = [_ask(client) for client in clients]
                server_s, held_mb = cpu_s(fan.pid) - began_s[0], memory_mb(fan.pid) - before_mb
        offsets = _offsets(seen, screens)
        client_s = max(one.cpu_s - since_s for one, since_s in zip(seen, began_s[1], strict=True))
        return Lap(
            name=way,
            screens=screens,
            bursts=len(offsets),
            p50_ms=median(median(burst) for burst in offsets),
            p99_ms=median(map(p99, offsets)),
            server_ms=1_000 * server_s / len(offsets),
            client_ms=1_000 * client_s / len(offsets),
            screen_kb=1_000 * held_mb / screens,
        )

    @contextlib.contextmanager
    def _fan(self, way: str) -> Iterator[Fan]:
        if way == CUEROOM:
            key = self.server.keys[SHOW]["host"]
            yield Fan(_prompter(self.server), key, self.server.worker_pids[0], _messenger(self.server))
            return
        command = {
            FLOOR: [sys.executable, "-m", "benches.fans", "floor"],
            "websockets.broadcast": [sys.executable, "-m", "benches.fans", "broadcast"],
            "socket.io": ["node", str(FOLDER / "fans.cjs")],
        }[way]
        path = "/socket.io/?EIO=4&transport=websocket" if way == "socket.io" else "/"
        with _program(command, cwd=self.io if way == "socket.io" else None) as (process, tell):
            port = int(process.stdout.readline())  # type: ignore[union-attr]  # it is a pipe
            tell(json.dumps(self.frame))
            yield Fan(f"ws://127.0.0.1:{port}{path}", "", process.pid, lambda stamp: tell(str(stamp)))


def _offsets(seen: list[Seen], screens: int) -> list[list[float]]:
    """For every frame that all screens had: how long after the first of them each had it, in ms."""
    bursts = [[at for one in seen for at in one.arrivals.get(stamp, [])] for stamp in seen[0].arrivals]
    return [[(at - min(burst)) / 1e6 for at in burst] for burst in bursts if len(burst) == screens]


def _messenger(server: Serving) -> Callable[[int], None]:
    """Each burst is a producer's message to all hosts, in place of the one before."""
    headers = {"Authorization": f"Bearer {server.keys[SHOW]['producer']}"}
    client = httpx2.Client(base_url=f"http://127.0.0.1:{server.port}", headers=headers)

    def burst(stamp: int) -> None:
        body = {"command": "message", "text": f"{stamp}"}
        client.post(f"/v1/shows/{SHOW}/commands", json=body).raise_for_status()

    return burst


@contextlib.contextmanager
def _listening(fan: Fan, screens: int) -> Iterator[list[subprocess.Popen[str]]]:
    shares = [screens // CLIENTS + (place < screens % CLIENTS) for place in range(CLIENTS)]
    with contextlib.ExitStack() as stack:
        clients = []
        for share in shares:
            command = [sys.executable, "-m", "benches.listeners", fan.url, str(share), fan.key]
            client, _ = stack.enter_context(_program(command))
            # One after the other: who writes to all screens of one process first keeps the other one waiting.
            if client.stdout and client.stdout.readline() != "ready\n":
                sys.exit("the screens could not all connect")
            clients.append(client)
        time.sleep(SPACING_S + screens * SCREEN_S)
        yield clients


def _ask(client: subprocess.Popen[str]) -> Seen:
    """What a process of screens has seen since it was last asked."""
    assert client.stdin  # noqa: S101  # it is a pipe
    assert client.stdout  # noqa: S101  # so is it
    client.stdin.write("\n")
    client.stdin.flush()
    return msgspec.json.decode(client.stdout.readline(), type=Seen)


@contextlib.contextmanager
def _program(
    command: list[str], cwd: str | None = None
) -> Iterator[tuple[subprocess.Popen[str], Callable[[str], None]]]:
    """A program that is told lines, for as long as the context lasts."""
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=cwd, env=ENVIRONMENT
    )

    def tell(line: str) -> None:
        assert process.stdin  # noqa: S101  # it is a pipe
        process.stdin.write(f"{line}\n")
        process.stdin.flush()

    try:
        yield process, tell
    finally:
        process.kill()
        process.wait()


def _median_of(laps: list[Lap]) -> Lap:
    figures = {
        name: median(getattr(lap, name) for lap in laps)
        for name in ("bursts", "p50_ms", "p99_ms", "server_ms", "client_ms", "screen_kb")
    }
    return msgspec.structs.replace(laps[0], **figures)


def _table(size: int, laps: list[Lap], frame_bytes: int) -> Table:
    floor = laps[0]
    return Table(
        f"{size:,} screens, {frame_bytes:,} bytes",
        (
            "server",
            "p50 ms",
            "p99 ms",
            "p50 : raw",
            "p99 : raw",
            "server CPU ms",
            "client CPU ms",
            "KB a screen",
            "bursts",
        ),
        [
            [
                lap.name,
                lap.p50_ms,
                lap.p99_ms,
                lap.p50_ms / floor.p50_ms,
                lap.p99_ms / floor.p99_ms,
                lap.server_ms,
                lap.client_ms,
                lap.screen_kb,
                lap.bursts,
            ]
            for lap in laps
        ],
        "ms from the first screen that has a frame; CPU a burst, of the busier of the two processes of screens",
    )


def _promise(rows: dict[tuple[str, int], Lap], size: int) -> Promise:
    ratio = rows[CUEROOM, size].p99_ms / rows[FLOOR, size].p99_ms
    return Promise(f"fan-out to {size:,} screens", f"≤ {GOAL} of raw sockets", f"{ratio:.2f}", ratio <= GOAL)
