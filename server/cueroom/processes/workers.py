"""Workers: what serves, started again when it dies, and relieved one by one by fresh processes when asked. A server
that has only one works in its own process until then."""

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Protocol

import structlog

from cueroom.errors import CueroomError
from cueroom.metrics import MULTIPROCESS_DIR, Start, forget_worker, shared_metrics
from cueroom.processes.handing import Inlet, Outlet, Reception
from cueroom.settings import Settings, environment_of

FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 30.0
STEADY_S = 60.0
"""A worker that ran this long did not die of what killed it the time before."""

START_S = 60.0
"""How long a worker may take until it takes connections."""

SETTLE_S = 0.2
"""Between the last connection that a worker is given and its drain: what asks only once has its answer by then."""

GRACE_S = 5.0
"""What a worker gets beyond its drain before it is killed."""

log = structlog.get_logger()


class WorkerError(CueroomError):
    """A worker did not even start."""


Attend = Callable[[Inlet, Start], Coroutine[None, None, None]]
"""Serves the connections that come over a channel, in this process, until cancelled; then drains."""


class Process(Protocol):
    """What is asked of the process that a worker is."""

    @property
    def pid(self) -> int: ...
    @property
    def returncode(self) -> int | None: ...
    async def wait(self) -> int: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...


class OwnProcess:
    """A worker within this process; to its crew it looks like one beside it."""

    pid = os.getpid()

    def __init__(self, work: Coroutine[None, None, None]) -> None:
        self._task = asyncio.create_task(work)
        self.returncode: int | None = None

    async def wait(self) -> int:
        await asyncio.wait({self._task})
        failed = not self._task.cancelled() and self._task.exception()
        self.returncode = int(bool(failed))
        if failed:
            log.error("work failed", exc_info=failed)
        return self.returncode

    def terminate(self) -> None:
        self._task.cancel()

    kill = terminate  # a second cancel cuts the drain off


class Worker:
    """A worker's process, and the channel over which it is given connections."""

    def __init__(self, process: Process, outlet: Outlet) -> None:
        self.process = process
        self.outlet = outlet
        self.started_s = asyncio.get_running_loop().time()

    async def is_ready(self) -> bool:
        """Waits until the worker takes connections; False where it ends before, or hangs."""
        ready = asyncio.ensure_future(self.outlet.ready.wait())
        ended = asyncio.ensure_future(self.process.wait())
        try:
            await asyncio.wait({ready, ended}, timeout=START_S, return_when=asyncio.FIRST_COMPLETED)
            return ready.done() and not ended.done()
        finally:
            ready.cancel()
            ended.cancel()


@contextlib.asynccontextmanager
async def crew_of(settings: Settings, listener: socket.socket, attend: Attend) -> AsyncIterator["Crew"]:
    """As many workers as the settings ask for, for as long as the context is open; then they drain. All take traffic
    from the beginning. One that is alone is this process: `attend`.

    Raises WorkerError where one ends before it was ever ready."""
    with shared_metrics(settings.data) as metrics_dir:
        crew = Crew(settings, listener, attend, metrics_dir)
        try:
            await crew.start()
            yield crew
        finally:
            await crew.stop()


