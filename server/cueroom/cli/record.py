"""`cueroom record`."""

import asyncio

import click
import msgspec

from cueroom.cli.common import with_settings
from cueroom.cli.stores import store_of
from cueroom.recording import read_recording
from cueroom.settings import Settings


@click.command()
@click.argument("show")
@with_settings("data", "redis", quiet=True)
def command(settings: Settings, *, show: str) -> None:
    """Write SHOW's log as NDJSON: per-second totals, every order, command and cue. `cueroom replay` sends it again."""
    asyncio.run(record(settings, show))


async def record(settings: Settings, show: str) -> None:
    """Print the recording, one event a line, in the order of time. Raises UnknownShow."""
    async with store_of(settings, show) as store:
        for line in await read_recording(store, show):
            click.echo(msgspec.json.encode(line))
