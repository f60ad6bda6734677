"""What every handler needs, put together once by `app` and handed on as one value."""

import asyncio
import contextlib
from collections.abc import Iterator

import msgspec
from starlette.requests import HTTPConnection

from cueroom.clock import Clock, clock_of
from cueroom.edge.burden import Burden
from cueroom.edge.flushing import Flushing
from cueroom.metrics import Metrics
from cueroom.settings import Settings
from cueroom.storage.store import Store

DAY_S = 86_400.0


class Services(msgspec.Struct, frozen=True):
    """The edge of this process. `draining` is set once it takes no more work, `idle` while no socket is open."""

    settings: Settings
    clock: Clock
    store: Store
    metrics: Metrics
    burden: Burden
    flushing: Flushing
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

    def real_s_until(self, at: int) -> float:
        """Real seconds until an instant of show time (ms), at most a day: event loops cannot wait for years."""
        return min(DAY_S, max(0.0, self.clock.real_s(at - self.clock.now_ms())))


def make_services(settings: Settings) -> Services:
    """The services that these settings ask for; nothing is connected yet."""
    idle = asyncio.Event()
    idle.set()
    clock, metrics = clock_of(settings), Metrics()
    store = Store(settings.redis, settings.keep_days, settings.replicas)
    burden = Burden(settings, metrics)
    flushing = Flushing(store, clock, metrics, burden)
    return Services(settings, clock, store, metrics, burden, flushing, asyncio.Event(), idle, set())


def services_of(connection: HTTPConnection) -> Services:
    """The services of the app that serves this request or socket."""
    services: Services = connection.app.state.services
    return services
