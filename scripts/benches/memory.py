"""`scripts/bench memory`: what an order, an hour, a viewer and a screen take."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator

import click
import msgspec

from benches.load import ENVIRONMENT, send
from benches.results import Promise, Results, Table, publish
from benches.serving import Serving, memory_mb, serving, show_of
from cueroom.show import events as ev
from cueroom.show.rundown import Rundown
from cueroom.show.state import MINUTE_MS
from cueroom.show.tally import Tally
from cueroom.storage.store import Store

SHOW = "memory"
IN_A_FLUSH = 2_000
HOUR_S = 3_600
GOAL_BYTES = 60
FLAT_MB = 5
"""What a process may differ by for other reasons."""


class Kept(msgspec.Struct, frozen=True):
    """What the store keeps: bytes an order, and at most bytes an hour of a show with so many items."""

    order_bytes: float
    hour_bytes: float
    items: int

    def bytes_of(self, *, orders: float, hours: float, items: int) -> float:
        """Memory of a whole show; what an hour takes grows with the items."""
        return orders * self.order_bytes + hours * self.hour_bytes * items / self.items


@click.command("memory")
@click.option("--orders", default=200_000, show_default=True, help="orders created and paid")
@click.option("--screens", default=500, show_default=True)
@click.option("--seconds", default=5.0, show_default=True, help="how long viewer events come in at full speed, twice")
def command(*, orders: int, screens: int, seconds: float) -> None:
    """Measure the memory of store and server."""
    began_s = time.monotonic()
    with serving(show_of(SHOW)) as server:
        hour_kb = hour(server) / 1000
        order_bytes = per_order(server, orders)
        screen_kb = per_screen(server, screens)
        grown_mb, millions = viewers(server, seconds)
    rows: list[list[str | int | float | None]] = [
        [f"an order with its history, of {orders:,}", "store", order_bytes / 1000],
        ["an hour of a show, 18 items, every counter in every second", "store", hour_kb],
        ["a screen", "server", screen_kb],
        [f"a million viewer events, of {millions:.1f} million", "server", 1000 * grown_mb / millions],
    ]
    promises = [
        Promise(
            "store memory an order, created and paid, with its whole history",
            f"≤ {GOAL_BYTES} bytes",
            f"{order_bytes:.0f} bytes",
            order_bytes <= GOAL_BYTES,
        ),
        Promise(
            f"server memory after {millions:.1f} million more viewer events",
            f"flat (± {FLAT_MB} MB)",
            f"{grown_mb:+.1f} MB",
            grown_mb <= FLAT_MB,
        ),
    ]
    table = Table("Memory", ("what", "where", "KB"), rows)
    kept = Kept(order_bytes, hour_kb * 1000, len(show_of(SHOW).items))
    publish(
        Results(
            name="memory",
            tables=[table],
            promises=promises,
            figures=msgspec.to_builtins(kept),
            seconds=time.monotonic() - began_s,
        )
    )


def _used(server: Serving) -> int:
    return int(server.info("memory")["used_memory"])


def per_order(server: Serving, orders: int) -> float:
    """Bytes of store an order, with ids of 19 digits as platforms give them."""
    before, rundown = _used(server), show_of(SHOW)
    server.with_store(lambda store: _put_orders(store, rundown, orders))
    return (_used(server) - before) / orders


async def _put_orders(store: Store, rundown: Rundown, orders: int) -> None:
    for first in range(0, orders, IN_A_FLUSH):
        now_ms, tally = time.time_ns() // 1_000_000, Tally(rundown)
        for number in range(first, first + IN_A_FLUSH):
            order, sku = f"6919{number * 7_919:015}", rundown.items[number % len(rundown.items)].sku
            created = ev.OrderCreated(id=order, sku=sku, qty=1, amount=9_900)
            tally.add_all([created, ev.OrderPaid(id=order, sku=sku, qty=1, amount=9_900)], now_ms)
        await store.flush(SHOW, tally.flush, now_ms)


def hour(server: Serving) -> float:
    """Bytes of store an hour in which everything is counted in every second."""
    before, rundown = _used(server), show_of(SHOW)
    server.with_store(lambda store: put_minutes(store, rundown, HOUR_S // 60))
    return _used(server) - before


async def put_minutes(store: Store, rundown: Rundown, minutes: int) -> None:
    """The last minutes of a show, everything counted in every second."""
    began_ms = time.time_ns() // 1_000_000 - minutes * MINUTE_MS
    for minute in range(minutes):
        tally = Tally(rundown)
        for second in range(60):
            at_ms = began_ms + minute * MINUTE_MS + second * 1000
            tally.add_all(_second(rundown), at_ms)
        await store.flush(rundown.id, tally.flush, at_ms)


def _second(rundown: Rundown) -> list[ev.Event]:
    room = (ev.ViewerEntered, ev.ViewerLeft, ev.ViewerCommented, ev.ViewerLiked, ev.ViewerFollowed, ev.ViewerShared)
    cards = [kind(sku=item.sku, n=9) for kind in (ev.ProductViewed, ev.ProductClicked) for item in rundown.items]
    return [ev.RoomOnline(n=90_000), *(kind(n=90) for kind in room), *cards]


def per_screen(server: Serving, screens: int) -> float:
    """KB of server a prompter."""
    before_mb = sum(map(memory_mb, server.worker_pids))
    with watching(server, SHOW, screens):
        return 1000 * (sum(map(memory_mb, server.worker_pids)) - before_mb) / screens


@contextlib.contextmanager
def watching(server: Serving, show: str, screens: int) -> Iterator[None]:
    """So many prompters of a show."""
    with listening(f"ws://127.0.0.1:{server.port}/shows/{show}/prompter/live", server.keys[show]["host"], screens):
        yield


@contextlib.contextmanager
def listening(url: str, key: str, screens: int) -> Iterator[None]:
    """So many screens in a process of their own, which take every frame."""
    command = [sys.executable, "-m", "benches.listeners", url, str(screens), key]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)
    try:
        if process.stdout and process.stdout.readline() != "ready\n":
            sys.exit("the screens could not all connect")
        yield
    finally:
        process.kill()
        process.wait()


def viewers(server: Serving, seconds: float) -> tuple[float, float]:
    """MB the server grew by in the second of two rounds of viewer events, and how many million those were."""
    load = server.load(SHOW, feeds=2, orders=0.0, seconds=seconds)
    send(load)
    before_mb = sum(map(memory_mb, server.worker_pids))
    (sent,) = send(load)
    return sum(map(memory_mb, server.worker_pids)) - before_mb, sent.accepted / 1e6
