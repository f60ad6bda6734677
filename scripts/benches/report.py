"""`scripts/bench all` and `scripts/bench report`: every bench, and what the README says of them."""

from pathlib import Path
from typing import Any

import click

from benches import fanout, growth, ingest, latency, memory, scaling, store_work
from benches.plot import plot
from benches.results import Results, load

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
PLOT = Path(__file__).with_name("latency.svg")
START, END = "<!-- measured -->", "<!-- /measured -->"

TURNS: tuple[tuple[click.Command, dict[str, Any]], ...] = (
    (ingest.command, {"seconds": 3.0}),
    (latency.command, {}),
    (store_work.command, {"seconds": 3.0}),
    (scaling.command, {}),
    (memory.command, {}),
    (growth.command, {"seconds": 3.0}),
    (fanout.command, {"bursts": 10, "laps": 1}),
)
"""What runs when all do, and how long it takes then: under ten minutes together."""


@click.command("all")
@click.pass_context
def command(context: click.Context) -> None:
    """Run every bench of the server and write what it found into the README; takes under ten minutes."""
    for bench, options in TURNS:
        context.invoke(bench, **options)
    context.invoke(report)


@click.command("report")
def report() -> None:
    """Write the last figures of every bench into the README's table and its plot."""
    found = [results for bench, _ in TURNS if (results := load(bench.name or ""))]
    readme = README.read_text()
    before, _, rest = readme.partition(START)
    _, _, after = rest.partition(END)
    README.write_text(f"{before}{START}\n{table_of(found)}\n{END}{after}")
    click.echo(f"written to {README.name}")
    if measured := load("latency"):
        PLOT.write_text(plot(measured.figures["points"]))
        click.echo(f"written to {PLOT.relative_to(ROOT)}")


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
