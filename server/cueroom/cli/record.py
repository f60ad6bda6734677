"""`cueroom record`."""

import asyncio

import click
import msgspec

from cueroom.cli.common import with_settings
from cueroom.cli.stores import store_of
from cueroom.recording import lines_of_kept, read_recording
from cueroom.settings import Settings


@click.command()
@click.argument("show")
@with_settings("data", "redis", quiet=True)
def command(settings: Settings, *, show: str) -> None:
    """Write SHOW's log as NDJSON: per-second totals, every order, command and cue, and last what the store holds of
    it. `cueroom replay` sends the events again, `cueroom load` restores the show."""
    asyncio.run(record(settings, show))


async def record(settings: Settings, show: str) -> None:
    """Print the recording, one event a line, in the order of time; then what restores the show. Raises CueroomError."""
    async with store_of(settings, show) as store:
        kept = await store.kept(show)
        events = await read_recording(store, show)
        at = events[-1]["time"] if events else 0
        for line in [*events, *lines_of_kept(show, kept, at)]:
            click.echo(msgspec.json.encode(line))
