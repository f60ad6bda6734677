"""The link to Redis: where a show's home is, how to get there, and what each failure means to whoever asked.

A home is the server that takes a show's writes: the one server there is, the primary that the sentinels name, or the
primary of the show's slot in a cluster. What fails may have moved, so after a failure the home is looked up anew."""

import asyncio
import contextlib
import hashlib
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any, TypeVar

import msgspec
import redis.asyncio as redis_asyncio
from redis.backoff import NoBackoff
from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot
from redis.exceptions import (
    AskError,
    AuthenticationError,
    ClusterDownError,
    ExecAbortError,
    MovedError,
    NoPermissionError,
    NoScriptError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TryAgainError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry

from cueroom.errors import StoreRefused, StoreUnavailable
from cueroom.storage.redis_url import Cluster, Place, SentinelSet, Single, parse_redis_url

POOL_CONNECTIONS = 64
COMMAND_TIMEOUT_S = 5.0
ASK_TIMEOUT_S = 1.0
"""How long one node may take to say where the homes are, before the next is asked."""
REPLICAS_TIMEOUT_MS = 2_000
"""How long an acknowledgement waits for replicas; shorter than a command may take."""
MOVES = 3
"""How often one call follows a show that moved."""
FAILURES = (RedisError, OSError)
"""Everything a broken subscription may raise."""

T = TypeVar("T")


class Script(msgspec.Struct, frozen=True):
    """A Lua script and the name servers know it by."""

    text: str
    sha: str


def script_of(text: str) -> Script:
    """The script with this text."""
    return Script(text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())


class Link:
    """Calls to the homes of shows. A show is named by a key of its slot. `replicas` is how many of a home's replicas
    must have what is acknowledged."""

    def __init__(self, url: str, replicas: int = 0) -> None:
        self._where = parse_redis_url(url)
        self._replicas = replicas
        self._clients: dict[str, Any] = {}
        self._homes: list[str | None] = []
        self._looking: asyncio.Task[list[str | None]] | None = None
        self._nodes: list[Place] = []
        if isinstance(self._where, Single):
            self._client(url)  # a URL that cannot be used is told at once

    async def close(self) -> None:
        if self._looking:
            self._looking.cancel()
        for client in self._clients.values():
            await client.aclose()

    async def ping(self) -> None:
        """Asks whether the store answers; in a cluster, whether any primary does: one that is away must not make the
        shows on the others unavailable."""
        with guarded():
            homes = set(await self._table())
            pings = [asyncio.ensure_future(self._client(home).ping()) for home in homes if home]
            try:
                await _first_answer(pings)
            except FAILURES:
                self._homes = []
                raise
            finally:
                for ping in pings:
                    ping.cancel()

    async def call(self, key: str, act: Callable[[Any], Awaitable[T]]) -> T:
        """What `act` answers with a client of the key's home. A server that says the key has moved has done nothing,
        so `act` is then tried where it went; nothing else is repeated behind our back. Raises StoreUnavailable."""
        for _ in range(MOVES):
            with guarded():
                home = await self._home_url(key)
                try:
                    return await act(self._client(home))
                except MovedError as moved:
                    self._follow(moved)
                except (*FAILURES, StoreUnavailable):
                    self._homes = []
                    raise
        raise StoreUnavailable("the store moves its keys; come back")

    async def run(self, key: str, script: Script, *args: Any, safely: bool = False) -> Any:
        """What the script answers; `key` is its only one. `safely`: once enough replicas have what it wrote, or what
        it found written. Where they do not in time that raises StoreUnavailable, although the home may keep it: asked
        again, the script must find that harmless."""
        send = self._send_and_wait if safely and self._replicas else _send

        async def act(redis: Any) -> Any:
            with contextlib.suppress(NoScriptError):
                return await send(redis, script.sha, key, args)
            await redis.script_load(script.text)
            return await send(redis, script.sha, key, args)

        return await self.call(key, act)

    async def _send_and_wait(self, redis: Any, sha: str, key: str, args: tuple[Any, ...]) -> Any:
        async with redis.pipeline(transaction=False) as pipe:
            pipe.evalsha(sha, 1, key, *args)
            # WAIT is for this connection's last write. The script may only have found what another wrote before.
            pipe.set(f"{key}waited", "", ex=60)
            pipe.wait(self._replicas, REPLICAS_TIMEOUT_MS)
            answer, *waited = await pipe.execute(raise_on_error=False)
        if isinstance(answer, Exception):
            raise answer
        # From here on the home may have it, so nothing may look as if it had done nothing.
        failed = [error for error in waited if isinstance(error, Exception)]
        if failed or waited[-1] < self._replicas:
            reason = failed[0] if failed else f"{waited[-1]} of {self._replicas} replicas have it"
            raise StoreUnavailable(f"not acknowledged, for it is not safe yet: {reason}")
        return answer

    # Homes

    async def home(self, key: str) -> Any:
        """A client of the key's home; the same one as long as the home is the same. Raises StoreUnavailable."""
        with guarded():
            return self._client(await self._home_url(key))

    def doubt(self, error: Exception) -> None:
        """A home failed in other hands: it may be elsewhere now."""
        if isinstance(error, MovedError):
            self._follow(error)
        else:
            self._homes = []

    async def _home_url(self, key: str) -> str:
        home = (await self._table())[key_slot(key.encode())]
        if home is None:
            self._homes = []
            raise StoreUnavailable("no node of the store serves this show now")
        return home

    def _follow(self, moved: MovedError) -> None:
        if not isinstance(self._where, Cluster):
            raise StoreRefused("the store is a node of a cluster; name it with redis+cluster://")
        if moved.host and self._homes:
            self._homes[moved.slot_id] = self._where.login.url((moved.host, moved.port))
        else:
            self._homes = []

    async def _table(self) -> list[str | None]:
        """The home of each slot; whoever needs it while it is being looked up waits for the same answer."""
        if self._homes:
            return self._homes
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_up())
            # Whoever waited may have given up: its failure is then nobody's.
            self._looking.add_done_callback(lambda task: task.cancelled() or task.exception())
        self._homes = await asyncio.shield(self._looking)
        return self._homes

    async def _look_up(self) -> list[str | None]:
        match self._where:
            case Single(url):
                return [url] * REDIS_CLUSTER_HASH_SLOTS
            case SentinelSet() as sentinels:
                return [await self._named_primary(sentinels)] * REDIS_CLUSTER_HASH_SLOTS
            case Cluster() as cluster:
                return await self._slot_primaries(cluster)

    async def _named_primary(self, where: SentinelSet) -> str:
        async def ask(redis: Any) -> Any:
            return await redis.sentinel_get_master_addr_by_name(where.service)

        for sentinel in self._in_turn(where.sentinels):
            primary = await _ask(where.sentinel_login.url(sentinel), ask)
            if primary:
                host, port = primary
                return where.login.url((host.decode(), port))
        raise StoreUnavailable(f"no sentinel names a primary of {where.service!r}")

    async def _slot_primaries(self, where: Cluster) -> list[str | None]:
        async def ask(redis: Any) -> Any:
            return await redis.execute_command("CLUSTER SLOTS")

        for node in self._in_turn(where.seeds):
            ranges = await _ask(where.login.url(node), ask)
            if ranges:
                return self._read_slots(where, node, ranges)
        raise StoreUnavailable("no node of the cluster says who serves which slots")

    def _in_turn(self, seeds: tuple[Place, ...]) -> list[Place]:
        """Whom to ask, another one first each time: one that is cut off from the rest may give a stale answer."""
        self._nodes = self._nodes or list(seeds)
        self._nodes = self._nodes[1:] + self._nodes[:1]
        return self._nodes

    def _read_slots(self, where: Cluster, asked: Place, ranges: Any) -> list[str | None]:
        homes: list[str | None] = [None] * REDIS_CLUSTER_HASH_SLOTS
        nodes: dict[Place, None] = {}
        for first, last, *servers in ranges:
            # A node that does not know its own name leaves it empty: it is the one that was asked.
            places = [(host.decode() if host else asked[0], port) for host, port, *_ in servers]
            homes[first : last + 1] = [where.login.url(places[0])] * (last + 1 - first)
            nodes |= dict.fromkeys(places)
        self._nodes = list(nodes | dict.fromkeys(where.seeds))
        return homes

    def _client(self, url: str) -> Any:
        if url not in self._clients:
            self._clients[url] = _connect(url, POOL_CONNECTIONS, COMMAND_TIMEOUT_S)
        return self._clients[url]


