"""`scripts/bench growth`: what a show costs while it runs, and what ten times as much of one thing does to that."""

import contextlib
import time
from concurrent.futures import ThreadPoolExecutor
from math import ceil

import click
import httpx2
import msgspec

from benches.cost import Cost, spend
from benches.load import send
from benches.memory import put_minutes, watching
from benches.results import Results, Table, publish
from benches.serving import Serving, memory_mb, serving, show_of
from cueroom.show.rundown import Rundown
from cueroom.show.state import RECENT_S


class Size(msgspec.Struct, frozen=True):
    """How big a show is; `rate` is events a second in all, `batch` how many of them a feed sends at once."""

    rate: int = 5_000
    screens: int = 20
    skus: int = 18
    shows: int = 1
    batch: int = 50


ORDERS = 0.04
"""The share of order events; an order is two of them. One entry in five of the others: a star's ten million in three
hours."""
STAR = Size()
SIZES = {
    "one host: 5,000 orders": Size(rate=25, screens=5, batch=25),
    "a star: ten million viewers, a million orders": STAR,
    "the star, events × 10": msgspec.structs.replace(STAR, rate=10 * STAR.rate),
    "the star, screens × 10": msgspec.structs.replace(STAR, screens=10 * STAR.screens),
    "the star, items × 10": msgspec.structs.replace(STAR, skus=10 * STAR.skus),
    "the star's events over shows × 10": msgspec.structs.replace(STAR, shows=10 * STAR.shows),
}
BEFORE_MIN = ceil(RECENT_S / 60)
"""The engine looks back so far."""
STARTS_S = 3.0
"""A generator is up and sends evenly after so long."""


class Running(msgspec.Struct, frozen=True):
    """A show of some size at work: what it cost a second, and what its server held."""

    name: str
    size: Size
    cost: Cost
    server_mb: float

    def orders_in(self, hours: float) -> float:
        """Orders that come in within so many hours."""
        return self.size.rate * ORDERS / 2 * 3600 * hours


@click.command("growth")
@click.option("--seconds", default=5.0, show_default=True, help="how long each size is measured")
def command(*, seconds: float) -> None:
    """Run a small show, a star's, and the star's with ten times as much of each thing in turn."""
    began_s = time.monotonic()
    found = [measure(name, size, seconds) for name, size in SIZES.items()]
    columns = ("", "events/s", "screens", "SKUs", "shows", "worker's core", "store's core", "commands/s", "KB/s kept")
    note = f"{ORDERS:.0%} of the events are of orders; two feeds a show; KB/s appended to the store's file"
    table = Table("What growth costs", (*columns, "server's MB"), [_row(running) for running in found], note)
    figures = {"running": msgspec.to_builtins(found)}
    publish(Results(name="growth", tables=[table], figures=figures, seconds=time.monotonic() - began_s))


def measure(name: str, size: Size, seconds: float) -> Running:
    """What a show of this size costs while its events come in evenly."""
    shows = [show_of(f"growth-{number}", size.skus) for number in range(size.shows)]
    with serving(*shows) as server, contextlib.ExitStack() as stack:
        for show in shows:
            _go_live(server, show)
            stack.enter_context(watching(server, show.id, max(1, size.screens // size.shows)))
        load = server.load(
            *(show.id for show in shows),
            feeds=2,
            batch=size.batch,
            orders=ORDERS,
            skus=size.skus,
            seconds=STARTS_S + seconds,
            rate=size.rate,
        )
        with ThreadPoolExecutor(1) as beside:
            sending = beside.submit(send, load)
            time.sleep(STARTS_S)
            _, cost = spend(server, lambda: time.sleep(seconds))
            sending.result()
        return Running(name, size, cost, sum(map(memory_mb, server.worker_pids)))


def _go_live(server: Serving, show: Rundown) -> None:
    """The show has run for a while and its first item is on air, so that the engine has as much to look at as ever."""
    server.with_store(lambda store: put_minutes(store, show, BEFORE_MIN))
    address = f"http://127.0.0.1:{server.port}/v1/shows/{show.id}/commands"
    headers = {"Authorization": f"Bearer {server.keys[show.id]['producer']}"}
    httpx2.post(address, json={"command": "present", "sku": "S1"}, headers=headers).raise_for_status()


def _row(running: Running) -> list[str | int | float | None]:
    size, cost = running.size, running.cost
    kept_kb = cost.written_bytes / 1000
    numbers = [size.rate, size.screens, size.skus, size.shows, cost.workers, cost.store, cost.commands, kept_kb]
    return [running.name, *numbers, running.server_mb]
