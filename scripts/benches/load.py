"""A load generator, in processes of its own: feeds that send frames encoded beforehand and time their answers."""

import asyncio
import contextlib
import os
import resource
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from statistics import quantiles
from typing import Any

import msgspec
import uvloop
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
PROTOCOL: Any = "cueroom.v1.msgpack"
WARM_UP_S = 1.0
GOODBYE_S = 0.2
"""A server that is behind answers a goodbye late; nobody waits for it."""
MARK = "%%MARK%%"
"""Stands for the batch in every id, and is as long as the number that replaces it in a frame."""
TIME_MARK = 0x7172_7374_7576_7778
"""Stands for the time of sending, as a number of eight bytes."""


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What one process sends: so many feeds to each address, batches of `batch` events of which the share `orders` are
    orders, as fast as they are acknowledged, or `rate` events a second in all."""

    urls: list[str]
    keys: list[str]
    feeds: int = 1
    batch: int = 100
    orders: float = 0.3
    skus: int = 18
    seconds: float = 5.0
    rate: float | None = None
    run: int = 0
    """Tells one load's feeds and orders from another's on the same show."""


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it while it was measured: events acknowledged, how the server counted them, how long each batch
    took (ms; at a fixed rate from when it was due), and the CPU the generator used."""

    events: int
    accepted: int
    duplicate: int
    rejected: int
    seconds: float
    cpu_s: float
    delays_ms: list[float]

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds

    @property
    def cpu(self) -> float:
        """How much of a core the generator used; near 1 it would be the bottleneck."""
        return self.cpu_s / self.seconds

    def delay_ms(self, percent: int) -> float:
        """The delay that so many percent of the batches kept."""
        return quantiles(self.delays_ms, n=100, method="inclusive")[percent - 1]


class Frames:
    """Batches as the wire has them: encoded once, with marks where each differs from the others. An order is created in
    one batch and paid in the next."""

    def __init__(self, load: Load) -> None:
        self._encoded = [self._encode(load, place) for place in range(2)]

    def _encode(self, load: Load, place: int) -> bytes:
        events = [_event(load, place, number) for number in range(load.batch)]
        return msgspec.msgpack.encode({"events": events})[1:]

    def frame(self, seq: int, feed: int) -> bytes:
        """The batch with this number of this feed."""
        mark = b"%03d%05d" % (feed % 1000, (seq - seq % 2) % 100_000)
        now_ms = time.time_ns() // 1_000_000
        body = self._encoded[seq % 2].replace(MARK.encode(), mark)
        body = body.replace(TIME_MARK.to_bytes(8), now_ms.to_bytes(8))
        return b"\x82\xa3seq\xce" + seq.to_bytes(4) + body


def _event(load: Load, place: int, number: int) -> dict[str, Any]:
    """One of ten small fields, as platforms push them: some count, some do not. An order's id is a number of 19 digits,
    as theirs are."""
    common = {
        "time": TIME_MARK,
        "source": "live-7",
        "viewer": f"v{MARK}{number:05}",
        "nick": "小鱼",
        "level": number % 60,
        "city": "杭州",
    }
    sku = f"S{number % load.skus + 1}"
    if number < load.batch * load.orders:
        kind = "order.paid" if place else "order.created"
        order = f"6{load.run:05}{MARK}{number:05}"
        return {"type": kind, **common, "id": order, "sku": sku, "qty": 1, "amount": 9_900}
    kinds = ("viewer.entered", "viewer.liked", "viewer.commented", "product.clicked", "viewer.left")
    kind = kinds[number % len(kinds)]
    about = {"sku": sku} if kind == "product.clicked" else {"device": "ios"}
    return {"type": kind, **common, "n": 1, **about}


