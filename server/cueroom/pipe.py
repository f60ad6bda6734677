"""The engine on a pipe: events in as NDJSON, cues out as NDJSON, on the events' own clock."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, BinaryIO

import msgspec

from cueroom.commands import Refused, Scene
from cueroom.commands import decide as carry_out
from cueroom.commands.table import Insert, Order, SetMinutes, SetPolicy, Skip, Unskip
from cueroom.lessons import Taught, taught_by
from cueroom.pacing.pacer import Mind, pace
from cueroom.show.board import Board, OnAir, Undo, ended, taken_back, with_cues
from cueroom.show.cues import Cue, CueState, may_move
from cueroom.show.events import AfterSalesEvent, Event, Id, ItemPresented, Millis, name_of
from cueroom.show.fold import Ledger
from cueroom.show.papers import Override
from cueroom.show.rundown import Rundown
from cueroom.show.state import describe
from cueroom.show.tally import booked_at
from cueroom.show.wire import JSON, UNREADABLE, Rejection, read_json, rejection_of


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


class CommandTold(msgspec.Struct, tag_field="type", tag="command"):
    """A recording's line of a command. What most do to the show is told by events of their own; those that change the
    plan or the policy are followed."""

    time: Millis | None = None
    by: str = ""
    command: dict[str, Any] = {}


class CueTold(msgspec.Struct, tag_field="type", tag="cue"):
    """A recording's line of a cue that was issued, moved or measured then."""

    time: Millis | None = None
    cue: dict[str, Any] = {}


class KeptTold(msgspec.Struct, tag_field="type", tag="kept"):
    """A recording's line of what the store held then, which is no event."""

    time: Millis | None = None


class Heard(msgspec.Struct, frozen=True):
    """What a recorded show taught, if anything, and the lines that could not be taken."""

    taught: Taught | None
    errors: tuple[dict[str, Any], ...]


class PacedAgain(msgspec.Struct, frozen=True):
    """The cues that were given on a recording and those the engine gives on it now, as they ended; and the lines it
    could not take."""

    then: tuple[Cue, ...]
    now: tuple[Cue, ...]
    errors: tuple[dict[str, Any], ...]


Verdict = CueAccepted | CueDismissed
Told = CommandTold | CueTold | Override | KeptTold
Line = Event | Tick | Verdict | Told
Answers = list[dict[str, Any]]

QUIET_MS = 600_000
"""After so long a silence the pipe's own ticks leap to the next event: nothing is advised on data that old."""

_MOVES = {CueAccepted: CueState.ACCEPTED, CueDismissed: CueState.DISMISSED}
_FOLLOWED = Order | Skip | Unskip | SetMinutes | Insert | SetPolicy
_FOLLOWED_NAMES = frozenset(kind.__struct_config__.tag for kind in _FOLLOWED.__args__)
_UNDO = "undo"
_ANSWERS = frozenset({CueState.ACCEPTED, CueState.DISMISSED, CueState.SNOOZED})
_OWN = msgspec.json.Decoder(Tick | CueAccepted | CueDismissed | Told)
_BY = "pipe"


def run_pace(
    rundown: Rundown, lines: Iterable[bytes], out: BinaryIO, *, with_state: bool = False, tick_s: float | None = None
) -> None:
    """Answer every line until the input ends; `out` is flushed after each tick and each error. With `tick_s` the
    clock ticks by itself, every so many seconds of the events' own time."""
    show = _Pace(rundown, with_state, Metronome(round(1000 * tick_s), rundown.starts_at) if tick_s else None)
    for answers in _converse(show, lines):
        if answers:
            out.write(b"".join(msgspec.json.encode(answer) + b"\n" for answer in answers))
            out.flush()


def pace_again(rundown: Rundown, lines: Iterable[bytes], tick_s: float) -> PacedAgain:
    """Run the engine over a recording. People answer its cues as they answered the like of it then."""
    show = _Again(rundown, Metronome(round(1000 * tick_s), rundown.starts_at))
    now: dict[str, Cue] = {}
    errors = []
    for answer in chain.from_iterable(_converse(show, lines)):
        if "cue" in answer:
            now[answer["cue"].id] = answer["cue"]
        elif "error" in answer:
            errors.append(answer["error"])
    return PacedAgain(tuple(show.then.values()), tuple(now.values()), tuple(errors))


