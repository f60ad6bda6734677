"""Commands: what people may do to a show, one table for HTTP, the consoles' forms and anything to come."""

from collections.abc import Callable
from typing import Annotated, Any
from unicodedata import category

import msgspec

from cueroom.board import Board, Phase, ended, presented, started, with_cues
from cueroom.cues import Audience, Cue, CueState, Kind, Why, may_move
from cueroom.events import Id, Sku
from cueroom.rundown import Rundown

MESSAGE_TTL_MS = 60_000
MESSAGE_PRIORITY = 2
"""Below what cannot wait, above the engine's ordinary advice: people come before rules."""


class Command(msgspec.Struct, tag_field="command", kw_only=True):
    """What every command may carry: the revision it was decided on."""

    if_rev: Annotated[int, msgspec.Meta(ge=0, le=2**53)] | None = None


class Start(Command, tag="start"):
    """The show is live."""


class Present(Command, tag="present", kw_only=True):
    """This item is on air now, with this host (default: the item's)."""

    sku: Sku
    host: Id | None = None


class Next(Command, tag="next"):
    """The next item of the running order is on air now."""


class Message(Command, tag="message", kw_only=True):
    """A sentence to one host, or to all."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    to: Id | None = None


class CueCommand(Command, kw_only=True):
    """Something done with one cue."""

    cue: Annotated[str, msgspec.Meta(pattern=r"^c-\d{1,9}$")]


class Accept(CueCommand, tag="accept"):
    pass


class Dismiss(CueCommand, tag="dismiss"):
    pass


class Snooze(CueCommand, tag="snooze"):
    pass


class Recall(CueCommand, tag="recall"):
    """Takes a cue or message back from every screen."""


class Release(Command, tag="release", kw_only=True):
    """The next units of real stock are on the shelf now."""

    sku: Sku
    units: Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)]


class End(Command, tag="end"):
    """The show is over."""


AnyCommand = Start | Present | Next | Message | Accept | Dismiss | Snooze | Recall | Release | End


class Refused(msgspec.Struct, frozen=True):
    """Why a command cannot be carried out now; `status` is HTTP's (404 unknown, 409 against the state)."""

    status: int
    code: str
    detail: str


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """What a command does: the board after it, units that go on a shelf (out of those held back at the start), what
    the log keeps and what the answer tells beside the revision."""

    board: Board
    released: dict[str, int] = {}
    held_back: int = 0
    log: tuple[dict[str, Any], ...] = ()
    answer: dict[str, Any] = {}


class Scene(msgspec.Struct, frozen=True):
    """What a command is decided on: the board and the plan, when, and who asks."""

    board: Board
    rundown: Rundown
    at: int
    by: str


def decide(command: AnyCommand, scene: Scene) -> Deed | Refused:
    """Carries a command out on the board, or says why not."""
    deed = _DECIDERS[type(command)](command, scene)
    if isinstance(deed, Refused):
        return deed
    act = f"{_words(command)} ({scene.by})"
    entry = {"type": "command", "time": scene.at, "by": scene.by, "command": msgspec.to_builtins(command)}
    return msgspec.structs.replace(
        deed, board=msgspec.structs.replace(deed.board, last_act=act), log=(entry, *deed.log)
    )


def cue_entry(cue: Cue, at: int) -> dict[str, Any]:
    """The log's line for a cue that was issued or moved."""
    return {"type": "cue", "time": at, "cue": msgspec.to_builtins(cue)}


def readable(text: str) -> str:
    """Text fit for a host's screen: one line, without control characters and without those that turn the direction."""
    kept = (char if category(char) not in ("Cc", "Cf") or char == "\u200d" else " " for char in text)
    return " ".join("".join(kept).split())


def _words(command: AnyCommand) -> str:
    fields = msgspec.to_builtins(command)
    return " ".join(str(fields[name]) for name in ("command", "sku", "units", "cue") if name in fields)


def _start(_: Start, scene: Scene) -> Deed | Refused:
    if scene.board.phase is not Phase.PLANNED:
        return Refused(409, "wrong_phase", f"the show is {scene.board.phase.value} already; start is for a planned one")
    entry = {"type": "show.started", "time": scene.at, "source": "console"}
    return Deed(board=started(scene.board, scene.at), log=(entry,))


