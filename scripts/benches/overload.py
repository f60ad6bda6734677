"""`scripts/bench overload`: what another show's people feel while one show is fed more than the server can take."""

import asyncio
import contextlib
import itertools
import multiprocessing
import socket
import time
from collections.abc import Callable, Iterator
from statistics import median, quantiles
from typing import Any

import click
import httpx2
import msgpack
import msgspec
from websockets.asyncio.client import connect as connect_async
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from benches.results import Cell, Promise, Results, Table, publish
from benches.serving import Serving, memory_mb, serving, show_of

WINDOW = 64
LIMIT = 2.0
"""Goal: the slowest hundredth of another show's commands takes at most this many times as long as in quiet."""
MILLION = 1_000_000


class Felt(msgspec.Struct, frozen=True):
    """What the quiet show's people felt in one situation: milliseconds from a command to its answer and to its frame on
    a screen, and what the busy show got through."""

    situation: str
    answers_ms: list[float]
    frames_ms: list[float]
    events_per_s: float
    server_mb: float


@click.command("overload")
@click.option("--seconds", default=20, show_default=True, help="how long each situation is measured")
@click.option("--feeds", default=2, show_default=True, help="feeds of the busy show, each a process")
@click.option("--idle", default=10_000, show_default=True, help="idle connections")
@click.option("--workers", default=1, show_default=True, help="worker processes of the server")
def command(*, seconds: int, feeds: int, idle: int, workers: int) -> None:
    """Measure another show's commands in quiet and under everything too much, on one server."""
    began_s = time.monotonic()
    with serving(show_of("busy"), show_of("quiet"), workers=workers) as server:
        measure(server, "warming up", 3, contextlib.nullcontext(lambda: 0))
        felt = [
            measure(server, "quiet", seconds, contextlib.nullcontext(lambda: 0)),
            measure(server, "batches of 100, 30 % orders", seconds, flood(server, feeds, 100)),
            measure(server, "batches of 10,000, 30 % orders", seconds, flood(server, feeds, 10_000)),
            measure(server, "a million distinct viewers a minute", seconds, flood(server, 1, 1_000, MILLION / 60)),
            measure(server, f"{idle:,} idle connections", seconds, idling(server, idle)),
            measure(server, "quiet again", seconds, contextlib.nullcontext(lambda: 0)),
        ]
    publish(results(felt, time.monotonic() - began_s))


def measure(
    server: Serving, situation: str, seconds: float, load: contextlib.AbstractContextManager[Callable[[], int]]
) -> Felt:
    """Sends commands to the quiet show as long as the load is on it."""
    with load as count:
        time.sleep(0.5)
        before, began_s = count(), time.perf_counter()
        answers_ms, frames_ms = asyncio.run(probe(server, seconds))
        rate = (count() - before) / (time.perf_counter() - began_s)
        held_mb = sum(memory_mb(pid) for pid in server.worker_pids)
    return Felt(situation, answers_ms, frames_ms, rate, held_mb)


async def probe(server: Serving, seconds: float) -> tuple[list[float], list[float]]:
    """A message every 50 ms, taken back at once: how long until its answer, and until a screen has its frame."""
    keys = server.keys["quiet"]
    base = f"127.0.0.1:{server.port}/v1/shows/quiet"
    seen: dict[str, float] = {}

    async def watch() -> None:
        headers = {"Authorization": f"Bearer {keys['viewer']}"}
        async with connect_async(f"ws://{base}/feed", additional_headers=headers, max_size=None, proxy=None) as screen:
            async for frame in screen:
                for cue in msgspec.json.decode(frame)["changed"]:
                    seen.setdefault(cue["id"], time.perf_counter())

    watching = asyncio.create_task(watch())
    sent: dict[str, float] = {}
    answers_ms: list[float] = []
    headers = {"Authorization": f"Bearer {keys['producer']}"}
    ends_s = time.perf_counter() + seconds
    async with httpx2.AsyncClient(timeout=30, trust_env=False, headers=headers) as client:
        while time.perf_counter() < ends_s:
            at_s = time.perf_counter()
            answer = await client.post(f"http://{base}/commands", json={"command": "message", "text": "快一点"})
            answers_ms.append(1000 * (time.perf_counter() - at_s))
            sent[answer.json()["cue"]] = at_s
            await client.post(f"http://{base}/commands", json={"command": "recall", "cue": answer.json()["cue"]})
            await asyncio.sleep(0.05)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    return answers_ms, [1000 * (seen[cue] - at_s) for cue, at_s in sent.items() if cue in seen]


# Too much


