"""The store, for commands that read or change a show beside a running server or without one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from cueroom.errors import CueroomError, UnknownShow
from cueroom.processes.embedded import redis_of
from cueroom.settings import Settings
from cueroom.storage.store import Store


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[Store]:
    """The store of these settings, whether a server runs on it or not."""
    async with redis_of(settings) as redis:
        store = Store(redis, settings.keep_days)
        try:
            yield store
        finally:
            await store.close()


@asynccontextmanager
async def store_of(settings: Settings, show: str) -> AsyncIterator[Store]:
    """The same, for a command on one show. Raises CueroomError where this store has none of that name."""
    async with open_store(settings) as store:
        try:
            await store.rundown(show)
        except UnknownShow as unknown:
            here = "the one of --redis" if settings.redis else settings.data
            hint = f"or name the store that has it (--data, --redis): this is {here}"
            raise CueroomError(f"{unknown}, {hint}") from unknown
        yield store
