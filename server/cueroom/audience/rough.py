"""The line between a platform and a feed: late, repeated and, at times, silent."""

from collections.abc import Iterable
from heapq import heappop, heappush

from cueroom.audience.dice import Dice
from cueroom.audience.params import Params
from cueroom.audience.said import Event

_OURS = frozenset({"item.presented", "stock.released", "show.started", "show.ended"})
"""What the people of the show report themselves goes through no platform."""

_GAUGES = frozenset({"room.online", "stock.counted"})
"""The newest reading replaces the others, so no platform sends an old one."""


class RoughLine:
    """Passes events on as a platform would: some late, some orders twice, nothing in a gap and all of it afterwards.

    `gaps` are the silences, as (from, until) in ms."""

    def __init__(self, params: Params, gaps: Iterable[tuple[int, int]], dice: Dice) -> None:
        self.gaps = tuple(gaps)
        self._params = params
        self._random = dice.random
        self._held: list[tuple[int, int, Event]] = []
        self._passed = 0

    def carry(self, events: list[Event], now_ms: int) -> list[Event]:
        """What arrives at `now_ms`, given what was said in the second before it."""
        arrived = []
        for event in events:
            if event["type"] in _OURS:
                arrived.append(event)
            else:
                self._hold(event, self._arrival(event, now_ms))
                if event["type"].startswith("order.") and self._random.random() < self._params.repeated:
                    self._hold(event, self._after_gaps(now_ms + self._delay_ms()))
        while self._held and self._held[0][0] <= now_ms:
            arrived.append(heappop(self._held)[2])
        return arrived

    def _arrival(self, event: Event, now_ms: int) -> int:
        is_late = event["type"] not in _GAUGES and self._random.random() < self._params.late
        return self._after_gaps(now_ms + (self._delay_ms() if is_late else 0))

    def _delay_ms(self) -> int:
        return int(self._random.random() * self._params.late_s * 1000)

    def _after_gaps(self, at_ms: int) -> int:
        return next((until for since, until in self.gaps if since <= at_ms < until), at_ms)

    def _hold(self, event: Event, until_ms: int) -> None:
        self._passed += 1
        heappush(self._held, (until_ms, self._passed, event))