def _connect(url: str, connections: int, timeout_s: float) -> Any:
    """A client for one server. Nothing is retried behind our back: a flush that may have been applied is repeated by
    whoever knows how to make that harmless."""
    try:
        pool = redis_asyncio.BlockingConnectionPool.from_url(
            url,
            max_connections=connections,
            timeout=timeout_s,
            socket_timeout=timeout_s,
            socket_connect_timeout=timeout_s,
            retry=Retry(NoBackoff(), 0),
            protocol=2,  # its handshake tells a refused password from an absent server
        )
        # What a wrong port or option does not let be; it connects to nothing yet.
        pool.make_connection()
    except (ValueError, TypeError) as error:
        raise StoreRefused(f"the URL of the store cannot be used: {error}") from error
    return redis_asyncio.Redis.from_pool(pool)


async def _ask(url: str, question: Callable[[Any], Awaitable[Any]]) -> Any:
    """What one node says, on a connection of its own; nothing where it does not answer."""
    redis = _connect(url, 1, ASK_TIMEOUT_S)
    try:
        return await question(redis)
    except (AuthenticationError, NoPermissionError):
        raise
    except FAILURES:
        return None
    finally:
        await redis.aclose()


async def _send(redis: Any, sha: str, key: str, args: tuple[Any, ...]) -> Any:
    return await redis.evalsha(sha, 1, key, *args)


