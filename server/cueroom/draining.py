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

from cueroom.gate import GatedConfig
from cueroom.settings import Settings

log = structlog.get_logger(__name__)


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


async def serve_app(app: Starlette, settings: Settings, listener: socket.socket, ready: asyncio.Event) -> None:
    """Serve an app in this process until cancelled, then drain it."""
    server = DrainingServer(app, settings, ready)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = True
        await serving
        raise


class DrainingServer(uvicorn.Server):
    """uvicorn closes every socket the moment it is asked to stop; this one first lets the app finish what it
    accepted and say goodbye itself."""

    def __init__(self, app: Starlette, settings: Settings, ready: asyncio.Event) -> None:
        super().__init__(GatedConfig(app, settings, app.state.burden))
        self._app = app
        self._drain_s = settings.drain_s
        self._ready = ready

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are `run`'s."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        log.info("draining", connections=len(self.server_state.connections))
        try:
            async with asyncio.timeout(self._drain_s):
                await self._app.state.drain(self._drain_s)
        except TimeoutError:
            log.error("drain took too long and was cut off", drain_s=self._drain_s)
        finally:
            await super().shutdown(sockets)
