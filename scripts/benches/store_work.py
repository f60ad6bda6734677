"""`scripts/bench redis`: what the store has to do as viewers get more."""

import time

import click
import msgspec

from benches.cost import Cost, spend
from benches.load import send
from benches.results import Promise, Results, Table, publish
from benches.serving import Serving, serving, show_of

SHOW = "redis"
FEEDS = 2
BATCHES_S = 50
"""A feed tells what happened this often, however much that is."""
LOW, HIGH = 10_000, 200_000
GOAL = 1.2


class Point(msgspec.Struct, frozen=True):
    """One rate of viewer events, in batches of one size."""

    rate: int
    batch: int
    cost: Cost


@click.command("redis")
@click.option("--seconds", default=5.0, show_default=True, help="how long each rate is held")
def command(*, seconds: float) -> None:
    """Send viewer events at growing rates: as often, with more in each batch; and as many in a batch, more often."""
    began_s = time.monotonic()
    often = [(rate, _batch(rate)) for rate in (LOW, 50_000, HIGH)]
    small = [(rate, 100) for rate in (50_000, HIGH)]
    with serving(show_of(SHOW)) as server:
        idle = Point(0, 0, spend(server, lambda: time.sleep(seconds))[1])
        points = [measure(server, rate, batch, run, seconds) for run, (rate, batch) in enumerate(often + small)]
    publish(summarise([idle, *points], time.monotonic() - began_s))


def _batch(rate: int) -> int:
    """Events in a batch of a feed that sends BATCHES_S of them a second."""
    return rate // FEEDS // BATCHES_S


def measure(server: Serving, rate: int, batch: int, run: int, seconds: float) -> Point:
    """One rate."""
    load = server.load(SHOW, feeds=FEEDS, batch=batch, orders=0.0, seconds=seconds, rate=rate, run=run)
    return Point(rate, batch, spend(server, lambda: send(load))[1])


def summarise(points: list[Point], seconds: float) -> Results:
    """The store's work by rate."""
    rows = [
        [
            point.rate,
            point.batch,
            point.cost.commands,
            point.cost.received_bytes / 1000,
            point.cost.written_bytes / 1000,
            point.cost.store,
        ]
        for point in points
    ]
    columns = ("viewer events/s", "events a batch", "commands/s", "KB/s received", "KB/s written", "store's core")
    as_often = {point.rate: point.cost.commands for point in points if point.batch == _batch(point.rate)}
    ratio = as_often[HIGH] / as_often[LOW]
    note = "commands: those inside scripts too; bytes received are mostly the ids of distinct viewers"
    return Results(
        name="redis",
        tables=[Table("The store's work, two feeds", columns, rows, note)],
        promises=[
            Promise(
                f"store commands a second at {HIGH:,} viewer events a second against {LOW:,}",
                f"≤ {GOAL} times",
                f"{ratio:.2f} times",
                ratio <= GOAL,
            )
        ],
        figures={"points": msgspec.to_builtins(points)},
        seconds=seconds,
    )
