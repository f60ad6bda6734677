"""The hub: one watcher a show and process reads the state when it changes and hands the same moment to every screen."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from functools import cached_property
from typing import Any

import msgspec
import structlog

from cueroom.board import Phase, changed_cues
from cueroom.cues import Cue
from cueroom.errors import CueroomError
from cueroom.pacing.plan import plan_line
from cueroom.pacing.policy import policy_of
from cueroom.services import Services
from cueroom.state import Outlook, Snapshot, State, describe

SPACING_S = 0.1
"""At most ten moments a second for what feeds change; a cue or a command waits for none of them."""
HEARTBEAT_S = 1.0
"""A moment comes at least this often, so that a screen can tell silence from calm."""
RETRY_S = 0.5

log = structlog.get_logger()


class Moment:
    """The show at one instant, described and rendered at most once however many screens show it."""

    def __init__(self, snapshot: Snapshot, outlook: Outlook) -> None:
        self.snapshot = snapshot
        self.outlook = outlook
        self.rendered: dict[Any, str] = {}

    @cached_property
    def state(self) -> State:
        return describe(self.snapshot, self.outlook)


class Mailbox:
    """What one screen has not been sent yet: the latest moment, and every cue that changed since the last taken."""

    def __init__(self) -> None:
        self._moment: Moment | None = None
        self._cues: list[Cue] = []
        self._filled = asyncio.Event()

    def put(self, moment: Moment, cues: list[Cue]) -> None:
        """The newer moment replaces one that was not taken; changed cues add up."""
        self._moment = moment
        self._cues += cues
        self._filled.set()

    async def take(self) -> tuple[Moment, list[Cue]]:
        """The latest moment, once there is one, with the cues that changed on the way to it."""
        await self._filled.wait()
        self._filled.clear()
        moment, cues = self._moment, self._cues
        self._cues = []
        assert moment is not None  # noqa: S101  # `put` sets both
        return moment, cues


class Watcher:
    """Reads one show for all screens of this process while there are any."""

    def __init__(self, services: Services, show: str) -> None:
        self._services = services
        self._show = show
        self._mailboxes: set[Mailbox] = set()
        self._changed = asyncio.Event()
        self._turned = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._moment: Moment | None = None

    @contextlib.asynccontextmanager
    async def mailbox(self) -> AsyncIterator[Mailbox]:
        """A mailbox that gets every moment while the context lasts, the present one at once."""
        box = Mailbox()
        self._mailboxes.add(box)
        self._changed.set()
        if self._task is None:
            self._task = asyncio.create_task(self._watch())
        try:
            yield box
        finally:
            self._mailboxes.discard(box)
            if not self._mailboxes:
                self._task.cancel()
                self._task = None

    async def _watch(self) -> None:
        failing = False
        listening = self._services.store.notices.listening
        with (
            listening(self._show, "changed", lambda _: self._changed.set()),
            listening(self._show, "turned", lambda _: self._turned.set()),
        ):
            while True:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(HEARTBEAT_S):
                        await self._changed.wait()
                self._changed.clear()
                self._turned.clear()
                try:
                    await self._tell()
                    failing = False
                except CueroomError as error:
                    if not failing:  # one line an outage, not one a try
                        log.warning("state not read", show=self._show, error=str(error))
                    failing = True
                    await asyncio.sleep(RETRY_S)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(SPACING_S):
                        await self._turned.wait()

    async def _tell(self) -> None:
        moment = await read_moment(self._services, self._show)
        cues = changed_cues(self._moment.snapshot.board, moment.snapshot.board) if self._moment else []
        self._moment = moment
        for box in self._mailboxes:
            box.put(moment, cues)


class Hub:
    """The watchers of this process."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._watchers: dict[str, Watcher] = {}

    def watcher(self, show: str) -> Watcher:
        return self._watchers.setdefault(show, Watcher(self._services, show))


async def read_moment(services: Services, show: str) -> Moment:
    """The show now. Raises StoreUnavailable, UnknownShow."""
    snapshot, saved = await services.store.read(show, services.clock.now_ms())
    snapshot = msgspec.structs.replace(snapshot, screens=await services.store.screens(show))
    plan = plan_line(snapshot, None, policy_of(snapshot.board.governed(snapshot.rundown)).plan_on_s)
    outlook = saved.outlook or Outlook(plan=plan)
    if snapshot.board.phase is not Phase.ENDED:
        # The forecast is the engine's; where the show stands is arithmetic on this very moment.
        plan = msgspec.structs.replace(
            plan,
            forecast=outlook.plan.forecast,
            forecast_low=outlook.plan.forecast_low,
            forecast_high=outlook.plan.forecast_high,
        )
    return Moment(snapshot, msgspec.structs.replace(outlook, plan=plan))
