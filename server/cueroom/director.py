"""The director: the only loop that decides. One leads each show, by a lease that fences off every earlier leader."""

import asyncio
import contextlib
import time
from collections.abc import Mapping

import msgspec
import structlog

from cueroom.clock import Clock
from cueroom.edge.services import Services
from cueroom.errors import CueroomError, NotLeading, UnknownShow
from cueroom.lessons import taught_by
from cueroom.metrics import Metrics
from cueroom.pacing.pacer import Mind, Step, pace
from cueroom.show.board import Board, Phase, changed_cues
from cueroom.show.cues import cue_entry
from cueroom.show.state import RECENT_S, Snapshot
from cueroom.storage.calls import Change
from cueroom.storage.store import LEASE_MS, Store
from cueroom.storage.teaching import keep
from cueroom.waiting import set_within

LOOK_S = 0.5
"""How often a process looks for shows that nobody leads."""
SPACING_S = 0.03
"""Shortest time from one decision to the next."""
REST = 3.0
"""After a decision a show rests so many times as long as it took: where many shows want to be decided, each waits."""
IDLE_S = 1.0
"""Longest time between two decisions on a live show: cues expire and data grows old without any event."""
QUIET_S = 10.0
"""The same on one that is planned or over and has no open cue. Such shows are kept for weeks, and many: what happens to
one wakes its director anyway."""
SAVE_S = 1.0
"""A decision without a new cue is saved this often, where there is one so often."""
LATE_S = 10.0
"""How often the older part of the series is read again, for events that came late."""

log = structlog.get_logger()


def rest_s(took_s: float) -> float:
    """How long a show rests after a decision that took so long; one that a stalled store held up is followed as soon as
    in silence."""
    return min(max(SPACING_S - took_s, REST * took_s), IDLE_S)


def idle_s(board: Board) -> float:
    """How long a show to which nothing happens is left alone."""
    return IDLE_S if board.phase is Phase.LIVE or board.cues else QUIET_S


