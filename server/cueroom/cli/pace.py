"""`cueroom pace`."""

import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cueroom import i18n
from cueroom.backtest import Pair, Summary, compare, line_of, summary_of
from cueroom.cli.common import FILE, Finite, read_or_end
from cueroom.pipe import pace_again, run_pace
from cueroom.show.cues import Cue
from cueroom.show.rundown import Rundown

TICK_S = 1.0
"""How often a recording is decided on where nothing else was asked for."""


@click.command()
@click.argument("showfile", type=FILE)
@click.option("--state", is_flag=True, help="add the whole state to every tick")
@click.option(
    "--tick-s",
    type=Finite(0.1, 60),
    help="tick by itself every so many seconds of the events' own clock: a recording holds no ticks",
)
@click.option(
    "--compare",
    "log",
    type=FILE,
    metavar="LOG",
    help="instead of reading events, tell what would be cued on this recording beside what was, and what people did",
)
def command(showfile: Path, state: bool, tick_s: float | None, log: Path | None) -> None:
    """Run the engine on a pipe: events in as NDJSON, cues out as NDJSON, on the events' own clock.

    What `cueroom record` wrote can be put in as it is; its commands and cues of then are passed over."""
    (rundown,) = read_or_end((showfile,))
    if log is None:
        run_pace(rundown, sys.stdin.buffer, sys.stdout.buffer, with_state=state, tick_s=tick_s)
    elif state:
        raise click.UsageError("--state goes with events on a pipe, not with --compare")
    else:
        tell_comparison(rundown, log, tick_s or TICK_S)


def tell_comparison(rundown: Rundown, log: Path, tick_s: float) -> None:
    """Print the pairs and their summary: as a table on a terminal, else as NDJSON."""
    with log.open("rb") as lines:
        again = pace_again(rundown, lines, tick_s)
    for error in again.errors:
        click.echo(f"{log}: line {error['line']}: {error['message']}", err=True)
    pairs = compare(again.then, again.now)
    console = Console(highlight=False)
    if console.is_terminal:
        _print(pairs, rundown, console)
        console.print(_sentence(summary_of(pairs)))
        return
    for pair in pairs:
        click.echo(msgspec.json.encode(line_of(pair)))
    click.echo(msgspec.json.encode({"summary": summary_of(pairs)}))


def _print(pairs: Iterable[Pair], rundown: Rundown, console: Console) -> None:
    table = Table()
    for head in ("Time", "Kind", "SKU", "Then", "People", "Effect", "Now", "Later (s)"):
        table.add_column(head, justify="right" if head == "Later (s)" else "left", overflow="fold")
    for pair in pairs:
        later = "" if pair.later_ms is None else f"{pair.later_ms / 1000:+.0f}"
        at = datetime.fromtimestamp(pair.cue.issued_at / 1000, rundown.zone)
        cells = (pair.cue.kind.value, pair.cue.sku or "", *_of_then(pair.then, rundown), _text(pair.now), later)
        table.add_row(f"{at:%H:%M:%S}", *(Text(cell) for cell in cells))  # Text: what is in a log is never markup
    console.print(table)


def _of_then(cue: Cue | None, rundown: Rundown) -> tuple[str, str, str]:
    """The cue, what people did with it and what came of that."""
    if cue is None:
        return i18n.NOTHING, "", ""
    effect = cue.effect and i18n.effect_words("en", msgspec.to_builtins(cue.effect), rundown.currency)
    return cue.text, i18n.say("en", f"state.{cue.state.value}"), effect or ""


def _text(cue: Cue | None) -> str:
    return cue.text if cue else i18n.NOTHING


def _sentence(summary: Summary) -> str:
    agreement = i18n.percent("en", summary.agreement)
    return (
        f"{summary.both} cues both then and now, {summary.only_then} only then, {summary.only_now} only now: "
        f"{agreement} agreement."
    )
