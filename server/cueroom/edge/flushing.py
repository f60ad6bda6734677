"""Flushing: what comes for a show while the store is busy with it goes there together, in one call."""

import asyncio
import time
from collections import deque

import msgspec

from cueroom.clock import Clock
from cueroom.edge.burden import Burden
from cueroom.errors import StoreUnavailable
from cueroom.metrics import Metrics
from cueroom.show.tally import MOST_WEIGHT
from cueroom.storage.calls import Flushed, Part
from cueroom.storage.store import Store

CALLS_AT_ONCE = 2
"""Where a whole call waits behind the one under way, it is sent as well, so that the store need not wait for us."""

LIGHT_WEIGHT = MOST_WEIGHT // 2
"""The most of a call while people are about, who wait for those before theirs. It costs the store a quarter more of its
core, since a call takes a while whatever it brings."""


class _Waiting(msgspec.Struct, frozen=True):
    """A part that waits for its call, and for what becomes of it."""

    part: Part
    flushed: asyncio.Future[Flushed]


class _Show(msgspec.Struct, frozen=True):
    """What waits for a show, and its calls under way."""

    waiting: deque[_Waiting]
    calls: set[asyncio.Task[None]]

    def is_next_due(self) -> bool:
        """Whether what waits is to be sent now: at once, or else as soon as a call returns."""
        if self.calls and sum(one.part.flush.weight for one in self.waiting) < MOST_WEIGHT:
            return False
        return len(self.calls) < CALLS_AT_ONCE

    def take_call(self, most: int) -> list[_Waiting]:
        """What goes in the next call: as much as may be in one, or a part that is more by itself."""
        together = [self.waiting.popleft()]
        weight = together[0].part.flush.weight
        while self.waiting and weight + self.waiting[0].part.flush.weight <= most:
            together.append(self.waiting.popleft())
            weight += together[-1].part.flush.weight
        return together


class Flushing:
    """The flushes of all shows."""

    def __init__(self, store: Store, clock: Clock, metrics: Metrics, burden: Burden) -> None:
        self._store = store
        self._clock = clock
        self._metrics = metrics
        self._burden = burden
        self._shows: dict[str, _Show] = {}

    @property
    def most_weight(self) -> int:
        """How heavy a call, and so a part, should be at most now."""
        return LIGHT_WEIGHT if self._burden.people_about else MOST_WEIGHT

    async def flush(self, show: str, part: Part) -> Flushed:
        """Makes the part durable. Raises StoreUnavailable, UnknownShow."""
        flushed: asyncio.Future[Flushed] = asyncio.get_running_loop().create_future()
        self._shows.setdefault(show, _Show(deque(), set())).waiting.append(_Waiting(part, flushed))
        self._go_on(show)
        return await flushed

    def _go_on(self, show: str) -> None:
        its = self._shows[show]
        if its.waiting and its.is_next_due():
            call = asyncio.create_task(self._call(show, its.take_call(self.most_weight)))
            its.calls.add(call)
            call.add_done_callback(lambda call: self._returned(show, call))
        elif not its.calls:
            del self._shows[show]

    def _returned(self, show: str, call: asyncio.Task[None]) -> None:
        """By now those who were answered have had their turn of the loop: what they bring next comes along."""
        self._shows[show].calls.discard(call)
        self._go_on(show)

    async def _call(self, show: str, together: list[_Waiting]) -> None:
        # People ask the store several times, and would find a call before them each time.
        await self._burden.courtesy()
        began_s = time.perf_counter()
        try:
            flushed = await self._store.flush_together(show, [one.part for one in together], self._clock.now_ms())
        except Exception as error:
            if isinstance(error, StoreUnavailable):
                self._metrics.flush_failures.inc()
            for one in together:
                if not one.flushed.done():
                    one.flushed.set_exception(error)
            return
        self._metrics.flush_seconds.observe(time.perf_counter() - began_s)
        for one, its in zip(together, flushed, strict=True):
            if not one.flushed.done():
                one.flushed.set_result(its)
