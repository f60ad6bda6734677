"""A real server for a bench: `cueroom serve` on a directory of its own, with shows, keys, and what it costs."""

import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from benches.load import Load
from benches.primaries import cluster
from cueroom.show.access import Role, new_key
from cueroom.show.rundown import Host, Item, Rundown
from cueroom.storage.store import Store

T = TypeVar("T")
TICKS_S = os.sysconf("SC_CLK_TCK")
PRICE = 9_900
KEY_MS = 1000 * 3_600_000
"""Longer than anything that is measured, also where the clock runs faster."""


def show_of(name: str, skus: int = 18) -> Rundown:
    """A show of three hours with so many items, `S1`, `S2`, …."""
    return Rundown(
        id=name,
        title=name,
        starts_at=time.time_ns() // 1_000_000,
        duration_min=180,
        currency="CNY",
        goal=1_000_000_000,
        hosts=(Host("lead", "主播"),),
        items=tuple(
            Item(sku=f"S{n}", name=f"Item {n}", price=PRICE, stock=10_000_000, minutes=180 / skus, host="lead")
            for n in range(1, skus + 1)
        ),
    )


class Serving(msgspec.Struct, frozen=True):
    """A running server: where, its shows' keys by role, and its processes. `primaries` and `store` are the URLs of the
    store's servers, and of all of them together."""

    port: int
    pid: int
    primaries: tuple[str, ...]
    store: str
    keys: dict[str, dict[str, str]]

    def ingest_url(self, show: str) -> str:
        return f"ws://127.0.0.1:{self.port}/v1/shows/{show}/ingest"

    def load(self, *shows: str, **about: Any) -> Load:
        """What a generator sends to these shows; the rest as `Load` tells it."""
        keys = [self.keys[show]["ingest"] for show in shows]
        return Load(urls=[self.ingest_url(show) for show in shows], keys=keys, **about)

    def with_store(self, act: Callable[[Store], Awaitable[T]]) -> T:
        """Runs `act` on the store the server uses."""
        return asyncio.run(_with_store(self.store, act))

    def infos(self, section: str) -> list[dict[str, Any]]:
        """What each of the store's servers tells of itself."""
        return [
            asyncio.run(_with_store(url, lambda store: store._call("", lambda redis: redis.info(section))))
            for url in self.primaries
        ]

    def info(self, section: str) -> dict[str, Any]:
        """The same where there is but one."""
        (one,) = self.infos(section)
        return one

    @property
    def store_pids(self) -> list[int]:
        return [int(info["process_id"]) for info in self.infos("server")]

    @property
    def worker_pids(self) -> list[int]:
        """The processes that serve: the workers, or the one process that is all."""
        children = children_of(self.pid)
        workers = [pid for pid in children if b"cueroom.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()]
        return workers or [self.pid]


@contextlib.contextmanager
def serving(*shows: Rundown, workers: int = 1, primaries: int = 1, options: tuple[str, ...] = ()) -> Iterator[Serving]:
    """`cueroom serve` with its own durable store, or with so many primaries, as long as the context is open."""
    with contextlib.ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cueroom-bench-"))).resolve()
        urls: tuple[str, ...] = (f"unix://{data / 'redis.sock'}",)
        store, where = urls[0], ["--data", str(data)]
        if primaries > 1:
            places = [f"127.0.0.1:{port}" for port in stack.enter_context(cluster(data, primaries))]
            urls, store = tuple(f"redis://{place}" for place in places), f"redis+cluster://{','.join(places)}"
            where = ["--redis", store]
        command = [sys.executable, "-m", "cueroom.cli", "serve", "--port", "0", *where]
        command += ["--workers", str(workers), "--log-level", "error", *options]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line.startswith("ready "):
                sys.exit(f"the server did not start; it said {line!r}")
            keys = asyncio.run(_with_store(store, lambda store: _load(store, shows)))
            yield Serving(int(line.rpartition(":")[2]), process.pid, urls, store, keys)
        finally:
            process.terminate()
            process.wait()


async def _with_store(url: str, act: Callable[[Store], Awaitable[T]]) -> T:
    store = Store(url, keep_days=1)
    try:
        return await act(store)
    finally:
        await store.close()


async def _load(store: Store, shows: tuple[Rundown, ...]) -> dict[str, dict[str, str]]:
    now_ms = time.time_ns() // 1_000_000
    return {show.id: await put_with_keys(store, show, now_ms) for show in shows}


async def put_with_keys(store: Store, show: Rundown, now_ms: int) -> dict[str, str]:
    """Puts the show into the store; a key for each role."""
    await store.put_show(show, now_ms)
    keys = {}
    for role in Role:
        record, keys[role.value] = new_key(role, KEY_MS, now_ms)
        await store.put_key(show.id, record)
    return keys


def children_of(pid: int) -> list[int]:
    """The processes a process started; on Linux, by its kernel's list."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def cpu_s(pid: int) -> float:
    """The CPU time a process has used so far, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_S


def memory_mb(pid: int) -> float:
    """The memory a process holds itself, in MB (10⁶ bytes): what it shares with others is not in it."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    kb = sum(int(line.split()[1]) for line in lines if line.startswith(("Private_Clean", "Private_Dirty")))
    return kb * 1024 / 1e6
