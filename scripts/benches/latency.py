"""`scripts/bench latency`: how soon a batch is acknowledged, at one rate after the other."""

import time

import click
import msgspec

from benches.cost import Cost, spend
from benches.load import Sent, send
from benches.results import Promise, Results, Table, publish
from benches.serving import Serving, serving, show_of

SHOW = "latency"
FEEDS = 4
GOAL_RATE, GOAL_MS = 100_000, 20


class Point(msgspec.Struct, frozen=True):
    """One rate (events a second): what was reached, and the delays from when a batch was due."""

    asked: int
    reached: float
    p50_ms: float
    p99_ms: float
    cost: Cost


@click.command("latency")
@click.option("--seconds", default=6.0, show_default=True, help="how long each rate is held")
@click.option(
    "--rate", "rates", multiple=True, type=int, default=(1_000, 10_000, 50_000, 100_000, 200_000), show_default=True
)
def command(*, seconds: float, rates: tuple[int, ...]) -> None:
    """Send batches of 100 by the clock, three in ten events orders, whether or not the last were acknowledged."""
    began_s = time.monotonic()
    with serving(show_of(SHOW)) as server:
        points = [measure(server, rate, run, seconds) for run, rate in enumerate(rates)]
    publish(summarise(points, time.monotonic() - began_s))


def measure(server: Serving, rate: int, run: int, seconds: float) -> Point:
    """One rate."""
    load = server.load(SHOW, feeds=FEEDS, seconds=seconds, rate=rate, run=run)
    answers, cost = spend(server, lambda: send(load))
    sent: Sent = answers[0]
    return Point(rate, sent.rate, sent.delay_ms(50), sent.delay_ms(99), cost)


def summarise(points: list[Point], seconds: float) -> Results:
    """The delays by rate."""
    rows = [
        [point.asked, point.reached, point.p50_ms, point.p99_ms, point.cost.workers, point.cost.store]
        for point in points
    ]
    columns = ("events/s", "reached", "p50 ms", "p99 ms", "worker's core", "store's core")
    note = "from when a batch was due to its acknowledgement, so that waiting to be sent counts too"
    return Results(
        name="latency",
        tables=[Table("Until a batch is durable and acknowledged, fsync always", columns, rows, note)],
        promises=[
            Promise(
                f"99 of 100 batches acknowledged, durable, at {GOAL_RATE:,} events a second",
                f"≤ {GOAL_MS} ms",
                f"{point.p99_ms:.1f} ms",
                point.p99_ms <= GOAL_MS,
            )
            for point in points
            if point.asked == GOAL_RATE
        ],
        figures={"points": msgspec.to_builtins(points)},
        seconds=seconds,
    )
