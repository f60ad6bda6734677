"""`scripts/bench scaling`: one, two and four workers."""

import os
import time

import click
import msgspec

from benches.cost import Cost, limit_of, spend
from benches.load import Sent, send
from benches.results import Cell, Promise, Results, Table, publish
from benches.serving import serving, show_of

SHOWS = 4
GENERATORS = 2
GOAL = 1.7
MIXES = {"30 % orders": 0.3, "2 % orders": 0.02}


class Step(msgspec.Struct, frozen=True):
    """So many workers under one mix of events."""

    mix: str
    workers: int
    rate: float
    generators: float
    cost: Cost


@click.command("scaling")
@click.option("--seconds", default=5.0, show_default=True, help="how long each step lasts")
@click.option("--workers", "counts", multiple=True, type=int, default=(1, 2, 4), show_default=True)
def command(*, seconds: float, counts: tuple[int, ...]) -> None:
    """Take in events of four shows with more and more workers."""
    began_s = time.monotonic()
    steps = [step for workers in counts for step in measure(workers, seconds)]
    publish(summarise(steps, time.monotonic() - began_s))


def measure(workers: int, seconds: float) -> list[Step]:
    """Every mix with so many workers."""
    shows = [show_of(f"scaling-{number}") for number in range(SHOWS)]
    steps = []
    with serving(*shows, workers=workers) as server:
        for run, (mix, orders) in enumerate(MIXES.items()):
            names = [show.id for show in shows]
            loads = [
                server.load(*names, orders=orders, seconds=seconds, run=10 * run + place) for place in range(GENERATORS)
            ]
            sent, cost = spend(server, lambda loads=loads: send(*loads))  # type: ignore[misc]  # bound at once
            steps.append(_step(mix, workers, sent, cost))
    return steps


def _step(mix: str, workers: int, sent: list[Sent], cost: Cost) -> Step:
    return Step(mix, workers, sum(one.rate for one in sent), sum(one.cpu for one in sent), cost)


def summarise(steps: list[Step], seconds: float) -> Results:
    """The rates, each beside that of one worker."""
    cores = os.cpu_count() or 1
    one = {step.mix: step.rate for step in steps if step.workers == 1}
    rows: list[list[Cell]] = [
        [
            step.mix,
            step.workers,
            step.rate,
            step.rate / one[step.mix],
            step.cost.workers,
            step.cost.store,
            step.generators,
            step.cost.machine,
            limit_of(step.cost, step.workers, cores),
        ]
        for step in sorted(steps, key=lambda step: step.mix)
    ]
    columns = ("mix", "workers", "events/s", "of one", "workers' cores", "store", "generators", "machine", "limit")
    note = "cores in use; generators and store need theirs of the machine too"
    two = {step.mix: step.rate / one[step.mix] for step in steps if step.workers == 2}  # noqa: PLR2004
    return Results(
        name="scaling",
        tables=[Table(f"Workers, {SHOWS} shows, batches of 100", columns, rows, note)],
        promises=[
            Promise(f"two workers against one, {mix}", f"≥ {GOAL} times", f"{ratio:.2f} times", ratio >= GOAL)
            for mix, ratio in two.items()
        ],
        figures={"steps": msgspec.to_builtins(steps)},
        seconds=seconds,
    )
