"""Laps: so long a show runs at speed while faults come, and then everything is counted."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from benches.serving import put_with_keys, show_of
from chaos_lab.clients import LabFeed, Lost, Producer, Ways, look, post_events, reading_no_more, watch
from chaos_lab.faults import FAULTS, Machine, Scene
from chaos_lab.processes import ServerPart, StorePart
from chaos_lab.proxy import Proxy
from chaos_lab.truth import SKUS, Truth
from cueroom.show.cues import Cue, CueState, may_move
from cueroom.storage.store import Store, prefix_of

SHOW = "chaos"
FEEDS = 3
SCREENS = 3
STALLED_SCREENS = 3
LAP_S = 120.0
"""A lap that takes longer has failed: something does not recover."""
SETTLE_S = 20.0
"""How long sockets and memory may take to be given back."""
MORE_FILES = 70
"""Descriptors a server may hold beyond those after the first lap: its connections to the store are a pool of 64, and
stay once they were needed."""
MORE_MB = 64.0
"""Memory a server may hold beyond that after the first lap: Python's allocator keeps what it had."""


class Broken(msgspec.Struct, frozen=True):
    """A fault that was mended: what was done, and how long afterwards every feed had been acknowledged something new
    and a director led."""

    fault: str
    deed: str
    recovered_s: float


class Lap(msgspec.Struct, frozen=True, kw_only=True):
    """What one lap did and found. `wrong` is empty where every promise was kept."""

    number: int
    events: int
    cues: int
    seconds: float
    broken: list[Broken]
    files: int
    memory_mb: float
    wrong: list[str]


