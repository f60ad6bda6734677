"""Draining: a server that takes no more, finishes what it accepted, and only then closes its sockets."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Coroutine, Iterator

import structlog
import uvicorn
import uvloop
from starlette.applications import Starlette

from cueroom.processes.collecting import collect_seldom
from cueroom.processes.gate import GatedConfig
from cueroom.processes.handing import Inlet
from cueroom.settings import Settings

log = structlog.get_logger()


def run(main: Coroutine[None, None, None]) -> None:
    """Run until done, or until SIGTERM or Ctrl-C asks to stop: `main` is cancelled and leaves in order. A second
    signal ends the process at once."""

    async def until_asked() -> None:
        task = asyncio.ensure_future(main)
        loop = asyncio.get_running_loop()

        def stop() -> None:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)
            task.cancel()

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop)
        with contextlib.suppress(asyncio.CancelledError):
            await task

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(until_asked())


async def serve_app(app: Starlette, settings: Settings, inlet: Inlet) -> None:
    """Serve an app in this process, on the connections it is given, until cancelled; then drain it."""
    server = DrainingServer(app, settings, inlet)
    serving = asyncio.create_task(server.serve())
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = True
        await serving
        raise


class DrainingServer(uvicorn.Server):
    """uvicorn closes every socket the moment it is asked to stop; this one first lets the app finish what it
    accepted and say goodbye itself."""

    def __init__(self, app: Starlette, settings: Settings, inlet: Inlet) -> None:
        super().__init__(GatedConfig(app, settings, app.state.burden))
        self._app = app
        self._drain_s = settings.drain_s
        self._inlet = inlet
        self._arriving: set[asyncio.Task[object]] = set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are `run`'s."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets or [])
        collect_seldom()
        self._inlet.open(self._take, lambda: len(self.server_state.connections) + len(self._arriving))

    async def on_tick(self, counter: int) -> bool:
        self._inlet.tell()
        return await super().on_tick(counter)

    def _take(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        arriving = loop.create_task(loop.connect_accepted_socket(self._protocol, connection))
        self._arriving.add(arriving)
        arriving.add_done_callback(self._arrived)

    def _arrived(self, arriving: asyncio.Task[object]) -> None:
        self._arriving.discard(arriving)
        if not arriving.cancelled() and arriving.exception():
            log.info("a connection ended as it began", error=str(arriving.exception()))

    def _protocol(self) -> asyncio.Protocol:
        return self.config.http_protocol_class(  # type: ignore[call-arg] # uvicorn types the class by its base
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._inlet.close()
        log.info("draining", connections=len(self.server_state.connections))
        try:
            async with asyncio.timeout(self._drain_s):
                await self._app.state.drain(self._drain_s)
        except TimeoutError:
            log.error("drain took too long and was cut off", drain_s=self._drain_s)
        finally:
            await super().shutdown(sockets)
