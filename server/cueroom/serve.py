"""Serving: from settings and shows to a program that takes traffic and says when it is ready."""

import asyncio
import contextlib
import os
import resource
import socket
from collections.abc import Callable
from urllib.parse import urlsplit

import msgspec
import structlog

from cueroom.app import create_app
from cueroom.clock import clock_of
from cueroom.draining import serve_app
from cueroom.embedded import redis_of
from cueroom.errors import CueroomError, StoreRefused, StoreUnavailable
from cueroom.gate import ANTEROOM
from cueroom.rundown import Rundown
from cueroom.running import Running, told_to_others
from cueroom.settings import Settings, http_url
from cueroom.store import Store
from cueroom.workers import supervise

RETRY_S = 0.5
WAY_IN = "cueroom keys --all-shows --role producer --link"

UNTAKEN_MS = 20_000
"""A peer that takes nothing of what was sent to it for so long is cut off by the kernel, which a close that waits for
it never would be."""

FILES_BESIDES = ANTEROOM + 128
"""Files a worker needs beside its connections: the store's, logs, listeners, with room to spare."""

log = structlog.get_logger(__name__)


class ServeError(CueroomError):
    """The server cannot start."""


async def serve(settings: Settings, rundowns: tuple[Rundown, ...], on_ready: Callable[[Settings], None]) -> None:
    """Serve until cancelled, then drain. `on_ready` gets the settings as they turned out (port, Redis) once the
    shows are loaded and every worker takes traffic.

    Raises CueroomError where it cannot start."""
    settings = within_file_limit(settings)
    with bind(settings) as listener:
        async with redis_of(settings) as redis:
            settings = msgspec.structs.replace(settings, redis=redis, port=listener.getsockname()[1])
            ready = asyncio.Event()
            log.info("starting", redis=without_password(redis), data=settings.data, workers=settings.workers)
            async with asyncio.TaskGroup() as group:
                serving = group.create_task(_serve_on(settings, listener, ready))
                await load_shows(settings, rundowns)
                await ready.wait()
                with told_to_others(settings, Running(settings.base_url(settings.port), clock_of(settings))):
                    on_ready(settings)
                    await asyncio.wait([serving])


async def _serve_on(settings: Settings, listener: socket.socket, ready: asyncio.Event) -> None:
    if settings.workers == 1:
        await serve_app(create_app(settings), settings, listener, ready)
    else:
        await supervise(settings, listener, ready)


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
    user, at, _ = urlsplit(url).netloc.rpartition("@")
    return url.replace(user + at, "", 1) if at else url


async def load_shows(settings: Settings, rundowns: tuple[Rundown, ...]) -> None:
    """Put the shows into the store as soon as it can take them."""
    store, clock = Store(settings.redis, settings.keep_days, settings.replicas), clock_of(settings)
    waiting = False
    try:
        while True:
            try:
                await store.ping()
                for rundown in rundowns:
                    await store.put_show(rundown, clock.now_ms())
                    log.info("show loaded", show=rundown.id, items=len(rundown.items))
                if not await store.shows():
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