class _Feed:
    """One connection: sends within the window, and notes when what was sent is acknowledged."""

    def __init__(self, socket: ClientConnection, load: Load, number: int) -> None:
        self._socket = socket
        self._load = load
        self._number = number
        self._frames = Frames(load)
        self._due: deque[float] = deque()
        self.acked = 0
        self.counts = {"accepted": 0, "duplicate": 0, "rejected": 0}
        self.delays_ms: list[float] = []

    async def run(self) -> None:
        """Sends until cancelled."""
        await self._socket.send(
            msgspec.msgpack.encode({"hello": {"producer": f"feed-{self._load.run}-{self._number}"}})
        )
        welcome = await self._receive()
        self._window = asyncio.Semaphore(welcome["welcome"]["window"])
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            group.create_task(self._send(welcome["welcome"]["resume"]))

    async def _receive(self) -> Any:
        return msgspec.msgpack.decode(await self._socket.recv())  # type: ignore[arg-type]  # binary by subprotocol

    async def _send(self, seq: int) -> None:
        began_s = time.perf_counter()
        pause_s = self._load.batch * _feeds(self._load) / self._load.rate if self._load.rate else 0.0
        sent = 0
        while True:
            due_s = began_s + sent * pause_s if pause_s else time.perf_counter()
            await asyncio.sleep(max(0.0, due_s - time.perf_counter()))
            await self._window.acquire()
            self._due.append(due_s if pause_s else time.perf_counter())
            sent, seq = sent + 1, seq + 1
            await self._socket.send(self._frames.frame(seq, self._number))

    async def _listen(self) -> None:
        acked: int | None = None
        while True:
            ack = await self._receive()
            now_s = time.perf_counter()
            batches = ack["ack"] - (acked if acked is not None else ack["ack"] - 1)
            acked = ack["ack"]
            for _ in range(batches):
                self.delays_ms.append(1000 * (now_s - self._due.popleft()))
                self._window.release()
            self.acked += batches * self._load.batch
            self.counts["accepted"] += ack["accepted"]
            self.counts["duplicate"] += ack["duplicate"]
            self.counts["rejected"] += len(ack["rejected"])


def _feeds(load: Load) -> int:
    return load.feeds * len(load.urls)


async def generate(load: Load) -> Sent:
    """Sends the load, and tells what came of it once warm."""
    async with contextlib.AsyncExitStack() as stack:
        feeds = []
        for number in range(_feeds(load)):
            place = number % len(load.urls)
            headers = {"Authorization": f"Bearer {load.keys[place]}"}
            opening = connect(
                load.urls[place],
                subprotocols=[PROTOCOL],
                additional_headers=headers,
                compression=None,
                max_size=None,
                close_timeout=GOODBYE_S,
            )
            feeds.append(_Feed(await stack.enter_async_context(opening), load, number))
        tasks = [asyncio.create_task(feed.run()) for feed in feeds]
        await _wait(tasks, WARM_UP_S)
        for feed in feeds:
            feed.delays_ms.clear()
        before, began_s, cpu_s = sum(feed.acked for feed in feeds), time.perf_counter(), _own_cpu_s()
        await _wait(tasks, load.seconds)
        events, seconds = sum(feed.acked for feed in feeds) - before, time.perf_counter() - began_s
        spent_s = _own_cpu_s() - cpu_s
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    counts = {name: sum(feed.counts[name] for feed in feeds) for name in ("accepted", "duplicate", "rejected")}
    delays_ms = [round(delay, 3) for feed in feeds for delay in feed.delays_ms]
    return Sent(events=events, seconds=seconds, cpu_s=spent_s, delays_ms=delays_ms, **counts)


async def _wait(tasks: Sequence[asyncio.Task[None]], seconds: float) -> None:
    """Lets the feeds run; one that has ended is a failure of the bench."""
    done, _ = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()


def _own_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def send(*loads: Load) -> list[Sent]:
    """What became of these loads, each sent by a process of its own, all at the same time."""
    command = [sys.executable, "-m", "benches.load"]
    processes = [
        subprocess.Popen([*command, msgspec.json.encode(load)], stdout=subprocess.PIPE, env=ENVIRONMENT)
        for load in loads
    ]
    try:
        answers = [process.communicate()[0] for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()
    if any(process.returncode for process in processes):
        sys.exit("a load generator failed")
    return [msgspec.json.decode(answer, type=Sent) for answer in answers]


if __name__ == "__main__":
    asked = msgspec.json.decode(sys.argv[1], type=Load)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            outcome = runner.run(generate(asked))
    except* ConnectionClosed as closed:
        sys.exit(f"the server closed a feed: {closed.exceptions[0]}")
    # Buffered, whatever PYTHONUNBUFFERED says: a bare stdout loses what a pipe refuses.
    with open(sys.stdout.fileno(), "wb") as answer:
        answer.write(msgspec.json.encode(outcome))