class Crew:
    """The workers at their posts, and what they share: settings, the way in, and the directory of their metrics."""

    def __init__(self, settings: Settings, listener: socket.socket, attend: Attend, metrics_dir: str) -> None:
        self._settings = settings
        self._attend = attend
        self._metrics_dir = metrics_dir
        self._reception = Reception(listener)
        self._posts: list[Worker] = []
        self._living: set[Worker] = set()
        self._burials: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Fill every post; answers once all take connections. Raises WorkerError."""
        self._posts = [await self._hire(Start.FIRST) for _ in range(self._settings.workers)]
        for worker in self._posts:
            if not await worker.is_ready():
                raise WorkerError(f"A worker ended with status {worker.process.returncode} before it was ready.")
            self._reception.admit(worker.outlet)

    async def keep(self) -> None:
        """Have posts filled again whose workers die, until cancelled."""
        async with asyncio.TaskGroup() as group:
            for post in range(len(self._posts)):
                group.create_task(self._keep(post))

    async def relieve(self) -> None:
        """Put a fresh worker at every post, one by one: each takes connections before the one it relieves drains.
        Raises WorkerError where one does not get ready; the rest then stay as they are."""
        for post in range(len(self._posts)):
            fresh = await self._hire(Start.RELIEF)
            if not await fresh.is_ready():
                await self._see_off(fresh)
                raise WorkerError(f"A fresh worker ended with status {fresh.process.returncode}; the old ones stay.")
            self._reception.admit(fresh.outlet)
            relieved, self._posts[post] = self._posts[post], fresh
            log.info("worker relieved", pid=relieved.process.pid, by=fresh.process.pid)
            self._reception.dismiss(relieved.outlet)
            await asyncio.sleep(SETTLE_S)
            await self._see_off(relieved)

    async def stop(self) -> None:
        """Accept no more, and have every worker drain."""
        self._reception.close()
        await asyncio.gather(*(self._see_off(worker) for worker in self._living))
        await asyncio.gather(*self._burials)

    async def _keep(self, post: int) -> None:
        failures = 0
        while True:
            worker = self._posts[post]
            status = await worker.process.wait()
            if self._posts[post] is not worker:
                continue  # it was relieved
            ran_s = asyncio.get_running_loop().time() - worker.started_s
            failures = 0 if ran_s > STEADY_S else failures + 1
            delay_s = delay_after(failures)
            log.error("worker died and will be started again", pid=worker.process.pid, status=status, delay_s=delay_s)
            await asyncio.sleep(delay_s)
            await self._replace(post, worker)

    async def _replace(self, post: int, dead: Worker) -> None:
        fresh = await self._hire(Start.DIED)
        if self._posts[post] is not dead:
            await self._see_off(fresh)  # a relief was faster
            return
        self._posts[post] = fresh
        if await fresh.is_ready():
            self._reception.admit(fresh.outlet)
        else:
            await self._see_off(fresh)

    async def _hire(self, start: Start) -> Worker:
        ours, theirs = socket.socketpair()
        alone = self._settings.workers == 1 and start is Start.FIRST
        process = OwnProcess(self._attend(Inlet(theirs), start)) if alone else await self._beside(theirs, start)
        worker = Worker(process, Outlet(ours))
        self._living.add(worker)
        self._burials.add(burial := asyncio.create_task(self._bury(worker)))
        burial.add_done_callback(self._burials.discard)
        return worker

    async def _beside(self, channel: socket.socket, start: Start) -> Process:
        with channel:
            return await asyncio.create_subprocess_exec(
                *[sys.executable, "-m", "cueroom.worker", str(channel.fileno()), start.value],
                env=os.environ | environment_of(self._settings) | {MULTIPROCESS_DIR: self._metrics_dir},
                pass_fds=[channel.fileno()],
            )

    async def _bury(self, worker: Worker) -> None:
        """Whenever and however a worker ends: others get the connections that it never took, its gauges go."""
        await worker.process.wait()
        self._living.discard(worker)
        self._reception.dismiss(worker.outlet)
        for connection in worker.outlet.close():
            self._reception.pass_on(connection)
        forget_worker(worker.process.pid, self._metrics_dir)

    async def _see_off(self, worker: Worker) -> None:
        with contextlib.suppress(ProcessLookupError):
            worker.process.terminate()
        try:
            async with asyncio.timeout(self._settings.drain_s + GRACE_S):
                await worker.process.wait()
        except TimeoutError:
            log.error("worker does not end and is killed", pid=worker.process.pid)
            worker.process.kill()
            await worker.process.wait()


def delay_after(failures: int) -> float:
    """Seconds to wait before a worker that died so many times in a row is started again."""
    return float(min(LONGEST_DELAY_S, FIRST_DELAY_S * 2 ** max(0, failures - 1)))
