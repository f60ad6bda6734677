"""`scripts/bench growth`: what ten times as much of one thing costs."""

import contextlib
import time

import click
import msgspec

from benches.cost import Cost, spend
from benches.load import send
from benches.memory import watching
from benches.results import Results, Table, publish
from benches.serving import serving, show_of


class Size(msgspec.Struct, frozen=True):
    """How big a show is; `rate` is events a second in all."""

    rate: int = 5_000
    screens: int = 20
    skus: int = 18
    shows: int = 1


BASE = Size()
SIZES = {
    "as it is": BASE,
    "events × 10": msgspec.structs.replace(BASE, rate=10 * BASE.rate),
    "screens × 10": msgspec.structs.replace(BASE, screens=10 * BASE.screens),
    "SKUs × 10": msgspec.structs.replace(BASE, skus=10 * BASE.skus),
    "shows × 10": msgspec.structs.replace(BASE, shows=10 * BASE.shows),
}
ORDERS = 0.05


@click.command("growth")
@click.option("--seconds", default=5.0, show_default=True, help="how long each size is held")
def command(*, seconds: float) -> None:
    """Run a show of 5,000 events a second, then ten times as much of each thing in turn."""
    began_s = time.monotonic()
    costs = {name: measure(size, seconds) for name, size in SIZES.items()}
    rows = [_row(name, SIZES[name], cost) for name, cost in costs.items()]
    columns = ("", "events/s", "screens", "SKUs", "shows", "worker's core", "store's core", "commands/s", "KB/s kept")
    note = f"{ORDERS:.0%} of the events are orders; two feeds a show, batches of 50; KB/s appended to the store's file"
    table = Table("What growth costs", columns, rows, note)
    figures = {"costs": msgspec.to_builtins(costs)}
    publish(Results(name="growth", tables=[table], figures=figures, seconds=time.monotonic() - began_s))


def measure(size: Size, seconds: float) -> Cost:
    """What a show of this size costs a second."""
    shows = [show_of(f"growth-{number}", size.skus) for number in range(size.shows)]
    with serving(*shows) as server, contextlib.ExitStack() as stack:
        for show in shows:
            stack.enter_context(watching(server, show.id, max(1, size.screens // size.shows)))
        load = server.load(
            *(show.id for show in shows),
            feeds=2,
            batch=50,
            orders=ORDERS,
            skus=size.skus,
            seconds=seconds,
            rate=size.rate,
        )
        return spend(server, lambda: send(load))[1]


def _row(name: str, size: Size, cost: Cost) -> list[str | int | float | None]:
    kept_kb = cost.written_bytes / 1000
    return [name, size.rate, size.screens, size.skus, size.shows, cost.workers, cost.store, cost.commands, kept_kb]
