"""`scripts/bench scaling`: one, two and four workers, and two with a primary each."""

import itertools
import time

import click
import msgspec

from benches.cost import Cost, limit_of, spend
from benches.load import Sent, send
from benches.primaries import home_of
from benches.results import Cell, Promise, Results, Table, publish
from benches.serving import serving, show_of
from cueroom.show.rundown import Rundown
from cueroom.storage.store import prefix_of

SHOWS = 4
GENERATORS = 2
GOAL = 1.7
MIXES = {"30 % orders": 0.3, "2 % orders": 0.02}


class Layout(msgspec.Struct, frozen=True):
    """So many workers, and the shows spread over so many primaries."""

    workers: int
    primaries: int = 1


ONE, TWO, TWO_APART = Layout(1), Layout(2), Layout(2, primaries=2)


class Step(msgspec.Struct, frozen=True):
    """A layout under one mix of events."""

    mix: str
    layout: Layout
    rate: float
    generators: float
    cost: Cost


@click.command("scaling")
@click.option("--seconds", default=5.0, show_default=True, help="how long each step lasts")
def command(*, seconds: float) -> None:
    """Take in events of four shows with more and more workers, and with a second primary."""
    began_s = time.monotonic()
    steps = [step for layout in (ONE, TWO, TWO_APART, Layout(4)) for step in measure(layout, seconds)]
    publish(summarise(steps, time.monotonic() - began_s))


def measure(layout: Layout, seconds: float) -> list[Step]:
    """Every mix with this layout."""
    shows = shows_over(layout.primaries)
    steps = []
    with serving(*shows, workers=layout.workers, primaries=layout.primaries) as server:
        for run, (mix, orders) in enumerate(MIXES.items()):
            names = [show.id for show in shows]
            loads = [
                server.load(*names, orders=orders, seconds=seconds, run=10 * run + place) for place in range(GENERATORS)
            ]
            sent, cost = spend(server, lambda loads=loads: send(*loads))  # type: ignore[misc]  # bound at once
            steps.append(_step(mix, layout, sent, cost))
    return steps


def shows_over(primaries: int) -> list[Rundown]:
    """The shows, as many at home on one primary as on another."""
    names = [f"scaling-{number}" for number in range(100)]
    homes = [[name for name in names if home_of(prefix_of(name), primaries) == place] for place in range(primaries)]
    return [show_of(name) for name in itertools.islice(itertools.chain(*zip(*homes, strict=False)), SHOWS)]


def _step(mix: str, layout: Layout, sent: list[Sent], cost: Cost) -> Step:
    return Step(mix, layout, sum(one.rate for one in sent), sum(one.cpu for one in sent), cost)


def summarise(steps: list[Step], seconds: float) -> Results:
    """The rates, each beside that of one worker."""
    rates = {(step.mix, step.layout): step.rate for step in steps}
    rows: list[list[Cell]] = [
        [
            step.mix,
            step.layout.workers,
            step.layout.primaries,
            step.rate,
            step.rate / rates[step.mix, ONE],
            step.cost.workers,
            step.cost.store,
            step.generators,
            step.cost.machine,
            limit_of(step.cost, step.layout.workers, step.layout.primaries),
        ]
        for step in sorted(steps, key=lambda step: step.mix)
    ]
    columns = (
        *("mix", "workers", "primaries", "events/s", "of one", "workers' cores", "store's"),
        *("generators'", "machine's", "limit"),
    )
    note = "cores in use; generators and store need theirs of the machine too"
    ratios = {
        f"{what}, {mix}": rates[mix, layout] / rates[mix, ONE]
        for mix in MIXES
        for layout, what in (
            (TWO, "two workers against one"),
            (TWO_APART, "two workers with two primaries against one with one"),
        )
    }
    return Results(
        name="scaling",
        tables=[Table(f"Workers and primaries, {SHOWS} shows, batches of 100", columns, rows, note)],
        promises=[
            Promise(what, f"≥ {GOAL} times", f"{ratio:.2f} times", ratio >= GOAL) for what, ratio in ratios.items()
        ],
        figures={"steps": msgspec.to_builtins(steps)},
        seconds=seconds,
    )