async def _first_answer(answers: Iterable[Awaitable[Any]]) -> None:
    """Waits until one of them succeeds. Raises what the last one failed with where none does."""
    failure: Exception = RedisConnectionError("no node serves any show")
    for answer in asyncio.as_completed(answers):
        try:
            await answer
        except FAILURES as error:
            failure = error
        else:
            return
    raise failure


_NOT_NOW = (OutOfMemoryError, ReadOnlyError, ClusterDownError, TryAgainError, ExecAbortError, AskError)
_NOT_NOW_SIGNS = ("OOM", "MISCONF", "NOREPLICAS", "BUSY", "MASTERDOWN")
"""What redis-py has no class for, or what a script's error only quotes."""
_NO_DATABASE_SIGNS = ("DB index is out of range", "SELECT is not allowed")


@contextlib.contextmanager
def guarded() -> Iterator[None]:
    """Turns what means "not now" into StoreUnavailable; anything else is a bug and stays itself. So does a slot that is
    just being handed over key by key (ASK): at its new node a script would find half a show, so it has to wait. A
    cancel is never lost: the `asyncio.wait_for` of Python 3.11, which redis-py puts around what it sends, forgets one
    that comes just as the sending is done."""
    task = asyncio.current_task()
    asked = task.cancelling() if task else 0
    try:
        yield
    except FAILURES as error:
        meaning = _meaning_of(error)
        if meaning is None:
            raise
        raise meaning from error
    finally:
        if task and task.cancelling() > asked:
            raise asyncio.CancelledError


def _meaning_of(error: Exception) -> StoreUnavailable | None:
    """What a failure means to whoever asked; nothing where it is a bug of ours."""
    said = _said(error)
    if isinstance(error, (AuthenticationError, NoPermissionError)):
        return StoreRefused(f"the store refuses us: {said}; check the user and password in its URL")
    if any(sign in said for sign in _NO_DATABASE_SIGNS):
        return StoreRefused(f"the store refuses us: {said}; check the database in its URL")
    if isinstance(error, (OSError, RedisConnectionError)):
        return StoreUnavailable(f"the store does not answer: {said}")
    if not isinstance(error, ResponseError):
        return StoreUnavailable(f"the store failed: {said}")
    not_now = isinstance(error, _NOT_NOW) or any(sign in said for sign in _NOT_NOW_SIGNS)
    return StoreUnavailable(f"the store cannot take this now: {said}") if not_now else None


def _said(error: Exception) -> str:
    """What the store says, without the script that it quotes and the end of its sentence."""
    return str(error).partition(" script: ")[0].rstrip(".")
