"""Workers: several processes behind one listening socket, started again when they die."""

import asyncio
import contextlib
import os
import socket
import sys
import tempfile
from asyncio.subprocess import PIPE, Process

import structlog

from cueroom.errors import CueroomError
from cueroom.metrics import MULTIPROCESS_DIR, forget_worker
from cueroom.settings import Settings, environment_of

FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 30.0
STEADY_S = 60.0
"""A worker that ran this long did not die of what killed it the time before."""

GRACE_S = 5.0
"""What a worker gets beyond its drain before it is killed."""

log = structlog.get_logger(__name__)


class WorkerError(CueroomError):
    """A worker did not even start."""


async def supervise(settings: Settings, listener: socket.socket, ready: asyncio.Event) -> None:
    """Keep the workers running until cancelled, then have them drain; `ready` is set when all take traffic.

    Raises WorkerError where one dies before it was ever ready."""
    with tempfile.TemporaryDirectory(prefix="cueroom-metrics-") as metrics_dir:
        crew = Crew(settings, listener, metrics_dir)
        async with asyncio.TaskGroup() as group:
            starts = [asyncio.Event() for _ in range(settings.workers)]
            for started in starts:
                group.create_task(crew.keep_one(started))
            for started in starts:
                await started.wait()
            ready.set()


class Crew:
    """How a worker is started and what they share: settings, socket and the directory of their metrics."""

    def __init__(self, settings: Settings, listener: socket.socket, metrics_dir: str) -> None:
        self._settings = settings
        self._listener = listener
        self._metrics_dir = metrics_dir

    async def keep_one(self, started: asyncio.Event) -> None:
        """Run a worker, and another whenever it dies; `started` is set when the first is ready."""
        failures = 0
        while True:
            began = asyncio.get_running_loop().time()
            process = await self._start()
            try:
                code = await self._tend(process, started)
            finally:
                forget_worker(process.pid, self._metrics_dir)
            if not started.is_set():
                raise WorkerError(f"A worker ended with status {code} before it was ready.")
            ran_s = asyncio.get_running_loop().time() - began
            failures = 0 if ran_s > STEADY_S else failures + 1
            delay_s = delay_after(failures)
            log.error("worker died and will be started again", pid=process.pid, status=code, delay_s=delay_s)
            await asyncio.sleep(delay_s)

    async def _start(self) -> Process:
        file = self._listener.fileno()
        environment = os.environ | environment_of(self._settings) | {MULTIPROCESS_DIR: self._metrics_dir}
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "cueroom.worker", str(file), stdin=PIPE, stdout=PIPE, env=environment, pass_fds=[file]
        )

    async def _tend(self, process: Process, started: asyncio.Event) -> int:
        """The status a worker ends with; when cancelled, it is asked to drain first."""
        try:
            if process.stdout and await process.stdout.readline():
                started.set()
            return await process.wait()
        except asyncio.CancelledError:
            # The workers close their copies; were ours open, newcomers would wait for nobody.
            self._listener.close()
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await self._see_off(process)
            raise

    async def _see_off(self, process: Process) -> None:
        try:
            async with asyncio.timeout(self._settings.drain_s + GRACE_S):
                await process.wait()
        except TimeoutError:
            log.error("worker does not end and is killed", pid=process.pid)
            process.kill()
            await process.wait()


def delay_after(failures: int) -> float:
    """Seconds to wait before a worker that died so many times in a row is started again."""
    return float(min(LONGEST_DELAY_S, FIRST_DELAY_S * 2 ** max(0, failures - 1)))