def learn_from(rundown: Rundown, lines: Iterable[bytes], tick_s: float) -> Heard:
    """What a recording teaches; it ends with its last line, if not before."""
    show = _Again(rundown, Metronome(round(1000 * tick_s), rundown.starts_at))
    errors = [answer["error"] for answer in chain.from_iterable(_converse(show, lines)) if "error" in answer]
    return Heard(show.taught(), tuple(errors))


def _converse(show: "_Pace", lines: Iterable[bytes]) -> Iterator[Answers]:
    """The answers to every line, and to the end."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield show.take(number, line)
    yield show.close()


class Metronome:
    """Ticks `every_ms`, before and after the planned start, for recordings, which hold none."""

    def __init__(self, every_ms: int, starts_at: int) -> None:
        self._every_ms = every_ms
        self._starts_at = starts_at
        self._next: int | None = None

    def due(self, time: int) -> Iterator[int]:
        """The ticks (ms) that come before or with the instant `time`, and were not given yet."""
        if self._next is None:
            self._next = self._after(time)
        last = min(time, self._next + QUIET_MS)
        while self._next <= last:
            yield self._next
            self._next += self._every_ms
        if self._next <= time:
            self._next = self._after(time)

    def last(self) -> Iterator[int]:
        """The tick after the last instant told, if there was any."""
        if self._next is not None:
            yield self._next

    def _after(self, time: int) -> int:
        return time + self._every_ms - (time - self._starts_at) % self._every_ms


class _Pace:
    """The show as the pipe has it so far. Events wait for their tick, so that their order within it is of no
    account; what people did with a cue counts at once."""

    def __init__(self, rundown: Rundown, with_state: bool, metronome: Metronome | None) -> None:
        self._ledger = Ledger(rundown)
        self._mind = Mind()
        self._with_state = with_state
        self._metronome = metronome
        self._clock: int | None = None
        self._waiting: list[Event] = []
        self._undone: set[int] = set()
        self._changed: dict[str, Cue] = {}
        self._rev = 0

    def take(self, number: int, line: bytes) -> Answers:
        """The answers to one line of input."""
        judged = read_json(_decode, line)
        if isinstance(judged, Rejection):
            return [_error(number, judged)]
        answers = self._ticks_before(judged)
        problem = self._hear(judged)
        if problem:
            return [*answers, _error(number, problem)]
        return answers + self._tick(judged.time) if isinstance(judged, Tick) else answers

    def close(self) -> Answers:
        """The answers to the end of the input: what came after the last tick is not left unheard."""
        due = self._metronome.last() if self._metronome else ()
        return [answer for now in due for answer in self._tick(now)]

    def taught(self) -> Taught | None:
        """What the show has taught, were this its end."""
        now = self._clock or 0
        self._ledger.board = ended(self._ledger.board, now)
        return taught_by(self._ledger.snapshot(now), self._mind.memory)

    def _ticks_before(self, line: Line) -> Answers:
        """What comes after the sale, for days, moves no clock."""
        if self._metronome is None or line.time is None or isinstance(line, AfterSalesEvent):
            return []
        return [answer for now in self._metronome.due(line.time) for answer in self._tick(now)]

    def _hear(self, line: Line) -> Rejection | None:
        """Take the line down, or say what is wrong with it."""
        match line:
            case Tick():
                return self._tick_problem(line)
            case CueAccepted() | CueDismissed():
                return self._verdict(line)
            case CommandTold():
                return self._follow(line)
            case Event():
                problem = self._ledger.check(line)
                if problem is None:
                    self._waiting.append(line)
                return problem
        return None

    def _tick_problem(self, tick: Tick) -> Rejection | None:
        if self._clock is None or tick.time >= self._clock:
            return None
        return Rejection("out_of_range", f"the clock stands at {self._clock} already and does not go back")

    def _follow(self, told: CommandTold) -> Rejection | None:
        """Change the plan or the policy as a person did; what they took back is, once the news of it comes."""
        if told.command.get("command") == _UNDO and told.time is not None:
            self._undone.add(told.time)
        if told.command.get("command") not in _FOLLOWED_NAMES:
            return None
        try:
            command = msgspec.convert(told.command, _FOLLOWED)
        except msgspec.ValidationError as error:
            return rejection_of(str(error))
        scene = Scene(self._ledger.board, self._ledger.rundown, told.time or self._clock or 0, told.by)
        decided = carry_out(command, scene)
        if isinstance(decided, Refused):
            return Rejection(decided.code, decided.detail)
        if decided.inserted:
            self._ledger.insert(decided.inserted)
        self._ledger.board = decided.board
        return None

    def _verdict(self, verdict: Verdict) -> Rejection | None:
        cue = self._ledger.board.cue(verdict.cue)
        state = _MOVES[type(verdict)]
        if cue is None:
            return Rejection("unknown_cue", f"no cue has the id {verdict.cue}")
        if not may_move(cue, state):
            return Rejection("cue_ended", f"the cue {cue.id} is {cue.state.value} already")
        self._move(cue, state, verdict.time)
        return None

    def _move(self, cue: Cue, state: CueState, time: int | None) -> None:
        moved = cue.moved(state, time or self._clock or 0, _BY)
        self._ledger.board = with_cues(self._ledger.board, (moved,))
        self._changed[cue.id] = moved

    def _tick(self, now: int) -> Answers:
        """Events without a time happened at the last tick, before the first at the first."""
        received_at = now if self._clock is None else self._clock
        timed = [(received_at if event.time is None else booked_at(event.time, now), event) for event in self._waiting]
        self._waiting.clear()
        for at_ms, event in sorted(timed, key=_place):
            if at_ms in self._undone and isinstance(event, ItemPresented):
                self._ledger.board = _without_last_move(self._ledger.board, event.sku)
            else:
                self._ledger.apply(event, at_ms, received_at=now)
        self._clock = now
        step = pace(self._ledger.snapshot(now), self._mind)
        self._mind = step.mind
        self._ledger.board = step.on(self._ledger.board)
        self._changed.update((cue.id, cue) for cue in (*step.changes, *step.measured))
        answers: Answers = [{"cue": cue} for cue in self._changed.values()]
        self._changed.clear()
        self._rev += 1
        answer: dict[str, Any] = {"tick": now}
        if self._with_state:
            snapshot = msgspec.structs.replace(self._ledger.snapshot(now), rev=self._rev)
            answer["state"] = describe(snapshot, step.outlook)
        return [*answers, answer]


class _Again(_Pace):
    """A recorded show paced again, with the people of then; `then` are its cues, as they were told last."""

    def __init__(self, rundown: Rundown, metronome: Metronome) -> None:
        super().__init__(rundown, False, metronome)
        self.then: dict[str, Cue] = {}

    def _hear(self, line: Line) -> Rejection | None:
        if not isinstance(line, CueTold):
            return super()._hear(line)
        try:
            cue = msgspec.convert(line.cue, Cue)
        except msgspec.ValidationError as error:
            return rejection_of(str(error))
        self._answer(cue, line.time)
        self.then[cue.id] = cue
        return None

    def _answer(self, told: Cue, at: int | None) -> None:
        """What people do with a cue, they would have done with the open one of its kind and SKU."""
        known = self.then.get(told.id)
        if told.state not in _ANSWERS or (known and known.state is told.state):
            return
        for cue in self._ledger.board.cues:
            if (cue.kind, cue.sku) == (told.kind, told.sku):
                self._move(cue, told.state, at)


def _without_last_move(board: Board, sku: str) -> Board:
    """The board with the item of the spell before on air, as if it had never left."""
    if board.live is None or not board.plays or board.plays[-1].sku != sku:
        return board
    last = board.plays[-1]
    before = OnAir(last.sku, last.since, last.host)
    return taken_back(board, Undo(board.live.since, board.phase, board.started_at, before, len(board.plays) - 1))


def _error(number: int, problem: Rejection) -> dict[str, Any]:
    return {"error": {"line": number, "code": problem.code, "message": problem.message}}


def _place(timed: tuple[int, Event]) -> tuple[int, str, bytes]:
    """One order for the events of a tick, whatever the order they came in."""
    at_ms, event = timed
    return at_ms, name_of(event), msgspec.json.encode(event)


def _decode(line: bytes) -> Line | Rejection:
    judged = JSON.judge(line)
    if not isinstance(judged, Rejection) or judged.code != "unknown_type":
        return judged
    try:
        own: Tick | Verdict | Told = _OWN.decode(line)
    except msgspec.ValidationError as error:
        problem = rejection_of(str(error))
        return judged if problem.code == "unknown_type" else problem
    except UNREADABLE as error:  # after a type that no event has
        return Rejection("unreadable", str(error))
    return own
