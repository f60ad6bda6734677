"""`cueroom load`."""

import asyncio
from pathlib import Path

import click

from cueroom.cli.common import FILE, with_settings
from cueroom.cli.stores import open_store
from cueroom.clock import clock_of
from cueroom.recording import kept_of
from cueroom.settings import Settings
from cueroom.storage.backup import Kept


@click.command()
@click.argument("log", type=FILE)
@with_settings("data", "redis", "keep_days", quiet=True)
def command(settings: Settings, *, log: Path) -> None:
    """Restore a show from what `cueroom record` wrote, to the last unit, where there is no show of that name; works
    beside a running server. Links and keys are not in it: make new ones."""
    with log.open("rb") as lines:
        show, kept = kept_of(lines)
    asyncio.run(load(settings, show, kept))
    click.echo(
        f"{show} is restored; `cueroom keys {show} --role producer --link` makes a link to its console", err=True
    )


async def load(settings: Settings, show: str, kept: list[Kept]) -> None:
    """Put the show back. Raises CannotChange where it is there already."""
    async with open_store(settings) as store:
        await store.restore(show, kept, clock_of(settings).now_ms())