class Directors:
    """Leads every show that no other process leads."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._leading: dict[str, asyncio.Task[None]] = {}
        self._listed: set[str] = set()
        self._not_led: set[str] = set()

    async def run(self) -> None:
        """Looks for shows without a leader until the process drains; gives its own up when cancelled."""
        try:
            while not self._services.draining.is_set():
                await self._look()
                await asyncio.sleep(LOOK_S)
            await asyncio.gather(*self._leading.values())
        finally:
            for task in self._leading.values():
                task.cancel()
            await asyncio.gather(*self._leading.values(), return_exceptions=True)

    async def _look(self) -> None:
        self._leading = {show: task for show, task in self._leading.items() if not task.done()}
        try:
            shows = await self._services.store.shows()
        except CueroomError:  # the next look is soon
            self._services.metrics.show_store(away=True)
            return
        self._services.metrics.show_store(away=False)
        for show in shows:
            if show not in self._leading:
                await self._try_to_lead(show)
        for show in shows:
            self._services.metrics.show_led(show, show in self._leading)
        for show in self._listed.difference(shows):
            self._services.metrics.show_gone(show)
        self._listed = set(shows)

    async def _try_to_lead(self, show: str) -> None:
        try:
            token = await self._token(show)
        except Exception as error:  # whatever is wrong with this show or its primary, the others are led
            if show not in self._not_led:
                log.warning("lead not taken", show=show, error=str(error))
            self._not_led.add(show)
            return
        self._not_led.discard(show)
        if token:
            self._leading[show] = asyncio.create_task(Director(self._services, show, token).run())

    async def _token(self, show: str) -> str | None:
        """What to lead a show with that nobody leads; one that is no longer kept goes off the list."""
        try:
            return await self._services.store.lead(show, None)
        except UnknownShow:
            await self._services.store.strike(show)
            return None


class Director:
    """Leads one show: reads its state, decides, publishes. `_lease` is what it may write with."""

    def __init__(self, services: Services, show: str, lease: str) -> None:
        self._store: Store = services.store
        self._clock: Clock = services.clock
        self._metrics: Metrics = services.metrics
        self._show = show
        self._lease = lease
        self._changed = asyncio.Event()
        self._idle_s = IDLE_S
        self._mind: Mind | None = None
        self._older: dict[int, Mapping[str, int]] = {}
        self._saved_s = 0.0
        self._read_late_s = 0.0
        self._taught_rev: int | None = None

    async def run(self) -> None:
        """Leads until cancelled or replaced, or the show is no longer kept."""
        log.info("director leads", show=self._show, lease=self._lease)
        renewing = asyncio.create_task(self._renew())
        try:
            with self._store.notices.listening(self._show, "changed", lambda _: self._changed.set()):
                await self._lead()
        except NotLeading:
            log.warning("director lost its lease", show=self._show, lease=self._lease)
        except UnknownShow:
            log.info("show is gone", show=self._show)
        except Exception:
            # The lease runs out, another look takes the lead again: the show goes on, and the log has the reason.
            log.exception("director failed", show=self._show)
        finally:
            renewing.cancel()
            with contextlib.suppress(CueroomError):
                await self._store.yield_lead(self._show, self._lease)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(LEASE_MS / 3000)
            with contextlib.suppress(CueroomError):  # an outage longer than the lease is found when writing
                await self._store.lead(self._show, self._lease)

    async def _lead(self) -> None:
        failing = False
        while True:
            await set_within(self._changed, self._idle_s)
            self._changed.clear()
            began_s = time.monotonic()
            try:
                await self._step()
            except (NotLeading, UnknownShow):
                raise
            except CueroomError as error:
                if not failing:  # one line an outage, not one a try
                    log.warning("no decision", show=self._show, error=str(error))
                failing = True
                self._idle_s = IDLE_S
                await asyncio.sleep(IDLE_S)
                continue
            failing = False
            await asyncio.sleep(rest_s(time.monotonic() - began_s))

    async def _step(self) -> None:
        snapshot = await self._read()
        self._idle_s = idle_s(snapshot.board)
        started_s = time.perf_counter()
        step = pace(snapshot, self._mind or Mind())
        self._metrics.decide_seconds.observe(time.perf_counter() - started_s)
        self._tell_figures(snapshot)
        if snapshot.board.phase is Phase.ENDED:
            await self._teach(snapshot, step)
        if not step.changes and not step.measured and time.monotonic() - self._saved_s < SAVE_S:
            self._mind = step.mind
            return
        if await self._publish(snapshot, step):
            self._mind = step.mind
            self._saved_s = time.monotonic()
        else:
            self._changed.set()  # a person was faster: decide again on what is there now

    async def _read(self) -> Snapshot:
        """The show now, with the whole recent series; its older part is kept from earlier and read again seldom."""
        late = time.monotonic() - self._read_late_s > LATE_S
        snapshot, saved = await self._store.read(self._show, self._clock.now_ms(), minutes=4 if late else 2)
        if late:
            self._read_late_s = time.monotonic()
        if self._mind is None and saved.memory:
            self._mind = msgspec.msgpack.decode(saved.memory, type=Mind)
        first = snapshot.now // 1000 - RECENT_S
        kept = {second: fields for second, fields in self._older.items() if second >= first}
        self._older = kept | dict(snapshot.seconds)
        return msgspec.structs.replace(snapshot, seconds=self._older)

    async def _teach(self, snapshot: Snapshot, step: Step) -> None:
        """Keeps what the show taught, once it has ended and whenever late orders have come in since."""
        if snapshot.rev == self._taught_rev:
            return
        taught = taught_by(snapshot, step.mind.memory)
        if taught:
            await keep(self._store.house, taught)
        self._taught_rev = snapshot.rev

    async def _publish(self, snapshot: Snapshot, step: Step) -> bool:
        after = step.on(snapshot.board)
        cues = changed_cues(snapshot.board, after)
        change = Change(
            before=snapshot.board,
            after=after,
            log=[cue_entry(cue, snapshot.now) for cue in (*cues, *step.measured)],
            lease=self._lease,
            memory=msgspec.msgpack.encode(step.mind),
            outlook=step.outlook,
        )
        if (await self._store.change(self._show, change)).status != "ok":
            return False
        for cue in cues:
            self._metrics.count_cue(cue.kind, cue.state)
            log.info("cue", show=self._show, cue=cue.id, kind=cue.kind.value, state=cue.state.value, sku=cue.sku)
        for cue in step.measured:
            self._metrics.count_effect(cue)
        return True

    def _tell_figures(self, snapshot: Snapshot) -> None:
        age_s = None if snapshot.age_ms is None else snapshot.age_ms / 1000
        live = snapshot.board.phase is Phase.LIVE
        self._metrics.show_figures(self._show, snapshot.totals.gmv, snapshot.online, age_s, live)
