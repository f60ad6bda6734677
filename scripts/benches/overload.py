"""`scripts/bench overload`: what another show's people feel while one show is fed more than the server can take."""

import asyncio
import contextlib
import itertools
import socket
import time
from collections.abc import Iterator
from statistics import median
from typing import Any

import click
import httpx2
import msgspec
from websockets.asyncio.client import ClientConnection, connect

from benches.load import Load, Sent, send
from benches.results import Cell, Promise, Results, Table, p99, publish
from benches.serving import Serving, memory_mb, serving, show_of

RUNS = itertools.count(1)
LIMIT = 2.0
"""Goal: the slowest hundredth of another show's commands takes at most this many times as long as in quiet."""
LARGE = 5_000
"""Events of a batch that is about as large as a frame may be."""
A_MILLION_A_MINUTE = 1_000_000 / 60
SETTLE_S = 3.0
"""For what a load leaves behind, and the load's own start."""


class Felt(msgspec.Struct, frozen=True):
    """What the quiet show's people felt in one situation: milliseconds from a command to its answer, and to its frame
    on a screen. Beside it what the busy show got through, and the worker's memory."""

    situation: str
    answers_ms: list[float]
    frames_ms: list[float]
    worker_mb: float
    sent: list[Sent] = []


@click.command("overload")
@click.option("--seconds", default=20, show_default=True, help="how long each situation is measured")
@click.option("--feeds", default=2, show_default=True, help="feeds of the busy show, each a process")
@click.option("--idle", default=10_000, show_default=True, help="idle connections")
@click.option("--workers", default=1, show_default=True, help="worker processes of the server")
def command(*, seconds: int, feeds: int, idle: int, workers: int) -> None:
    """Measure another show's commands in quiet and under everything too much, on one server."""
    began_s = time.monotonic()
    with serving(show_of("busy"), show_of("quiet"), workers=workers) as server:
        measure(server, "warming up", 3)
        felt = [
            measure(server, "quiet", seconds),
            measure(server, "batches of 100, 30 % orders", seconds, *loads(server, feeds, batch=100)),
            measure(server, f"batches of {LARGE:,}, 30 % orders", seconds, *loads(server, feeds, batch=LARGE)),
            measure(
                server,
                "a million distinct viewers a minute",
                seconds,
                *loads(server, 1, batch=500, orders=0.0, rate=A_MILLION_A_MINUTE),
            ),
        ]
        with idling(server, idle):
            felt.append(measure(server, f"{idle:,} idle connections", seconds))
        felt.append(measure(server, "quiet again", seconds))
    publish(results(felt, time.monotonic() - began_s))


def loads(server: Serving, count: int, **about: Any) -> list[Load]:
    """So many feeds of the busy show, each for a process of its own."""
    return [server.load("busy", run=next(RUNS), **about) for _ in range(count)]


def measure(server: Serving, situation: str, seconds: float, *under: Load) -> Felt:
    """Sends commands to the quiet show while these loads are on the busy one."""
    return asyncio.run(_measure(server, situation, seconds, under))


async def _measure(server: Serving, situation: str, seconds: float, under: tuple[Load, ...]) -> Felt:
    seen: dict[str, float] = {}
    # The screen is there before the load, which may well keep newcomers out.
    async with connect(_quiet(server, "ws", "/feed"), additional_headers=_key(server, "viewer"), proxy=None) as screen:
        watching = asyncio.create_task(_watch(screen, seen))
        lasting = [msgspec.structs.replace(load, seconds=seconds + SETTLE_S) for load in under]
        sending = asyncio.create_task(asyncio.to_thread(send, *lasting))
        await asyncio.sleep(SETTLE_S if under else 0.0)
        answers = await _command(server, seconds)
        worker_mb = max(memory_mb(pid) for pid in server.worker_pids)
        sent = await sending
        await asyncio.sleep(SETTLE_S)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    answers_ms = [1000 * (answered_s - at_s) for at_s, answered_s in answers.values()]
    frames_ms = [1000 * (seen[cue] - at_s) for cue, (at_s, _) in answers.items() if cue in seen]
    return Felt(situation, answers_ms, frames_ms, worker_mb, sent)


def _quiet(server: Serving, scheme: str, path: str) -> str:
    return f"{scheme}://127.0.0.1:{server.port}/v1/shows/quiet{path}"


def _key(server: Serving, role: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {server.keys['quiet'][role]}"}


async def _watch(screen: ClientConnection, seen: dict[str, float]) -> None:
    async for frame in screen:
        for cue in msgspec.json.decode(frame)["changed"]:
            seen.setdefault(cue["id"], time.perf_counter())


async def _command(server: Serving, seconds: float) -> dict[str, tuple[float, float]]:
    """A message every 50 ms, taken back at once: each one's cue, when it was sent, and when it was answered."""
    answers: dict[str, tuple[float, float]] = {}
    ends_s = time.perf_counter() + seconds
    url = _quiet(server, "http", "/commands")
    async with httpx2.AsyncClient(timeout=30, trust_env=False, headers=_key(server, "producer")) as client:
        while time.perf_counter() < ends_s:
            at_s = time.perf_counter()
            cue = (await client.post(url, json={"command": "message", "text": "快一点"})).json()["cue"]
            answers[cue] = at_s, time.perf_counter()
            await client.post(url, json={"command": "recall", "cue": cue})
            await asyncio.sleep(0.05)
    return answers


@contextlib.contextmanager
def idling(server: Serving, count: int) -> Iterator[None]:
    """Connections that say nothing; the server closes them in time, and none is opened again."""
    with contextlib.ExitStack() as stack:
        for _ in range(count):
            with contextlib.suppress(OSError):
                stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=5))
        yield


# What it came to


def results(felt: list[Felt], seconds: float) -> Results:
    """Everything beside the first situation, which was quiet."""
    quiet = felt[0]
    felt_in = ("situation", "answer p50, ms", "p99", "× quiet", "on a screen p50, ms", "p99", "× quiet")
    columns = (*felt_in, "events/s", "generator's core", "worker MB")
    rows: list[list[Cell]] = []
    worst = 0.0
    for each in felt:
        ratio, frames_ratio = p99(each.answers_ms) / p99(quiet.answers_ms), p99(each.frames_ms) / p99(quiet.frames_ms)
        worst = max(worst, ratio)
        answers = [median(each.answers_ms), p99(each.answers_ms), ratio]
        frames = [median(each.frames_ms), p99(each.frames_ms), frames_ratio]
        busy = [sum(sent.rate for sent in each.sent) or None, max((sent.cpu for sent in each.sent), default=None)]
        rows.append([each.situation, *answers, *frames, *busy, each.worker_mb])
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
        figures={each.situation: {"answers_ms": each.answers_ms, "frames_ms": each.frames_ms} for each in felt},
        seconds=seconds,
    )
