"""The link to Redis: how to connect, and what each of its failures means to whoever asked."""

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any

import redis.asyncio as redis_asyncio
from redis.backoff import NoBackoff
from redis.exceptions import (
    AuthenticationError,
    ClusterDownError,
    ExecAbortError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TryAgainError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry

from cueroom.errors import StoreRefused, StoreUnavailable

POOL_CONNECTIONS = 64
COMMAND_TIMEOUT_S = 5.0
FAILURES = (RedisError, OSError)
"""Everything a broken subscription may raise."""


def connect(url: str) -> Any:
    """A client for any of the URLs the contract names. Nothing is retried behind our back: a flush that may have
    been applied is repeated by whoever knows how to make that harmless."""
    if url.startswith(("redis+cluster://", "redis+sentinel://")):
        raise StoreUnavailable(f"{url.split(':', 1)[0]} is not supported yet; use redis://, rediss:// or unix://")
    pool = redis_asyncio.BlockingConnectionPool.from_url(
        url,
        max_connections=POOL_CONNECTIONS,
        timeout=COMMAND_TIMEOUT_S,
        socket_timeout=COMMAND_TIMEOUT_S,
        socket_connect_timeout=COMMAND_TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
        protocol=2,  # its handshake tells a refused password from an absent server
    )
    return redis_asyncio.Redis.from_pool(pool)


_NOT_NOW = (OutOfMemoryError, ReadOnlyError, ClusterDownError, TryAgainError, ExecAbortError)
_NOT_NOW_SIGNS = ("OOM", "MISCONF", "NOREPLICAS", "BUSY", "MASTERDOWN")
"""What redis-py has no class for, or what a script's error only quotes."""


@contextlib.contextmanager
def guarded() -> Iterator[None]:
    """Turns what means "not now" into StoreUnavailable; anything else is a bug and stays itself. A cancel is never
    lost: the `asyncio.wait_for` of Python 3.11, which redis-py puts around what it sends, forgets one that comes just
    as the sending is done."""
    task = asyncio.current_task()
    asked = task.cancelling() if task else 0
    try:
        yield
    except (AuthenticationError, NoPermissionError) as error:
        raise StoreRefused(f"the store refuses us: {error}; check the user and password in its URL") from error
    except (OSError, RedisConnectionError) as error:
        raise StoreUnavailable(f"the store does not answer: {error}") from error
    except ResponseError as error:
        if not isinstance(error, _NOT_NOW) and not any(sign in str(error) for sign in _NOT_NOW_SIGNS):
            raise
        raise StoreUnavailable(f"the store cannot take this now: {error}") from error
    except RedisError as error:
        raise StoreUnavailable(f"the store failed: {error}") from error
    finally:
        if task and task.cancelling() > asked:
            raise asyncio.CancelledError
