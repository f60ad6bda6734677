"""The rehearsal: a plan played at speed by a made-up audience and crew, with the engine's cues."""

import msgspec

from cueroom.audience import Audience, Crew, Habits, Params, perform
from cueroom.pacing.pacer import Mind, pace
from cueroom.show.board import with_cues
from cueroom.show.cues import Cue, CueState, may_move
from cueroom.show.fold import Ledger
from cueroom.show.rundown import Rundown
from cueroom.show.wire import Rejection, convert_event

TICK_S = 5
"""Of show time, between two decisions; on air they are closer, which would take long here."""
ORDERS_PER_ENTRY = 0.04
"""Of all entries; the made-up shows that come with Cueroom lie around it. Assumed."""
MOST_ORDERS = 6_000
"""A larger show is played by a smaller crowd with smaller stocks, and its money told as much larger."""
LEAST_ENTRIES, MOST_ENTRIES = 1_000, 50_000_000
BY = "crew"


class Rehearsed(msgspec.Struct, frozen=True):
    """One simulated show: GMV by the end of each minute, in minor units, and every cue as it ended."""

    minutes: tuple[int, ...]
    cues: tuple[Cue, ...]


def rehearse(rundown: Rundown, seed: int) -> Rehearsed:
    """The plan played from its first to its last planned second by the audience and crew of that seed."""
    parts = max(1, round(planned_orders(rundown) / MOST_ORDERS))
    played = _Stage(made_smaller(rundown, parts), seed).play()
    return Rehearsed(tuple(gmv * parts for gmv in played.minutes), played.cues)


def planned_orders(rundown: Rundown) -> float:
    """About how many units the plan wants to sell: the goal at the mean price of what is planned."""
    minutes = sum(item.minutes for item in rundown.items)
    price = sum(item.price * item.minutes for item in rundown.items) / minutes
    return rundown.goal / price


def made_smaller(rundown: Rundown, parts: int) -> Rundown:
    """The show with a part of its goal and stocks."""
    if parts == 1:
        return rundown
    items = []
    for item in rundown.items:
        batches = tuple(max(1, units // parts) for units in item.batches)
        stock = sum(batches) or max(1, item.stock // parts)
        items.append(msgspec.structs.replace(item, batches=batches, stock=stock))
    return msgspec.structs.replace(rundown, goal=max(1, rundown.goal // parts), items=tuple(items))


def audience_of(rundown: Rundown) -> Params:
    """A crowd that would buy what is planned, give or take."""
    entries = planned_orders(rundown) / ORDERS_PER_ENTRY
    return Params(entries=min(MOST_ENTRIES, max(LEAST_ENTRIES, entries)))


class _Stage:
    """Audience, crew and engine of one simulated show."""

    def __init__(self, rundown: Rundown, seed: int) -> None:
        params = audience_of(rundown)
        self._rundown = rundown
        self._order = [item.sku for item in rundown.items]
        self._audience = Audience(rundown, params, seed)
        self._habits = Habits(self._audience)
        self._crew = Crew(params, seed)
        self._ledger = Ledger(rundown)
        self._mind = Mind()
        self._cues: dict[str, Cue] = {}

    def play(self) -> Rehearsed:
        """The whole show."""
        minutes = []
        self._audience.start()
        for second in range(1, int(self._rundown.duration_min * 60) + 1):
            self._act()
            self._hear()
            if second % TICK_S == 0:
                self._decide()
            if second % 60 == 0:
                minutes.append(self._audience.till.gmv)
        return Rehearsed(tuple(minutes), tuple(self._cues.values()))

    def _act(self) -> None:
        """The crew does what it was cued to, or what it does anyway."""
        for cue_id, act in self._crew.due(self._audience.now_ms).items():
            self._move(cue_id, CueState.ACCEPTED)
            perform(self._audience, act)
        self._habits.note()
        self._habits.go_on(self._order)
        self._habits.note()

    def _hear(self) -> None:
        """The platform tells of one more second."""
        for said in self._audience.step():
            event = convert_event(said)
            if not isinstance(event, Rejection):
                self._ledger.apply(event, event.time or self._audience.now_ms)

    def _decide(self) -> None:
        now = self._audience.now_ms
        step = pace(self._ledger.snapshot(now), self._mind)
        self._mind = step.mind
        self._ledger.board = step.on(self._ledger.board)
        for cue in step.changes:
            if cue.id not in self._cues:
                self._crew.heed(msgspec.to_builtins(cue), now)
            elif cue.state is not CueState.ISSUED:
                self._crew.forget(cue.id)
            self._cues[cue.id] = cue

    def _move(self, cue_id: str, state: CueState) -> None:
        cue = self._ledger.board.cue(cue_id)
        if cue and may_move(cue, state):
            self._cues[cue_id] = cue.moved(state, self._audience.now_ms, BY)
            self._ledger.board = with_cues(self._ledger.board, (self._cues[cue_id],))
