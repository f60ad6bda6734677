"""The burden: what this process carries, measured against its bounds, and what it turned away for their sake."""

import asyncio
import contextlib
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterator

import structlog

from cueroom.edge.problems import Problem
from cueroom.metrics import Metrics, Refusal
from cueroom.settings import Settings
from cueroom.waiting import set_within

SLICE_S = 0.001
"""How much of one turn of the event loop the work on feeds may take: in between, everybody else has theirs."""

COURTESY_S = 0.2
"""Longest wait of a feed for people. They are few and wait for an answer; a feed has its window to wait with."""

LATELY_S = 1.0
"""So long after somebody left, there may soon be somebody again."""

TICK_S = 0.25
"""How often the event loop's lag is measured and the figures are told."""

LATE_TICKS = 4
"""So many measurements in a row have to be late before the loop counts as overloaded: one pause is no overload."""

TELL_S = 10.0
"""At most one log line in so long tells of overload and of what was turned away, however much it was."""

RETRY_AFTER_S = 2

_REASONS = {
    Refusal.IN_FLIGHT: "more has come in than the store has taken yet",
    Refusal.LAG: "this process is behind with its work",
}

log = structlog.get_logger()


class Turns:
    """Shares the event loop between feeds and everybody else. `async with turns:` begins when no people wait (that is
    what `courtesy` waits for), and at once while little was done in this turn of the loop, else in a later one, behind
    the people who came meanwhile. What is inside must not wait, but for `pause`."""

    def __init__(self, courtesy: Callable[[], Awaitable[None]]) -> None:
        self._courtesy = courtesy
        self._used_s = 0.0
        self._began_s = 0.0
        self._waiting: list[asyncio.Future[None]] = []

    async def __aenter__(self) -> None:
        if self._used_s >= SLICE_S:
            await self._next_turn()
        await self._courtesy()
        while self._used_s >= SLICE_S:
            await self._next_turn()
        self._began_s = time.perf_counter()

    async def __aexit__(self, *_: object) -> None:
        if not self._used_s:
            asyncio.get_running_loop().call_soon(self._renew)
        self._used_s += time.perf_counter() - self._began_s

    async def pause(self) -> None:
        """Between two pieces of work inside: lets others go first, where people wait or this turn is used up."""
        await self.__aexit__()
        await self.__aenter__()

    async def _next_turn(self) -> None:
        waiting = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        await waiting

    def _renew(self) -> None:
        self._used_s = 0.0
        waiting, self._waiting = self._waiting, []
        for turn in waiting:
            if not turn.done():
                turn.set_result(None)


class Burden:
    """Everything a process bounds as a whole. What is over a bound is not dropped: feeds are read no further until
    there is room, and newcomers are asked to come back."""

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self.connections = 0
        self.turns = Turns(self.courtesy)
        self._people = 0
        self._nobody_waits = asyncio.Event()
        self._left_s = -LATELY_S
        self._metrics = metrics
        self._most_bytes = settings.max_in_flight
        self._most_lag_s = settings.max_lag_ms / 1000
        self._in_flight_bytes = 0
        self._has_room = asyncio.Event()
        self._has_room.set()
        self._lags_s: deque[float] = deque([0.0], maxlen=LATE_TICKS)
        self._turned_away: Counter[Refusal] = Counter()

    # Who goes first

    @contextlib.contextmanager
    def person(self) -> Iterator[None]:
        """While the context lasts somebody waits for an answer, and feeds let them go first."""
        self._people += 1
        self._nobody_waits.clear()
        try:
            yield
        finally:
            self._people -= 1
            self._left_s = time.monotonic()
            if not self._people:
                self._nobody_waits.set()

    @property
    def people_about(self) -> bool:
        """Whether somebody waits, or may soon."""
        return self._people > 0 or time.monotonic() - self._left_s < LATELY_S

    async def courtesy(self) -> None:
        """A feed's wait for people, before it keeps the store busy; never long."""
        if self._people:
            await set_within(self._nobody_waits, COURTESY_S)

    # What is in flight

    async def room(self) -> None:
        """Waits until there is room for more bytes that are not durable yet."""
        await self._has_room.wait()

    def take(self, size: int) -> None:
        """So many bytes of a feed were read and are not durable yet."""
        self._in_flight_bytes += size
        self._look_for_room()

    def free(self, size: int) -> None:
        """They are durable, or given up."""
        self._in_flight_bytes -= size
        self._look_for_room()

    def _look_for_room(self) -> None:
        if self._in_flight_bytes < self._most_bytes:
            self._has_room.set()
        else:
            self._has_room.clear()

    # What is turned away

    def excess(self) -> Refusal | None:
        """The bound that is passed now, if one is."""
        if self._in_flight_bytes >= self._most_bytes:
            return Refusal.IN_FLIGHT
        if len(self._lags_s) == LATE_TICKS and min(self._lags_s) > self._most_lag_s:
            return Refusal.LAG
        return None

    def refuse(self) -> Problem | None:
        """What to answer a newcomer that would add to the burden; nothing where there is room for it."""
        excess = self.excess()
        if excess is None:
            return None
        self.count(excess)
        return Problem(503, "overloaded", f"{_REASONS[excess]}; come back", retry_after_s=RETRY_AFTER_S)

    def count(self, refusal: Refusal) -> None:
        """A connection was turned away."""
        self._metrics.count_refusal(refusal)
        self._turned_away[refusal] += 1

    # Watching

    async def watch(self) -> None:
        """Measures and tells until cancelled."""
        loop = asyncio.get_running_loop()
        told_s, told = -TELL_S, None
        while True:
            due_s = loop.time() + TICK_S
            await asyncio.sleep(TICK_S)
            self._lags_s.append(loop.time() - due_s)
            self._metrics.show_burden(self.connections, self._in_flight_bytes, self._lags_s[-1])
            excess = self.excess()
            if (excess is not told or self._turned_away) and loop.time() - told_s >= TELL_S:
                told_s, told = loop.time(), excess
                self._tell(excess)

    def _tell(self, excess: Refusal | None) -> None:
        turned_away = {refusal.value: n for refusal, n in self._turned_away.items()}
        self._turned_away.clear()
        log.warning(
            "overloaded" if excess else "within bounds",
            reason=excess and excess.value,
            turned_away=turned_away,
            connections=self.connections,
            in_flight_bytes=self._in_flight_bytes,
            lag_ms=round(self._lags_s[-1] * 1000),
        )
