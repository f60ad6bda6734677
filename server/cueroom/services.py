"""What every handler needs, put together once by `app` and handed on as one value."""

import asyncio
import contextlib
from collections.abc import Iterator

import msgspec
from starlette.requests import HTTPConnection

from cueroom.clock import Clock, clock_of
from cueroom.metrics import Metrics
from cueroom.settings import Settings
from cueroom.store import Store


class Services(msgspec.Struct, frozen=True):
    """The edge of this process. `draining` is set once it takes no more work, `idle` while no socket is open."""

    settings: Settings
    clock: Clock
    store: Store
    metrics: Metrics
    draining: asyncio.Event
    idle: asyncio.Event
    sockets: set[HTTPConnection]

    @contextlib.contextmanager
    def open_socket(self, socket: HTTPConnection) -> Iterator[None]:
        """Marks a socket as open while the context lasts."""
        self.sockets.add(socket)
        self.idle.clear()
        try:
            yield
        finally:
            self.sockets.discard(socket)
            if not self.sockets:
                self.idle.set()


def make_services(settings: Settings) -> Services:
    """The services that these settings ask for; nothing is connected yet."""
    idle = asyncio.Event()
    idle.set()
    store = Store(settings.redis, settings.keep_days)
    return Services(settings, clock_of(settings), store, Metrics(), asyncio.Event(), idle, set())


def services_of(connection: HTTPConnection) -> Services:
    """The services of the app that serves this request or socket."""
    services: Services = connection.app.state.services
    return services
