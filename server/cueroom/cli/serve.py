"""`cueroom serve`."""

from functools import partial
from pathlib import Path

import click

from cueroom.cli.common import FILE, read_all, read_or_end, with_settings
from cueroom.processes.draining import run
from cueroom.serve import announce, serve
from cueroom.settings import Settings


@click.command()
@click.argument("showfiles", nargs=-1, type=FILE)
@with_settings()
def command(settings: Settings, showfiles: tuple[Path, ...]) -> None:
    """Load shows (again: update what may still change) and serve them."""
    run(serve(settings, read_or_end(showfiles), announce, partial(read_all, showfiles)))
