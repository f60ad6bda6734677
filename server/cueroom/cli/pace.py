"""`cueroom pace`."""

import sys
from pathlib import Path

import click

from cueroom.cli.common import FILE, read_all
from cueroom.pipe import run_pace


@click.command()
@click.argument("showfile", type=FILE)
@click.option("--state", is_flag=True, help="add the whole state to every tick")
def command(showfile: Path, state: bool) -> None:
    """Run the engine on a pipe: events in as NDJSON, cues out as NDJSON, on the events' own clock."""
    (rundown,) = read_all((showfile,))
    run_pace(rundown, sys.stdin.buffer, sys.stdout.buffer, state)
