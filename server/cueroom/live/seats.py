"""Seats: what each screen at a show has taken and what it has not, so that a slow one keeps only itself waiting."""

import asyncio
import time
from collections.abc import Callable

import msgspec

from cueroom.edge.closing import Close
from cueroom.edge.lines import Line
from cueroom.live.moments import Moment
from cueroom.show.access import KeyRecord
from cueroom.show.cues import Cue
from cueroom.show.state import Screen

SLOW_S = 5.0
"""A screen that has taken nothing for this long is closed with 1013; its browser comes back by itself."""
DELAY_HOLDS_S = 15.0
"""How long a screen's last report of its delay is believed."""

FrameOf = Callable[[Moment, tuple[Cue, ...], Moment | None], bytes]
"""The frame of a moment, from the cues that changed since the last one this screen took, and that one."""


class Seat:
    """One screen at a show: what it is, by which key it may look, and what it has not taken yet, of which the newer
    moment replaces the older while changed cues add up.

    What a moment takes of thousands of seats lies close together, in slots: to fetch it from memory is what costs."""

    __slots__ = (
        "_cues",
        "_frame_of",
        "_free",
        "_had",
        "_painted_at_s",
        "_screen",
        "_stuck_since_s",
        "_waiting",
        "_write",
        "ended",
        "key",
    )

    def __init__(self, line: Line, screen: Screen, key: KeyRecord, frame_of: FrameOf) -> None:
        self.key = key
        self.ended: asyncio.Future[Close] = asyncio.get_running_loop().create_future()
        self._screen = screen
        self._frame_of = frame_of
        self._had: Moment | None = None
        self._waiting: Moment | None = None
        self._cues: tuple[Cue, ...] = ()
        self._stuck_since_s: float | None = None
        self._painted_at_s = -DELAY_HOLDS_S
        self._free = True
        self._write = line.use(self)

    def hand(self, moment: Moment, cues: tuple[Cue, ...]) -> None:
        """The show now, and the cues that changed on the way to it."""
        if self._free:
            self._write(self._frame_of(moment, cues, self._had))
            self._had = moment
            return
        self._waiting = moment
        self._cues += cues
        if self._stuck_since_s is None:
            self._stuck_since_s = time.monotonic()

    def pause(self) -> None:
        """Nothing more can be written now."""
        self._free = False

    def go_on(self) -> None:
        """It has taken everything; what came meanwhile follows."""
        self._free = True
        self._stuck_since_s = None
        if self._waiting:
            moment, cues = self._waiting, self._cues
            self._waiting, self._cues = None, ()
            self.hand(moment, cues)

    @property
    def slow(self) -> bool:
        """Whether it has taken nothing for too long."""
        return self._stuck_since_s is not None and time.monotonic() - self._stuck_since_s > SLOW_S

    def end(self, close: Close) -> None:
        """Ends it for this reason; the first one counts."""
        if not self.ended.done():
            self.ended.set_result(close)

    def painted(self, delay_ms: int) -> None:
        """It painted its last frame so late."""
        self._screen = msgspec.structs.replace(self._screen, delay_ms=delay_ms)
        self._painted_at_s = time.monotonic()

    @property
    def screen(self) -> Screen:
        """The screen as others are told of it."""
        if time.monotonic() - self._painted_at_s < DELAY_HOLDS_S:
            return self._screen
        return msgspec.structs.replace(self._screen, delay_ms=None)
