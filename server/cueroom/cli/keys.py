"""`cueroom keys`."""

import asyncio
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime

import click

from cueroom.cli.common import Finite, with_settings
from cueroom.cli.stores import open_store, store_of
from cueroom.clock import Clock, clock_of
from cueroom.errors import CueroomError, UnknownShow
from cueroom.processes.running import running_of
from cueroom.settings import Settings
from cueroom.show.access import HOUSE, KeyRecord, Role, join_token, new_key
from cueroom.storage.store import Store

HOUR_MS = 3_600_000
MOST_H = 87_600
"""Ten years."""


@click.command()
@click.argument("show", required=False)
@click.option(
    "--all-shows", is_flag=True, help="in the place of SHOW: a producer's key to every show, and to make new ones"
)
@click.option("--role", type=click.Choice([role.value for role in Role]), help="what the new key is for")
@click.option("--ttl-h", type=Finite(min=0, min_open=True, max=MOST_H), help="lifetime of the new key, in hours")
@click.option("--link", is_flag=True, help="print a link that opens the role's screen instead of the key")
@click.option("--list", "wants_list", is_flag=True, help="print the keys that open something now: id, role, made, ends")
@click.option("--revoke", metavar="ID", help="end a key at once; sockets opened with it are closed")
@with_settings("data", "redis", "public_url", quiet=True)
def command(
    settings: Settings,
    *,
    show: str | None,
    all_shows: bool,
    role: str | None,
    ttl_h: float | None,
    link: bool,
    wants_list: bool,
    revoke: str | None,
) -> None:
    """Print a new key of SHOW and nothing else; works beside a running server."""
    if (show is None) != all_shows:
        raise click.UsageError("Name one SHOW, or give --all-shows.")
    if all_shows and role not in (None, Role.PRODUCER.value):
        raise click.UsageError("A key to all shows is a producer's: --role producer.")
    if show == HOUSE:
        raise UnknownShow(show)
    opened = HOUSE if show is None else show
    if [role is not None, wants_list, revoke is not None].count(True) != 1:
        raise click.UsageError("Give one of --role, --list and --revoke.")
    if link and role == Role.INGEST.value:
        raise click.UsageError("A key for ingest opens no screen; leave --link out, or choose another role.")
    if role is not None:
        ttl_ms = round((ttl_h or settings.key_ttl_h) * HOUR_MS)
        asyncio.run(print_new_key(settings, opened, Role(role), ttl_ms, link))
    elif revoke is not None:
        asyncio.run(revoke_key(settings, opened, revoke))
    else:
        asyncio.run(print_keys(settings, opened))


async def print_new_key(settings: Settings, show: str, role: Role, ttl_ms: int, as_link: bool) -> None:
    """Make a key and print it, or the link that carries it. A running server lends its address and clock."""
    record, plain = new_key(role, ttl_ms, _clock(settings).now_ms(), all_shows=show == HOUSE)
    async with _store_of(settings, show) as store:
        await store.put_key(show, record)
    running = running_of(settings)
    base = settings.public_url or (running.url if running else settings.base_url(settings.port))
    click.echo(f"{base.rstrip('/')}/join/{join_token(show, plain)}" if as_link else plain)


async def print_keys(settings: Settings, show: str) -> None:
    """One line a key that has not ended yet, the oldest first."""
    async with _store_of(settings, show) as store:
        now = _clock(settings).now_ms()
        good = [record for record in await store.list_keys(show) if now < record.expires_at]
    for record in sorted(good, key=lambda record: record.created_at):
        click.echo(_line(record))


def _clock(settings: Settings) -> Clock:
    """The clock that keys end by: that of the server which runs, if one does."""
    running = running_of(settings)
    return running.clock if running else clock_of(settings)


def _line(record: KeyRecord) -> str:
    instants = (datetime.fromtimestamp(at / 1000, UTC) for at in (record.created_at, record.expires_at))
    made, ends = (instant.isoformat(timespec="seconds") for instant in instants)
    return f"{record.id}  {record.role.value:<8}  {made}  {ends}"


async def revoke_key(settings: Settings, show: str, key_id: str) -> None:
    """End a key at once. Raises CueroomError where there is none of that id."""
    async with _store_of(settings, show) as store:
        if not await store.revoke_key(show, key_id):
            asked = "--all-shows" if show == HOUSE else show
            raise CueroomError(f"{asked} has no key {key_id}; `cueroom keys {asked} --list` prints those it has")


def _store_of(settings: Settings, show: str) -> AbstractAsyncContextManager[Store]:
    return open_store(settings) if show == HOUSE else store_of(settings, show)
