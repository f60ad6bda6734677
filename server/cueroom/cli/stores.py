"""The store, for commands that read or change a show beside a running server or without one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from cueroom.embedded import redis_of
from cueroom.settings import Settings
from cueroom.store import Store


@asynccontextmanager
async def store_of(settings: Settings, show: str) -> AsyncIterator[Store]:
    """The store of these settings, whether a server runs on it or not. Raises UnknownShow."""
    async with redis_of(settings) as redis:
        store = Store(redis, settings.keep_days)
        try:
            await store.rundown(show)
            yield store
        finally:
            await store.close()
