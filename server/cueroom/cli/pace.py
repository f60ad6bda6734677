"""`cueroom pace`."""

import sys
from pathlib import Path

import click

from cueroom.cli.common import FILE, read_all
from cueroom.pipe import run_pace


@click.command()
@click.argument("showfile", type=FILE)
@click.option("--state", is_flag=True, help="add the whole state to every tick")
@click.option(
    "--tick-s",
    type=click.FloatRange(0.1, 60),
    help="tick by itself every so many seconds of the events' own clock: a recording holds no ticks",
)
def command(showfile: Path, state: bool, tick_s: float | None) -> None:
    """Run the engine on a pipe: events in as NDJSON, cues out as NDJSON, on the events' own clock.

    What `cueroom record` wrote can be put in as it is; its commands and cues of then are passed over."""
    (rundown,) = read_all((showfile,))
    run_pace(rundown, sys.stdin.buffer, sys.stdout.buffer, with_state=state, tick_s=tick_s)
