"""Serving: from settings and shows to a program that takes traffic and says when it is ready."""

import asyncio
import contextlib
import os
import re
import resource
import signal
import socket
from collections.abc import Callable, Iterator
from functools import partial

import msgspec
import structlog

from cueroom.clock import clock_of
from cueroom.errors import CueroomError, StoreRefused, StoreUnavailable, UnknownShow
from cueroom.processes.embedded import redis_of
from cueroom.processes.gate import ANTEROOM
from cueroom.processes.running import Running, told_to_others
from cueroom.processes.workers import Crew, crew_of
from cueroom.settings import Settings, http_url
from cueroom.show.rundown import Rundown
from cueroom.storage.dossiers import uncleared_items
from cueroom.storage.store import Store
from cueroom.worker import attend

RETRY_S = 0.5
WAY_IN = "cueroom keys --all-shows --role producer --link"

UNTAKEN_MS = 20_000
"""A peer that takes nothing of what was sent to it for so long is cut off by the kernel, which a close that waits for
it never would be."""

FILES_BESIDES = ANTEROOM + 128
"""Files a worker needs beside its connections: the store's, logs, listeners, with room to spare."""

ReadAgain = Callable[[], tuple[Rundown, ...] | list[str]]
"""Reads the shows once more, or tells everything that is wrong with their files."""

log = structlog.get_logger()


class ServeError(CueroomError):
    """The server cannot start."""


async def serve(
    settings: Settings,
    rundowns: tuple[Rundown, ...],
    on_ready: Callable[[Settings], None],
    read_again: ReadAgain,
) -> None:
    """Serve until cancelled, then drain. `on_ready` gets the settings as they turned out (port, Redis) once the
    shows are loaded and every worker takes traffic. SIGHUP has the shows read again and every worker relieved.

    Raises CueroomError where it cannot start."""
    settings = within_file_limit(settings)
    with bind(settings) as listener, hang_ups() as hung_up:
        async with redis_of(settings) as redis:
            await Store(redis, settings.keep_days).close()  # a URL that cannot be used is told before anything starts
            settings = msgspec.structs.replace(settings, redis=redis, port=listener.getsockname()[1])
            log.info("starting", redis=without_password(redis), data=settings.data, workers=settings.workers)
            async with crew_of(settings, listener, partial(attend, settings)) as crew, asyncio.TaskGroup() as group:
                group.create_task(crew.keep())
                await load_shows(settings, rundowns)
                with told_to_others(settings, Running(settings.base_url(settings.port), clock_of(settings))):
                    on_ready(settings)
                    while True:
                        await hung_up.wait()
                        hung_up.clear()
                        await reload(settings, crew, read_again)


async def reload(settings: Settings, crew: Crew, read_again: ReadAgain) -> None:
    """Put fresh workers in the place of the old ones, and load the shows again. What is wrong is told in the log, and
    what was good so far goes on."""
    log.info("reloading")
    rundowns = read_again()
    if isinstance(rundowns, list):
        log.error("not reloaded", problems=rundowns)
        return
    try:
        await crew.relieve()
        await load_shows(settings, rundowns)
    except CueroomError as error:
        log.error("not reloaded", error=str(error))
    else:
        log.info("reloaded")


@contextlib.contextmanager
def hang_ups() -> Iterator[asyncio.Event]:
    """An event that SIGHUP sets while the context is open. Where it came because our terminal was closed, it is a
    SIGTERM instead: nobody could stop us any more. What is said after that goes nowhere, instead of failing."""
    on_terminal, hung_up = [stream for stream in (0, 1, 2) if os.isatty(stream)], asyncio.Event()

    def hear() -> None:
        if 0 in on_terminal and not os.isatty(0):
            nowhere = os.open(os.devnull, os.O_RDWR)
            for stream in on_terminal:
                os.dup2(nowhere, stream)
            signal.raise_signal(signal.SIGTERM)
        else:
            hung_up.set()

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGHUP, hear)
    try:
        yield hung_up
    finally:
        loop.remove_signal_handler(signal.SIGHUP)


def bind(settings: Settings) -> socket.socket:
    """A listening socket for these settings. Raises ServeError in words where there can be none."""
    try:
        family, *_, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        listener = socket.create_server(address, family=family, backlog=2048)
    except OSError as error:
        where = f"{settings.host}:{settings.port}"
        if isinstance(error, socket.gaierror):
            raise ServeError(f"Cannot listen on {where}: there is no such host.") from error
        hint = "Stop the program that has it, or choose another with --port (0 takes a free one)."
        raise ServeError(f"Cannot listen on {where}: {os.strerror(error.errno or 0)}. {hint}") from error
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux; every connection accepted here inherits it
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNTAKEN_MS)
    return listener


def without_password(url: str) -> str:
    """A URL fit for a log."""
    return re.sub(r"//[^/?]*@", "//", url, count=1)


async def load_shows(settings: Settings, rundowns: tuple[Rundown, ...]) -> None:
    """Put the shows into the store as soon as it can take them."""
    store, clock = Store(settings.redis, settings.keep_days, settings.replicas), clock_of(settings)
    waiting = False
    try:
        while True:
            try:
                await store.ping()
                for rundown in rundowns:
                    await _load_one(store, rundown, clock.now_ms())
                shows = await store.shows()
                for show in shows:
                    with contextlib.suppress(UnknownShow):  # it ended so long ago that it is not kept any more
                        await store.rundown(show)  # one in another form is told now
                if not shows:
                    log.info(
                        "no show yet; make one by the link that this command prints (same --data or --redis)",
                        command=WAY_IN,
                    )
                return
            except StoreRefused:
                raise
            except StoreUnavailable as error:
                if not waiting:
                    log.warning("waiting for redis", url=without_password(settings.redis), error=str(error))
                waiting = True
            await asyncio.sleep(RETRY_S)
    finally:
        await store.close()


async def _load_one(store: Store, rundown: Rundown, now: int) -> None:
    await store.put_show(rundown, now)
    log.info("show loaded", show=rundown.id, items=len(rundown.items))
    uncleared = await uncleared_items(store.house, rundown, (item.sku for item in rundown.items))
    if uncleared:
        log.warning("papers missing; these will not go live without a reason", show=rundown.id, skus=sorted(uncleared))


def announce(settings: Settings) -> None:
    """The one line on standard output that says the server takes traffic."""
    print(f"ready {http_url(settings.host, settings.port)}", flush=True)


def within_file_limit(settings: Settings) -> Settings:
    """Raises the limit of open files as far as the system lets us, since every connection is one and the usual 1024
    are below one big show; the settings with as many connections as then fit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            soft = hard
    fit = max(8, soft - FILES_BESIDES) if soft != resource.RLIM_INFINITY else settings.max_connections
    if fit < settings.max_connections:
        log.warning("fewer connections than set", max_connections=settings.max_connections, fit=fit, open_files=soft)
    return msgspec.structs.replace(settings, max_connections=min(fit, settings.max_connections))