class Flood(msgspec.Struct, frozen=True):
    """A feed of the busy show: how large its batches are, and how many events it sends a second (0: all it can)."""

    url: str
    key: str
    batch: int
    events_per_s: float

    def run(self, done: Any) -> None:
        """Feeds for ever; comes back when it is told to. `done` counts the events acknowledged."""
        for number in itertools.count(time.time_ns()):
            with contextlib.suppress(OSError, WebSocketException):
                self._converse(f"flood-{number}", done)
            time.sleep(1)

    def _converse(self, producer: str, done: Any) -> None:
        headers = {"Authorization": f"Bearer {self.key}"}
        protocol: Any = ["cueroom.v1.msgpack"]
        with connect(self.url, additional_headers=headers, subprotocols=protocol, compression=None, proxy=None) as feed:
            feed.send(msgpack.packb({"hello": {"producer": producer}}))
            feed.recv()
            acked, began_s = 0, time.perf_counter()
            for seq in itertools.count(1):
                feed.send(msgpack.packb({"seq": seq, "events": events_of(f"{producer}-{seq}", self.batch)}))
                while seq - acked >= WINDOW:
                    before, acked = acked, msgpack.unpackb(feed.recv())["ack"]
                    done.value += (acked - before) * self.batch
                if self.events_per_s:
                    time.sleep(max(0.0, began_s + seq * self.batch / self.events_per_s - time.perf_counter()))


@contextlib.contextmanager
def flood(server: Serving, feeds: int, batch: int, events_per_s: float = 0) -> Iterator[Callable[[], int]]:
    """Feeds of the busy show, each in a process of its own, until what they sent is done with. Gives the events
    acknowledged so far."""
    context = multiprocessing.get_context("spawn")
    one = Flood(server.ingest_url("busy"), server.keys["busy"]["ingest"], batch, events_per_s)
    counts = [context.Value("Q", 0) for _ in range(feeds)]
    processes = [context.Process(target=one.run, args=(count,), daemon=True) for count in counts]
    for process in processes:
        process.start()
    try:
        yield lambda: sum(count.value for count in counts)
    finally:
        for process in processes:
            process.kill()
            process.join()
        while "cueroom_in_flight_bytes 0.0" not in httpx2.get(f"http://127.0.0.1:{server.port}/metrics").text:
            time.sleep(0.2)


def events_of(name: str, batch: int) -> list[dict[str, Any]]:
    """Three orders in ten, the rest viewers who were never seen before."""
    return [
        {"type": "order.paid", "id": f"{name}-{n}", "sku": f"S{n % 18 + 1}", "qty": 1, "amount": 9_900}
        if n % 10 < 3  # noqa: PLR2004
        else {"type": "viewer.entered", "n": 1, "viewer": f"{name}-{n}"}
        for n in range(batch)
    ]


@contextlib.contextmanager
def idling(server: Serving, count: int) -> Iterator[Callable[[], int]]:
    """Connections that say nothing; the server closes them in time, and none is opened again."""
    with contextlib.ExitStack() as stack:
        for _ in range(count):
            with contextlib.suppress(OSError):
                stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=5))
        yield lambda: 0


# What it came to


def results(felt: list[Felt], seconds: float) -> Results:
    """Everything beside the first situation, which was quiet."""
    quiet = felt[0]
    columns = (
        "situation",
        "answer p50, ms",
        "p99",
        "× quiet",
        "on a screen p50, ms",
        "p99",
        "× quiet",
        "events/s",
        "worker MB",
    )
    rows: list[list[Cell]] = []
    worst = 0.0
    for each in felt:
        ratio, frames_ratio = p99(each.answers_ms) / p99(quiet.answers_ms), p99(each.frames_ms) / p99(quiet.frames_ms)
        worst = max(worst, ratio)
        answers = [median(each.answers_ms), p99(each.answers_ms), ratio]
        frames = [median(each.frames_ms), p99(each.frames_ms), frames_ratio]
        rows.append([each.situation, *answers, *frames, each.events_per_s or None, each.server_mb])
    note = "Answers and frames are the quiet show's; the load is the busy show's, on the same server and store."
    return Results(
        name="overload",
        tables=[Table("Another show's commands under too much", columns, rows, note)],
        promises=[
            Promise(
                what="Commands of other shows while one is overloaded, p99 against quiet",
                goal=f"at most {LIMIT:.0f} times",
                measured=f"{worst:.1f} times",
                kept=worst <= LIMIT,
            )
        ],
        figures={each.situation: msgspec.structs.asdict(each) for each in felt},
        seconds=seconds,
    )


def p99(times: list[float]) -> float:
    return quantiles(times, n=100, method="inclusive")[98]