def _present(command: Present, scene: Scene) -> Deed | Refused:
    item = scene.rundown.item(command.sku)
    if item is None:
        return _unknown_sku(command.sku)
    host = command.host or item.host
    hosts = [host.id for host in scene.rundown.hosts]
    if host not in hosts:
        return Refused(404, "unknown_host", f"host {host!r} is not one of {', '.join(hosts)}")
    return _on_air(command.sku, host, scene)


def _next(_: Next, scene: Scene) -> Deed | Refused:
    if scene.board.phase is Phase.ENDED:
        return _over()
    sku = scene.board.next_sku
    if sku is None:
        return Refused(
            409, "nothing_next", "every item of the running order has been on; use present to bring one back"
        )
    item = scene.rundown.item(sku)
    return _on_air(sku, item.host if item else scene.rundown.lead, scene)


def _on_air(sku: str, host: str, scene: Scene) -> Deed | Refused:
    if scene.board.phase is Phase.ENDED:
        return _over()
    # A feed whose clock is ahead may have dated the item on air after now; who commands now is the later one.
    at = max(scene.at, scene.board.live.since if scene.board.live else 0)
    entry = {"type": "item.presented", "time": at, "sku": sku, "host": host, "source": "console"}
    return Deed(board=presented(scene.board, sku, host, at), log=(entry,), answer={"sku": sku, "host": host})


def _message(command: Message, scene: Scene) -> Deed | Refused:
    hosts = [host.id for host in scene.rundown.hosts]
    if command.to is not None and command.to not in hosts:
        return Refused(404, "unknown_host", f"host {command.to!r} is not one of {', '.join(hosts)}")
    text = readable(command.text)
    if not text:
        return Refused(400, "bad_command", "a message needs words")
    cue = Cue(
        id=f"c-{scene.board.cue_seq + 1}",
        kind=Kind.MESSAGE,
        audience=Audience.HOST,
        to=command.to,
        priority=MESSAGE_PRIORITY,
        text=text,
        issued_at=scene.at,
        expires_at=scene.at + MESSAGE_TTL_MS,
        why=Why("person", explain=scene.by),
        evidence_at=scene.at,
    )
    return _cue_changed(cue, scene)


def _move_to(state: CueState) -> Callable[[CueCommand, Scene], Deed | Refused]:
    def move(command: CueCommand, scene: Scene) -> Deed | Refused:
        cue = scene.board.cue(command.cue)
        if cue is None:
            return Refused(404, "unknown_cue", f"there is no cue {command.cue} among the open and the last ended ones")
        if not may_move(cue, state):
            last = cue.steps[-1]
            return Refused(409, "cue_ended", f"{cue.id} was {cue.state.value} already, by {last.by}")
        return _cue_changed(cue.moved(state, scene.at, scene.by), scene)

    return move


def _cue_changed(cue: Cue, scene: Scene) -> Deed:
    return Deed(
        board=with_cues(scene.board, (cue,)),
        log=(cue_entry(cue, scene.at),),
        answer={"cue": cue.id, "state": cue.state.value},
    )


def _release(command: Release, scene: Scene) -> Deed | Refused:
    item = scene.rundown.item(command.sku)
    if item is None:
        return _unknown_sku(command.sku)
    if scene.board.phase is Phase.ENDED:
        return _over()
    entry = {"type": "stock.released", "time": scene.at, "sku": command.sku, "n": command.units, "source": "console"}
    return Deed(
        board=scene.board,
        released={command.sku: command.units},
        held_back=item.stock - item.first_batch,
        log=(entry,),
        answer={"sku": command.sku, "units": command.units},
    )


def _end(_: End, scene: Scene) -> Deed | Refused:
    if scene.board.phase is Phase.ENDED:
        return Refused(409, "wrong_phase", "the show has ended already")
    entry = {"type": "show.ended", "time": scene.at, "source": "console"}
    return Deed(board=ended(scene.board, scene.at), log=(entry,))


def _over() -> Refused:
    return Refused(409, "wrong_phase", "the show has ended; nothing goes on air or on the shelf any more")


def _unknown_sku(sku: str) -> Refused:
    return Refused(404, "unknown_sku", f"sku {sku!r} is not in the rundown")


_DECIDERS: dict[type[Command], Callable[[Any, Scene], Deed | Refused]] = {
    Start: _start,
    Present: _present,
    Next: _next,
    Message: _message,
    Accept: _move_to(CueState.ACCEPTED),
    Dismiss: _move_to(CueState.DISMISSED),
    Snooze: _move_to(CueState.SNOOZED),
    Recall: _move_to(CueState.WITHDRAWN),
    Release: _release,
    End: _end,
}
