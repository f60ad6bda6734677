"""The hub: one watcher a show and process reads the state when it changes and hands the same moment to every screen."""

import asyncio
import contextlib
import math
import secrets
import time
from collections import deque
from collections.abc import Iterator
from itertools import islice
from weakref import WeakValueDictionary

import structlog

from cueroom.edge import closing
from cueroom.edge.closing import Close
from cueroom.edge.services import Services
from cueroom.errors import CueroomError
from cueroom.live.moments import Moment, read_moment
from cueroom.live.presence import Roll
from cueroom.live.seats import FrameOf, Seat
from cueroom.show.access import HOUSE
from cueroom.show.board import changed_cues
from cueroom.show.cues import Cue
from cueroom.show.state import SCREENS_TOLD, Screen
from cueroom.waiting import set_within

SPACING_S = 0.25
"""At most four moments a second for what feeds change: people read no faster, and each costs every screen a layout and
a paint. A cue or a command waits for none of them."""
MOST_MOMENTS, WITHIN_S = 10, 1.0
"""No second has more moments than that, however many commands it has; only a change of a cue is told all the same."""
HEARTBEAT_S = 1.0
"""A moment comes at least this often, so that a screen can tell silence from calm."""
RETRY_S = 0.5
WHOLE_S = 10.0
"""How often a screen gets its whole frame, however little of it has changed."""
SLICE = 1_000
"""After so many screens, about 8 ms of writing, whoever else waits for this process has a turn. With smaller slices
what a change sets off besides, the director above all, comes in between and makes the last screens late."""

RESTART = Close(closing.RESTART, "this server stops; connect again")
log = structlog.get_logger()


class Watcher:
    """Reads one show for all screens of this process while there are any, and tells others that they are there."""

    def __init__(self, services: Services, show: str, process: str) -> None:
        self._services = services
        self._show = show
        self._seats: dict[Seat, None] = {}  # in the order they came
        self._roll = Roll(services.store, show, process, self._screens)
        self._changed = asyncio.Event()
        self._turned = asyncio.Event()
        self._cued = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None
        self._moment: Moment | None = None
        self._told_s = deque([-math.inf] * MOST_MOMENTS, maxlen=MOST_MOMENTS)
        self._whole_at_s = -WHOLE_S

    @contextlib.contextmanager
    def seated(self, seat: Seat) -> Iterator[None]:
        """Hands every moment to this screen while the context lasts, the present one at once."""
        self._seats[seat] = None
        self._changed.set()
        self._roll.moved()
        if self._watching is None:
            self._watching = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            del self._seats[seat]
            self._roll.moved()
            if not self._seats:
                self._watching.cancel()
                self._watching = None
                self._moment = None  # a megabyte, with its frames, which nobody sees any more

    def end(self, close: Close) -> None:
        """Ends all screens of this show in this process."""
        for seat in self._seats:
            seat.end(close)

    def _screens(self) -> list[Screen]:
        return [seat.screen for seat in islice(self._seats, SCREENS_TOLD)]

    async def _watch(self) -> None:
        failing = False
        listening = self._services.store.notices.listening
        with (
            listening(self._show, "changed", lambda _: self._changed.set()),
            listening(self._show, "turned", lambda _: self._turned.set()),
            listening(self._show, "cued", lambda _: self._cued.set()),
            listening(self._show, "revoked", self._revoke),
            listening(HOUSE, "revoked", self._revoke),
        ):
            while True:
                await set_within(self._changed, self._told_s[-1] + HEARTBEAT_S - time.monotonic())
                # A cue or a command is on its way to somebody; what feeds change can wait for its turn.
                hurry = self._services.burden.person() if self._turned.is_set() else contextlib.nullcontext()
                for notice in (self._changed, self._turned, self._cued):
                    notice.clear()
                try:
                    with hurry:
                        await self._tell()
                    failing = False
                except CueroomError as error:
                    if not failing:  # one line an outage, not one a try
                        log.warning("state not read", show=self._show, error=str(error))
                    failing = True
                    await asyncio.sleep(RETRY_S)
                self._dismiss()
                await self._rest()

    async def _rest(self) -> None:
        """Until it is time for another moment: a cue's is at once, a command's too unless this second has had all it
        may have."""
        full_s = self._told_s[0] + WITHIN_S - time.monotonic()
        if full_s > 0:
            await set_within(self._cued, full_s)
        else:
            await set_within(self._turned, SPACING_S)

    def _revoke(self, key_id: str) -> None:
        for seat in self._seats:
            if seat.key.id == key_id:
                seat.end(Close(closing.KEY_REVOKED, "this link was revoked"))

    async def _tell(self) -> None:
        moment = await read_moment(self._services, self._show)
        cues = tuple(changed_cues(self._moment.snapshot.board, moment.snapshot.board)) if self._moment else ()
        self._told_s.append(time.monotonic())
        self._follow(moment)
        for place, seat in enumerate(list(self._seats), start=1):
            self._tell_one(seat, moment, cues)
            if place % SLICE == 0:
                await asyncio.sleep(0)

    def _follow(self, moment: Moment) -> None:
        """Makes this the moment that screens have now. Every so often it knows none before it, so that a browser in
        which a change went wrong is soon right again."""
        if self._moment:
            self._moment.before = None
        if time.monotonic() - self._whole_at_s < WHOLE_S:
            moment.before = self._moment
        else:
            self._whole_at_s = time.monotonic()
        self._moment = moment

    def _tell_one(self, seat: Seat, moment: Moment, cues: tuple[Cue, ...]) -> None:
        try:
            seat.hand(moment, cues)
        except Exception:  # whatever is wrong with this screen's frame, the others get theirs
            log.exception("frame not made", show=self._show)
            seat.end(Close(closing.FAILED, "this screen could not be drawn"))

    def _dismiss(self) -> None:
        """Ends the screens that take nothing, and those whose key has run out."""
        now = self._services.clock.now_ms()
        for seat in self._seats:
            if seat.slow:
                seat.end(Close(closing.TRY_LATER, "too slow; come back"))
            elif now >= seat.key.expires_at:
                seat.end(Close(closing.KEY_REVOKED, "this link has expired"))


class Hub:
    """The watchers of this process; and how the frames of each show and kind of screen are made, while there is such a
    screen. All of a kind share one function: it stays in the processor's cache, where thousands would not."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._process = secrets.token_hex(8)
        self._watchers: dict[str, Watcher] = {}
        self.frames: WeakValueDictionary[tuple[str, str], FrameOf] = WeakValueDictionary()

    @contextlib.contextmanager
    def seated(self, show: str, seat: Seat) -> Iterator[None]:
        """Hands every moment of a show to this screen while the context lasts, the present one at once."""
        if show not in self._watchers:
            self._watchers[show] = Watcher(self._services, show, self._process)
        with self._watchers[show].seated(seat):
            if self._services.draining.is_set():
                seat.end(RESTART)
            yield

    def drain(self) -> None:
        """Ends all screens of this process."""
        for watcher in self._watchers.values():
            watcher.end(RESTART)
