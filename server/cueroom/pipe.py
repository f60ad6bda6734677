"""The engine on a pipe: events in as NDJSON, cues out as NDJSON, on the events' own clock."""

from collections.abc import Iterable
from typing import Any, BinaryIO

import msgspec

from cueroom.board import with_cues
from cueroom.cues import Cue, CueState, may_move
from cueroom.events import Event, Id, Millis, name_of
from cueroom.fold import Ledger
from cueroom.pacing.engine import decide
from cueroom.pacing.memory import Memory
from cueroom.rundown import Rundown
from cueroom.state import describe
from cueroom.tally import booked_at
from cueroom.wire import Rejection, decode_event_json, rejection_of


class Tick(msgspec.Struct, tag_field="type", tag="tick"):
    """Moves the clock to `time` (ms)."""

    time: Millis


class CueAccepted(msgspec.Struct, tag_field="type", tag="cue.accepted"):
    """A person took the cue."""

    cue: Id
    time: Millis | None = None


class CueDismissed(msgspec.Struct, tag_field="type", tag="cue.dismissed"):
    """A person refused the cue."""

    cue: Id
    time: Millis | None = None


Verdict = CueAccepted | CueDismissed
Line = Event | Tick | Verdict

_MOVES = {CueAccepted: CueState.ACCEPTED, CueDismissed: CueState.DISMISSED}
_OWN = msgspec.json.Decoder(Tick | CueAccepted | CueDismissed)
_BY = "pipe"


def run_pace(rundown: Rundown, lines: Iterable[bytes], out: BinaryIO, with_state: bool) -> None:
    """Answer every line until the input ends; `out` is flushed after each tick and each error."""
    pace = _Pace(rundown, with_state)
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        answers = pace.take(number, line)
        if answers:
            out.write(b"".join(msgspec.json.encode(answer) + b"\n" for answer in answers))
            out.flush()


class _Pace:
    """The show as the pipe has it so far. Events wait for their tick, so that their order within it is of no
    account; what people did with a cue counts at once."""

    def __init__(self, rundown: Rundown, with_state: bool) -> None:
        self._ledger = Ledger(rundown)
        self._memory = Memory()
        self._with_state = with_state
        self._clock: int | None = None
        self._waiting: list[Event] = []
        self._changed: dict[str, Cue] = {}
        self._ticks = 0

    def take(self, number: int, line: bytes) -> list[dict[str, Any]]:
        """The answers to one line of input."""
        judged = _decode(line)
        if isinstance(judged, Tick):
            judged = self._tick_problem(judged) or judged
        elif isinstance(judged, Event):
            judged = self._ledger.check(judged) or judged
        elif isinstance(judged, Verdict):
            judged = self._verdict(judged) or judged
        match judged:
            case Rejection(code, message):
                return [{"error": {"line": number, "code": code, "message": message}}]
            case Tick(time):
                return self._tick(time)
            case Event():
                self._waiting.append(judged)
        return []

    def _tick_problem(self, tick: Tick) -> Rejection | None:
        if self._clock is None or tick.time >= self._clock:
            return None
        return Rejection("out_of_range", f"the clock stands at {self._clock} already and does not go back")

    def _verdict(self, verdict: Verdict) -> Rejection | None:
        cue = self._ledger.board.cue(verdict.cue)
        state = _MOVES[type(verdict)]
        if cue is None:
            return Rejection("unknown_cue", f"no cue has the id {verdict.cue}")
        if not may_move(cue, state):
            return Rejection("cue_ended", f"the cue {cue.id} is {cue.state.value} already")
        self._put(cue.moved(state, verdict.time or self._clock or 0, _BY))
        return None

    def _put(self, *cues: Cue) -> None:
        self._ledger.board = with_cues(self._ledger.board, cues)
        self._changed.update((cue.id, cue) for cue in cues)

    def _tick(self, now: int) -> list[dict[str, Any]]:
        """Events without a time happened at the last tick, before the first at the first."""
        received_at = now if self._clock is None else self._clock
        timed = [(received_at if event.time is None else booked_at(event.time, now), event) for event in self._waiting]
        self._waiting.clear()
        for at_ms, event in sorted(timed, key=_place):
            self._ledger.apply(event, at_ms)
        self._clock = now
        decision = decide(self._ledger.snapshot(now), self._memory)
        self._memory = decision.memory
        self._put(*decision.changes)
        answers: list[dict[str, Any]] = [{"cue": cue} for cue in self._changed.values()]
        self._changed.clear()
        self._ticks += 1
        answer: dict[str, Any] = {"tick": now}
        if self._with_state:
            snapshot = msgspec.structs.replace(self._ledger.snapshot(now), rev=self._ticks)
            answer["state"] = describe(snapshot, decision.outlook)
        return [*answers, answer]


def _place(timed: tuple[int, Event]) -> tuple[int, str, bytes]:
    """One order for the events of a tick, whatever the order they came in."""
    at_ms, event = timed
    return at_ms, name_of(event), msgspec.json.encode(event)


def _decode(line: bytes) -> Line | Rejection:
    judged = decode_event_json(line)
    if not isinstance(judged, Rejection) or judged.code != "unknown_type":
        return judged
    try:
        own: Tick | Verdict = _OWN.decode(line)
    except msgspec.ValidationError as error:
        problem = rejection_of(str(error))
        return judged if problem.code == "unknown_type" else problem
    return own
