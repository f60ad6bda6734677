"""Servers to compare with, on the same engine and codec as ours: `python -m benches.peers PEER PORT REDIS`."""

import contextlib
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import click
import msgspec
import redis.asyncio as redis_asyncio
import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from benches.load import ENVIRONMENT
from cueroom.show.events import Event, OrderEvent, RoomOnline, ViewerEvent, name_of
from cueroom.show.wire import MSGPACK, Batch, Judged

WINDOW = 64
MOST_EVENTS = 10_000
Write = Callable[[Any, list[Judged]], Awaitable[None]]


async def write_nothing(redis: Any, events: list[Judged]) -> None:
    """The limit: what came is decoded and acknowledged."""


async def write_each(redis: Any, events: list[Judged]) -> None:
    """The handler one writes first: every event is a command, orders are told apart by their id."""
    for event in events:
        await _command(redis, event)


async def write_pipelined(redis: Any, events: list[Judged]) -> None:
    """The same commands, those of a batch in one round trip."""
    async with redis.pipeline(transaction=False) as pipe:
        for event in events:
            _command(pipe, event)
        await pipe.execute()


def _command(redis: Any, event: Judged) -> Any:
    match event:
        case OrderEvent():
            return redis.hsetnx("orders", f"{event.id}|{name_of(event)}", event.amount or 0)
        case ViewerEvent():
            return redis.hincrby("counters", name_of(event), event.n)
        case RoomOnline():
            return redis.hset("counters", "online", event.n)
        case Event():
            return redis.hincrby("counters", name_of(event), 1)
    raise ValueError(event)


PEERS: dict[str, Write] = {"bare": write_nothing, "each": write_each, "pipelined": write_pipelined}


def app_of(write: Write, redis_url: str) -> Starlette:
    """A server that speaks the feeds' protocol and does `write` with each batch before it is acknowledged."""
    redis = redis_asyncio.Redis.from_url(redis_url)

    async def ingest(socket: WebSocket) -> None:
        await socket.accept(MSGPACK.protocol)
        await socket.receive_bytes()
        welcome = {"resume": 0, "window": WINDOW, "max_events": MOST_EVENTS, "max_bytes": 1_048_576}
        await socket.send_bytes(MSGPACK.encode({"welcome": welcome}))
        with contextlib.suppress(WebSocketDisconnect):
            while True:
                batch = MSGPACK.decode_batch(await socket.receive_bytes(), MOST_EVENTS)
                if not isinstance(batch, Batch):
                    sys.exit("not a batch")
                for events in batch.slices:
                    await write(redis, events)
                ack = {"ack": batch.seq, "accepted": batch.size, "duplicate": 0, "rejected": []}
                await socket.send_bytes(MSGPACK.encode(ack))

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await redis.aclose()

    return Starlette(routes=[WebSocketRoute("/v1/shows/{show}/ingest", ingest)], lifespan=lifespan)


def main(peer: str, port: int, redis_url: str) -> None:
    """Serves like `cueroom serve` does: same engine, no compression, no access log."""
    uvicorn.run(
        app_of(PEERS[peer], redis_url),
        port=port,
        http="httptools",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
    )


class Peer(msgspec.Struct, frozen=True):
    """A running peer: its port and its process."""

    port: int
    pid: int


@contextlib.contextmanager
def running(command: list[str], port: int, folder: str | None = None) -> Iterator[Peer]:
    """A server, from when it listens on the port until the context is left."""
    process = subprocess.Popen(command, env=ENVIRONMENT, cwd=folder)
    try:
        while True:
            if process.poll() is not None:
                sys.exit(f"{command} ended before it listened")
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield Peer(port, process.pid)
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def peer(name: str, redis_url: str) -> Iterator[Peer]:
    """One of PEERS, running."""
    port = free_port()
    with running([sys.executable, "-m", "benches.peers", name, str(port), redis_url], port) as started:
        yield started


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextlib.contextmanager
def node_packages(*names: str) -> Iterator[str | None]:
    """A throw-away folder with these packages; nothing, and a word why, where npm is not there or cannot bring them."""
    with tempfile.TemporaryDirectory(prefix="cueroom-bench-") as folder:
        npm = shutil.which("npm")
        bring = [npm or "", "install", "--silent", "--no-save", "--prefix", folder, *names]
        if npm is None or subprocess.run(bring, cwd=folder, check=False).returncode:
            click.echo(f"{names[0]} is left out: npm is not there, or could not bring it")
            yield None
            return
        for name in names:
            package = json.loads((Path(folder) / "node_modules" / name / "package.json").read_text())
            click.echo(f"{name} {package['version']}")
        yield folder


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
