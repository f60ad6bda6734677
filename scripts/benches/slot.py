"""`scripts/bench slot`: how much of one giant show one primary takes, by the size of a flush. A show lives in one slot
of a cluster, and a server runs one script at a time."""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from benches.results import Results, Table, publish
from benches.serving import PRICE, cpu_s, show_of
from cueroom.processes.embedded import embedded_redis
from cueroom.show import events as ev
from cueroom.show.tally import Flush, Tally
from cueroom.storage.store import Store

SHOW = "giant"
SKUS = 18
FEEDS = 4
"""Flushes that are under way at once, so that the store need not wait for whoever sends them."""
MOST_FLUSHES = 1_000
WAYS = (("always", 0.3), ("everysec", 0.3), ("always", 0.0))
"""When the store forces its writes to the disk, and the share of the events that are orders."""


class Lap(msgspec.Struct, frozen=True):
    """What the store took: flushes of `size` events, of which the share `orders` are orders, and how busy it was."""

    fsync: str
    size: int
    orders: float
    flushes: int
    seconds: float
    store_busy: float

    @property
    def flushes_per_s(self) -> float:
        return self.flushes / self.seconds

    @property
    def events_per_s(self) -> float:
        return self.flushes_per_s * self.size

    @property
    def core_takes(self) -> float:
        """Events a second that a store takes which has a core to itself and never waits."""
        return self.events_per_s / max(self.store_busy, 0.01)


@click.command("slot")
@click.option("--sizes", "sizes", multiple=True, type=int, default=(10, 100, 1_000, 10_000), show_default=True)
@click.option("--events", default=200_000, show_default=True, help="events of a lap, at most")
@click.option("--laps", default=3, show_default=True, help="times each size has its turn")
def command(*, sizes: tuple[int, ...], events: int, laps: int) -> None:
    """Fill one slot: flushes and events a second that one show's primary takes, by the size of a flush."""
    began_s = time.monotonic()
    done = [
        lap for _ in range(laps) for fsync, orders in WAYS for lap in asyncio.run(measure(fsync, orders, sizes, events))
    ]
    publish(
        Results(
            name="slot",
            tables=[_table([lap for lap in done if (lap.fsync, lap.orders) == way], *way) for way in WAYS],
            figures={"laps": msgspec.to_builtins(done)},
            seconds=time.monotonic() - began_s,
        )
    )


async def measure(fsync: str, orders: float, sizes: Sequence[int], events: int) -> list[Lap]:
    """A lap of each size on an embedded store of its own."""
    with tempfile.TemporaryDirectory(prefix="cueroom-bench-") as folder:
        async with embedded_redis(Path(folder), fsync) as server:
            store = Store(server.url, keep_days=1)
            try:
                await store.put_show(show_of(SHOW, SKUS), _now_ms())
                return [await _lap(store, fsync, orders, size, min(MOST_FLUSHES, events // size)) for size in sizes]
            finally:
                await store.close()


def _flush(size: int, share: float, name: str) -> Flush:
    """What a worker makes of so many events of one second; every order is new."""
    tally, orders = Tally(show_of(SHOW, SKUS)), int(size * share)
    sold: list[ev.Event] = [
        ev.OrderPaid(id=f"{name}-{n}", sku=f"S{n % SKUS + 1}", qty=1, amount=PRICE) for n in range(orders)
    ]
    seen: list[ev.Event] = [
        ev.ProductClicked(sku=f"S{n % SKUS + 1}") if n % 2 else ev.ViewerEntered() for n in range(size - orders)
    ]
    tally.add_all([*sold, *seen], _now_ms())
    return tally.flush


async def _lap(store: Store, fsync: str, orders: float, size: int, number: int) -> Lap:
    flushes = [_flush(size, orders, f"{size}-{n}") for n in range(number)]

    async def feed(place: int) -> None:
        for flush in flushes[place::FEEDS]:
            await store.flush(SHOW, flush, _now_ms())

    pid = int((await store._call(SHOW, lambda redis: redis.info("server")))["process_id"])
    began_s, busy_s = time.perf_counter(), cpu_s(pid)
    await asyncio.gather(*(feed(place) for place in range(FEEDS)))
    seconds = time.perf_counter() - began_s
    return Lap(fsync, size, orders, number, seconds, (cpu_s(pid) - busy_s) / seconds)


def _table(done: Sequence[Lap], fsync: str, orders: float) -> Table:
    best = [_median([lap for lap in done if lap.size == size]) for size in sorted({lap.size for lap in done})]
    return Table(
        title=f"One show on one primary, {orders:.0%} of the events orders, fsync {fsync}",
        columns=("events a flush", "flushes/s", "events/s", "orders/s", "store's CPU", "a whole core takes"),
        rows=[
            [
                lap.size,
                lap.flushes_per_s,
                lap.events_per_s,
                lap.events_per_s * orders,
                lap.store_busy,
                lap.core_takes,
            ]
            for lap in best
        ],
        note="The store runs commands in one thread: at a CPU of 1 the slot is full; below, it waits.",
    )


def _median(laps: list[Lap]) -> Lap:
    return sorted(laps, key=lambda lap: lap.events_per_s)[len(laps) // 2]


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