class Track:
    """The lab with everything started; `run` runs one lap after the other on the same show."""

    def __init__(self, scene: Scene, store: Store, ways: Ways, seed: str) -> None:
        self._scene = scene
        self._store = store
        self._ways = ways
        self._seed = seed
        self.truth = Truth()
        self._said: list[str] = []
        self._files: int | None = None
        self._memory_mb = 0.0

    async def run(self, number: int, faults: Sequence[str]) -> Lap:
        """One lap with these faults, all under way at once; everything else is drawn by the seed and the number."""
        began_s = time.monotonic()
        feeds = tuple(LabFeed(self._ways, f"feed-{n}", self.truth, self._dice(number, n), number) for n in range(FEEDS))
        producer = Producer(self._ways, f"lap-{number}")
        broken: list[Broken] = []
        wrong: list[str] = []
        try:
            async with asyncio.timeout(LAP_S):
                broken = await self._perform(number, feeds, producer, faults)
        except* (Lost, TimeoutError) as errors:
            wrong += [f"{error!r} with {', '.join(faults)}" for error in _leaves(errors)]
        self._said += producer.said
        wrong += await self._count()
        wrong += await self._read_cues()
        files, memory_mb, grown = await self._settled()
        return Lap(
            number=number,
            events=sum(feed.sent_events for feed in feeds),
            cues=len(producer.said),
            seconds=time.monotonic() - began_s,
            broken=broken,
            files=files,
            memory_mb=memory_mb,
            wrong=wrong + grown,
        )

    def _dice(self, *names: object) -> Random:
        return Random("/".join(map(str, (self._seed, *names))))

    async def _perform(
        self, number: int, feeds: tuple[LabFeed, ...], producer: Producer, faults: Sequence[str]
    ) -> list[Broken]:
        enough = asyncio.Event()
        with reading_no_more() as stop_reading:
            async with asyncio.TaskGroup() as group:
                for feed in feeds:
                    group.create_task(feed.run(enough))
                group.create_task(post_events(self._ways, self.truth, self._dice(number, "posts"), number, enough))
                group.create_task(producer.run(self._dice(number, "producer"), enough))
                for way in range(SCREENS):
                    group.create_task(watch(self._ways, way, enough))
                for way in range(STALLED_SCREENS):
                    await stop_reading(self._ways, way)
                scene = msgspec.structs.replace(self._scene, feeds=feeds)
                broken = await asyncio.gather(*(self._break(scene, name, self._dice(number, name)) for name in faults))
                enough.set()
        return broken

    async def _break(self, scene: Scene, fault: str, dice: Random) -> Broken:
        await asyncio.sleep(dice.uniform(0.1, 0.6))
        deed = await FAULTS[fault](scene, dice)
        mended_s = time.monotonic()
        for feed in scene.feeds:
            await feed.moves_on()
        await self._led()
        return Broken(fault, deed, time.monotonic() - mended_s)

    async def _led(self) -> None:
        """Waits until a director leads."""
        while await self._scene.store.tell(f"EXISTS {prefix_of(SHOW)}lease") != ":1":  # noqa: ASYNC110  # no event tells
            await asyncio.sleep(0.02)

    # What must hold after a lap

    async def _count(self) -> list[str]:
        """The counters as everybody gets them, against the truth."""
        return self.truth.wrong_in((await look(self._ways))["totals"])

    async def _read_cues(self) -> list[str]:
        """Every cue was issued once, moved only forward, and none that a person was promised is missing."""
        entries = [entry["cue"] async for entry in self._store.log_entries(SHOW) if entry["type"] == "cue"]
        wrong: list[str] = []
        last: dict[str, Cue] = {}
        for cue in (msgspec.convert(entry, Cue) for entry in entries):
            before = last.get(cue.id)
            if before is None:
                if cue.state is not CueState.ISSUED:
                    wrong.append(f"the log has {cue.id} begin as {cue.state.value}")
            elif cue.effect is None and not may_move(before, cue.state):
                wrong.append(f"the log has {cue.id} {cue.state.value} after {before.state.value}")
            last[cue.id] = cue
        wrong += [f"{cue} was promised twice" for cue, n in Counter(self._said).items() if n > 1]
        wrong += [f"{cue} was promised and is not in the log" for cue in self._said if cue not in last]
        return wrong

    async def _settled(self) -> tuple[int, float, list[str]]:
        """Descriptors and memory of all servers, once they are back where they were after the first lap; the first
        answer sets the measure."""
        servers = [machine.server for machine in self._scene.machines]
        deadline_s = time.monotonic() + SETTLE_S
        while True:
            files, memory_mb = sum(server.files for server in servers), sum(server.memory_mb for server in servers)
            if self._files is None:
                self._files, self._memory_mb = files, memory_mb
            most_files, most_mb = self._files + MORE_FILES * len(servers), self._memory_mb + MORE_MB * len(servers)
            if files <= most_files and memory_mb <= most_mb:
                return files, memory_mb, []
            if time.monotonic() > deadline_s:
                grown = f"servers hold {files} files and {memory_mb:.0f} MB; {most_files} and {most_mb:.0f} are allowed"
                return files, memory_mb, [grown]
            await asyncio.sleep(0.2)


def _leaves(errors: BaseExceptionGroup[Any]) -> list[BaseException]:
    return [
        leaf
        for error in errors.exceptions
        for leaf in (_leaves(error) if isinstance(error, BaseExceptionGroup) else [error])
    ]


@contextlib.asynccontextmanager
async def track(folder: Path, seed: str) -> AsyncIterator[Track]:
    """A store and two machines with a show, all running as long as the context is open: the first with two workers,
    the second with one."""
    async with contextlib.AsyncExitStack() as stack:
        home = StorePart(folder)
        await home.start()
        stack.push_async_callback(home.kill)
        machines = []
        for number, workers in enumerate((2, 1), start=1):
            store_line = await stack.enter_async_context(Proxy(home.url))
            server = ServerPart(f"server-{number}", folder, f"redis://127.0.0.1:{store_line.port}", workers)
            await server.start()
            stack.push_async_callback(server.kill)
            outside = await stack.enter_async_context(Proxy(f"tcp://127.0.0.1:{server.port}"))
            machines.append(Machine(server, store_line, outside))
        store = Store(home.url, keep_days=1)
        stack.push_async_callback(store.close)
        keys = await put_with_keys(store, show_of(SHOW, skus=len(SKUS)), time.time_ns() // 1_000_000)
        ways = Ways(SHOW, keys, tuple(machine.outside_line.port for machine in machines))
        yield Track(Scene(home, tuple(machines), ()), store, ways, seed)
