"""A proxy beside a test that has no event loop: the line between two programs, for something to go wrong with it."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator

from chaos_lab.proxy import Proxy


class ProxyBeside:
    """A proxy in a thread of its own, for who has no loop."""

    def __init__(self, proxy: Proxy, loop: asyncio.AbstractEventLoop) -> None:
        self.port = proxy.port
        self._proxy = proxy
        self._loop = loop

    def do(self, act: Callable[[Proxy], None]) -> None:
        """Has something go wrong, or right again: `beside.do(Proxy.stall)`."""
        self._loop.call_soon_threadsafe(act, self._proxy)


@contextlib.contextmanager
def proxy_beside(target: str) -> Iterator[ProxyBeside]:
    """A running proxy to `target`, as long as the context is open."""
    ready = threading.Event()
    running: list[ProxyBeside] = []
    ended: list[asyncio.Event] = []

    async def run() -> None:
        async with Proxy(target) as proxy:
            ended.append(asyncio.Event())
            running.append(ProxyBeside(proxy, asyncio.get_running_loop()))
            ready.set()
            await ended[0].wait()

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    ready.wait()
    try:
        yield running[0]
    finally:
        running[0].do(lambda _: ended[0].set())
        thread.join()
