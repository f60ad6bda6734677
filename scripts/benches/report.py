"""`scripts/bench all` and `scripts/bench report`: every bench, and what the README says of them."""

from pathlib import Path
from typing import Any

import click
import msgspec

from benches import fanout, growth, ingest, latency, memory, scaling, screens, store_work
from benches.growth import Running
from benches.memory import Kept
from benches.plot import plot
from benches.results import Results, load

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
PLOT = Path(__file__).with_name("latency.svg")
COSTS, MEASURED = "costs", "measured"
HOURS = 3.0

TURNS: tuple[tuple[click.Command, dict[str, Any]], ...] = (
    (ingest.command, {"seconds": 3.0}),
    (latency.command, {}),
    (store_work.command, {"seconds": 3.0}),
    (scaling.command, {}),
    (memory.command, {}),
    (growth.command, {"seconds": 3.0}),
    (fanout.command, {"bursts": 10, "laps": 1}),
    (screens.command, {"cues": 100, "frames": 600}),
)
"""What runs when all do, and how long it takes then: under ten minutes together."""
LONGER = ("overload", "chaos", "soak")
"""What takes longer and is run by itself; told where it was."""


@click.command("all")
@click.pass_context
def command(context: click.Context) -> None:
    """Run every bench of the server and write what it found into the README; takes under ten minutes."""
    for bench, options in TURNS:
        context.invoke(bench, **options)
    context.invoke(report)


@click.command("report")
def report() -> None:
    """Write the last figures of every bench, of `scripts/chaos` and of `scripts/soak` into the README's tables and its
    plot."""
    found = {name: results for name in (*_names(), *LONGER) if (results := load(name))}
    text = put(README.read_text(), MEASURED, table_of(list(found.values())))
    if "growth" in found and "memory" in found:
        text = put(text, COSTS, costs_of(found["growth"], found["memory"]))
    README.write_text(text)
    click.echo(f"written to {README.name}")
    if "latency" in found:
        PLOT.write_text(plot(found["latency"].figures["points"]))
        click.echo(f"written to {PLOT.relative_to(ROOT)}")


def _names() -> list[str]:
    return [bench.name or "" for bench, _ in TURNS]


def put(text: str, place: str, new: str) -> str:
    """The text with something new between the two marks of a place."""
    start, end = f"<!-- {place} -->", f"<!-- /{place} -->"
    before, _, rest = text.partition(start)
    return f"{before}{start}\n{new}\n{end}{rest.partition(end)[2]}"


def costs_of(grown: Results, remembered: Results) -> str:
    """What a show costs whoever runs it, as Markdown: CPU as shares of a core."""
    kept = msgspec.convert(remembered.figures, Kept)
    rows = [_cost_row(msgspec.convert(one, Running), kept) for one in grown.figures["running"]]
    columns = ("", "events/s", "screens", "items", "shows", "server, CPU", "store, CPU", "server, memory")
    head = "| " + " | ".join((*columns, f"store, memory after {HOURS:.0f} h", "disk, written/s")) + " |"
    return "\n".join((head, "|---" * 10 + "|", *rows))


def _cost_row(running: Running, kept: Kept) -> str:
    size, cost = running.size, running.cost
    stored = kept.bytes_of(orders=running.orders_in(HOURS), hours=HOURS * size.shows, items=size.skus)
    cells = [f"{number:,}" for number in (size.rate, size.screens, size.skus, size.shows)]
    cells += [f"{100 * share:.1f} %" for share in (cost.workers, cost.store)]
    cells += [f"{running.server_mb:.0f} MB", f"{stored / 1e6:.0f} MB", f"{cost.written_bytes / 1e3:,.0f} KB"]
    return " | ".join((f"| {running.name}", *cells)) + " |"


def table_of(found: list[Results]) -> str:
    """Every promise beside what was measured, as Markdown."""
    rows = [
        f"| {promise.what} | {promise.goal} | {promise.measured}{'' if promise.kept else ' (not reached)'} |"
        for results in found
        for promise in results.promises
    ]
    machine = found[0].machine if found else {}
    where = f"Measured on {', '.join(sorted({results.measured_on for results in found}))}: " + ", ".join(
        machine[name] for name in ("processor", "memory", "system") if name in machine
    )
    versions = ", ".join(f"{name} {machine[name]}" for name in ("python", "uvicorn", "uvloop") if name in machine)
    busy = f"load {machine['load']} when it began" if "load" in machine else ""
    told = ", ".join(part for part in (where, versions, machine.get("store", ""), busy) if part)
    return "\n".join(("| | goal | measured |", "|---|---|---|", *rows, "", f"{told}."))
