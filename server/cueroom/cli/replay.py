"""`cueroom replay`."""

import asyncio
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from cueroom.cli.common import FILE, Finite
from cueroom.replay import destination, replay


@click.command()
@click.argument("log", type=FILE)
@click.option("--to", required=True, metavar="URL", help="a show's address: http://HOST:PORT/v1/shows/SHOW")
@click.option("--key", envvar="CUEROOM_KEY", help="an ingest key of that show [CUEROOM_KEY]")
@click.option("--speed", type=Finite(min=0, min_open=True), default=1, help="times as fast [default 1]")
def command(log: Path, *, to: str, key: str | None, speed: float) -> None:
    """Send a recording through the ingest socket; run again, it goes on where it stopped.

    A recording's events name no viewer, so distinct viewers start at 0: `cueroom load` restores them, too."""
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task(log.name, total=log.stat().st_size)
        feed = asyncio.run(replay(log, destination(to, key), speed, lambda done: progress.update(task, completed=done)))
    click.echo(f"{feed.accepted} accepted, {feed.duplicate} duplicate, {feed.rejected} rejected", err=True)
    for rejection in feed.rejections:
        click.echo(f"batch {rejection['seq']}, event {rejection['index']}: {rejection['message']}", err=True)
