"""The store, for commands that read or change a show beside a running server or without one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

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
    """The same, for a command on one show. Raises UnknownShow."""
    async with open_store(settings) as store:
        await store.rundown(show)
        yield store
