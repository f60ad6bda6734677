"""Commands: what people may do to a show, one table for HTTP, the consoles' forms and anything to come."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any
from unicodedata import category

import msgspec

from cueroom.pacing.policy import Policy, policy_errors
from cueroom.show.board import Board, OnAir, Phase, ended, put_on, started, taken_back, with_cues
from cueroom.show.cues import Audience, Cue, CueState, Kind, Why, may_move
from cueroom.show.events import Id, Sku
from cueroom.show.papers import Lack, Override
from cueroom.show.rundown import Item, Role, Rundown

MESSAGE_TTL_MS = 60_000
MESSAGE_PRIORITY = 2
"""Below what cannot wait, above the engine's ordinary advice: people come before rules."""
UNDO_MS = 10_000
"""How long a move can be taken back, in real milliseconds."""

SHORTEST_REASON, LONGEST_REASON = 3, 200
"""Characters of the reason for which somebody goes live without papers."""

Minutes = Annotated[float, msgspec.Meta(gt=0, le=600)]


class Command(msgspec.Struct, tag_field="command", kw_only=True):
    """What every command may carry: the revision it was decided on."""

    if_rev: Annotated[int, msgspec.Meta(ge=0, le=2**53)] | None = None


class LiveCommand(Command, kw_only=True):
    """What takes items live. In a show that requires papers it needs a reason where an item lacks some."""

    reason: (
        Annotated[
            str,
            msgspec.Meta(
                min_length=SHORTEST_REASON,
                max_length=LONGEST_REASON,
                description="why it goes live although papers are lacking; the recap tells it",
            ),
        ]
        | None
    ) = None


class Start(LiveCommand, tag="start"):
    """The show is live."""


class Present(LiveCommand, tag="present", kw_only=True):
    """This item is on air now, with this host (default: the item's)."""

    sku: Sku
    host: Id | None = None


class Next(LiveCommand, tag="next"):
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


class Order(Command, tag="order", kw_only=True):
    """The whole new running order: every item of the present one, once."""

    skus: Annotated[tuple[Sku, ...], msgspec.Meta(max_length=2000)]


class ItemCommand(Command, kw_only=True):
    """Something done with one item of the rundown."""

    sku: Sku


class Skip(ItemCommand, tag="skip"):
    """The item is left out of the running order."""


class Unskip(ItemCommand, tag="unskip"):
    """The item is in the running order again."""


class SetMinutes(ItemCommand, tag="minutes", kw_only=True):
    """The item has this much time on air, planned anew."""

    minutes: Minutes


class Insert(LiveCommand, tag="insert", kw_only=True):
    """A new item comes into the rundown, after the one named (default: at the end), with this host (default: the
    leading one)."""

    sku: Sku
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    price: Annotated[int, msgspec.Meta(ge=0, le=2**53)]
    stock: Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]
    minutes: Minutes
    role: Role = Role.REGULAR
    host: Id | None = None
    after: Sku | None = None


class SetPolicy(Command, tag="policy", kw_only=True):
    """The engine goes by these values from now on; null brings a threshold back to what the show file says."""

    set: Annotated[dict[str, Any], msgspec.Meta(min_length=1, max_length=100)]


class Undo(Command, tag="undo"):
    """Takes the last `next` or `present` back."""


class End(Command, tag="end"):
    """The show is over."""


AnyCommand = (
    Start
    | Present
    | Next
    | Undo
    | Message
    | Accept
    | Dismiss
    | Snooze
    | Recall
    | Release
    | Order
    | Skip
    | Unskip
    | SetMinutes
    | Insert
    | SetPolicy
    | End
)


class Refused(msgspec.Struct, frozen=True):
    """Why a command cannot be carried out now; `status` is HTTP's (404 unknown, 409 against the state), `extra` what
    the answer tells beside."""

    status: int
    code: str
    detail: str
    extra: dict[str, Any] = {}


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """What a command does: the board after it, units that go on a shelf (out of those held back at the start), an item
    that comes into the rundown, what the log keeps and what the answer tells beside the revision."""

    board: Board
    released: dict[str, int] = {}
    held_back: int = 0
    inserted: Item | None = None
    log: tuple[dict[str, Any], ...] = ()
    answer: dict[str, Any] = {}


class Scene(msgspec.Struct, frozen=True):
    """What a command is decided on: the board and the plan, when (on a clock of that speed), who asks, and what papers
    are lacking of the items that it would take live."""

    board: Board
    rundown: Rundown
    at: int
    by: str
    speed: float = 1.0
    uncleared: Mapping[str, tuple[Lack, ...]] = {}


def goes_live(command: AnyCommand, board: Board) -> tuple[str, ...]:
    """The items that the command would take live; what is on air already is so."""
    match command:
        case Start():
            skus = board.to_come
        case Next():
            skus = (board.next_sku,) if board.next_sku else ()
        case Present() | Insert():
            skus = (command.sku,)
        case _:
            skus = ()
    return tuple(sku for sku in skus if board.live is None or sku != board.live.sku)


def decide(command: AnyCommand, scene: Scene) -> Deed | Refused:
    """Carries a command out on the board, or says why not."""
    deed = _DECIDERS[type(command)](command, scene)
    if isinstance(deed, Refused):
        return deed
    overridden = _without_papers(command, scene)
    if isinstance(overridden, Refused):
        return overridden
    act = f"{_words(command, scene.board)} ({scene.by})"
    entry = {"type": "command", "time": scene.at, "by": scene.by, "command": msgspec.to_builtins(command)}
    board = msgspec.structs.replace(deed.board, last_act=act, last_act_at=scene.at)
    return msgspec.structs.replace(deed, board=board, log=(entry, *deed.log, *overridden))


def _without_papers(command: AnyCommand, scene: Scene) -> tuple[dict[str, Any], ...] | Refused:
    """What the log keeps of items that go live without their papers; refused where nobody says why they should."""
    if not scene.uncleared:
        return ()
    reason = readable(command.reason or "") if isinstance(command, LiveCommand) else ""
    if len(reason) >= SHORTEST_REASON:
        act = str(command.__struct_config__.tag)
        overrides = (
            Override(time=scene.at, by=scene.by, act=act, sku=sku, lacks=lacks, reason=reason)
            for sku, lacks in scene.uncleared.items()
        )
        return tuple(map(msgspec.to_builtins, overrides))
    told = "; ".join(f"{sku}: {', '.join(map(str, lacks))}" for sku, lacks in scene.uncleared.items())
    return Refused(
        409,
        "papers_missing",
        f"papers are not complete: {told}; hand them in and have them approved, or give a reason",
        {"lacks": msgspec.to_builtins(scene.uncleared)},
    )


def cue_entry(cue: Cue, at: int) -> dict[str, Any]:
    """The log's line for a cue that was issued or moved."""
    return {"type": "cue", "time": at, "cue": msgspec.to_builtins(cue)}


def readable(text: str) -> str:
    """Text fit for a host's screen: one line, without control characters and without those that turn the direction."""
    kept = (char if category(char) not in ("Cc", "Cf") or char == "\u200d" else " " for char in text)
    return " ".join("".join(kept).split())


def _words(command: AnyCommand, board: Board) -> str:
    if isinstance(command, Order):
        return f"order {_shifted(board.order, command.skus)}"
    if isinstance(command, SetPolicy):
        return f"policy {' '.join(command.set)}"
    fields = msgspec.to_builtins(command)
    return " ".join(str(fields[name]) for name in ("command", "sku", "units", "minutes", "cue") if name in fields)


def _shifted(before: tuple[str, ...], after: tuple[str, ...]) -> str:
    """The item that went elsewhere between two running orders; of several the first."""
    place = next((place for place, skus in enumerate(zip(before, after, strict=True)) if skus[0] != skus[1]), None)
    if place is None:
        return ""
    went_down = before[place + 1] == after[place]
    sku = before[place] if went_down else after[place]
    return f"{sku} → {after.index(sku) + 1}"


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
    if host not in [host.id for host in scene.rundown.hosts]:
        return _unknown_host(host, scene.rundown)
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
    board = put_on(scene.board, OnAir(sku, at, host), round(UNDO_MS * scene.speed))
    return Deed(board=board, log=(entry,), answer={"sku": sku, "host": host})


def _undo(_: Undo, scene: Scene) -> Deed | Refused:
    undo = scene.board.undo
    if undo is None:
        return Refused(409, "nothing_to_undo", "no move can be taken back; present puts an item on air again")
    if scene.at > undo.until:
        return Refused(409, "too_late", f"a move can be taken back for {UNDO_MS // 1000} s; present the item again")
    board = taken_back(scene.board, undo)
    if board.live is None:
        return Deed(board=board)
    sku, host = board.live.sku, board.live.host
    entry = {"type": "item.presented", "time": scene.at, "sku": sku, "host": host, "source": "console"}
    return Deed(board=board, log=(entry,), answer={"sku": sku, "host": host})


def _message(command: Message, scene: Scene) -> Deed | Refused:
    if command.to is not None and command.to not in [host.id for host in scene.rundown.hosts]:
        return _unknown_host(command.to, scene.rundown)
    if scene.board.phase is Phase.ENDED:
        return Refused(409, "wrong_phase", "the show has ended; nobody reads a prompter any more")
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


def _order(command: Order, scene: Scene) -> Deed | Refused:
    if scene.board.phase is Phase.ENDED:
        return _over()
    if sorted(command.skus) != sorted(scene.board.order):
        missing = [sku for sku in scene.board.order if sku not in command.skus]
        strange = [sku for sku in dict.fromkeys(command.skus) if sku not in scene.board.order]
        twice = [sku for sku in dict.fromkeys(command.skus) if command.skus.count(sku) > 1]
        told = {"missing": missing, "unknown": strange, "named twice": twice}
        wrong = "; ".join(f"{what}: {', '.join(skus)}" for what, skus in told.items() if skus)
        return Refused(409, "other_items", f"a new order names every item of the present one, once; {wrong}")
    board = msgspec.structs.replace(scene.board, order=command.skus)
    return Deed(board=board, answer={"order": list(command.skus)})


def _skip(command: Skip, scene: Scene) -> Deed | Refused:
    refused = _not_to_come(command.sku, scene)
    if refused:
        return refused
    skipped = dict.fromkeys((*scene.board.skipped, command.sku))
    return Deed(board=msgspec.structs.replace(scene.board, skipped=tuple(skipped)), answer={"sku": command.sku})


def _unskip(command: Unskip, scene: Scene) -> Deed | Refused:
    refused = _not_to_come(command.sku, scene)
    if refused:
        return refused
    skipped = tuple(sku for sku in scene.board.skipped if sku != command.sku)
    return Deed(board=msgspec.structs.replace(scene.board, skipped=skipped), answer={"sku": command.sku})


def _set_minutes(command: SetMinutes, scene: Scene) -> Deed | Refused:
    live = scene.board.live
    refused = None if live and live.sku == command.sku else _not_to_come(command.sku, scene)
    if refused:
        return refused
    item = scene.rundown.item(command.sku)
    if item and command.minutes < item.min_minutes:
        return Refused(409, "under_agreed", f"{item.min_minutes:g} minutes on air were agreed for {item.sku}")
    minutes = {**scene.board.minutes, command.sku: command.minutes}
    board = msgspec.structs.replace(scene.board, minutes=minutes)
    return Deed(board=board, answer={"sku": command.sku, "minutes": command.minutes})


def _not_to_come(sku: str, scene: Scene) -> Refused | None:
    """Why nothing about the item's turn can be changed: it is over, or there is no such item."""
    if scene.board.phase is Phase.ENDED:
        return _over()
    if scene.rundown.item(sku) is None:
        return _unknown_sku(sku)
    if sku in scene.board.played:
        return Refused(409, "already_on", f"{sku} is or was on air; this is for what is still to come")
    return None


def _insert(command: Insert, scene: Scene) -> Deed | Refused:
    if scene.board.phase is Phase.ENDED:
        return _over()
    item = _new_item(command, scene.rundown)
    if isinstance(item, Refused):
        return item
    place = len(scene.board.order) if command.after is None else scene.board.order.index(command.after) + 1
    order = (*scene.board.order[:place], item.sku, *scene.board.order[place:])
    return Deed(board=msgspec.structs.replace(scene.board, order=order), inserted=item, answer={"sku": item.sku})


def _new_item(command: Insert, rundown: Rundown) -> Item | Refused:
    if rundown.item(command.sku):
        return Refused(409, "known_sku", f"sku {command.sku!r} is in the rundown already; give the new item another")
    if command.after is not None and rundown.item(command.after) is None:
        return _unknown_sku(command.after)
    host = command.host or rundown.lead
    if host not in [host.id for host in rundown.hosts]:
        return _unknown_host(host, rundown)
    name = readable(command.name)
    if not name:
        return Refused(400, "bad_command", "an item needs a name")
    return Item(
        sku=command.sku,
        name=name,
        role=command.role,
        price=command.price,
        stock=command.stock,
        minutes=command.minutes,
        # Where the sheet gives every item its share, the engine asks for one too: that of an ordinary item.
        share=min(1.0, command.minutes / rundown.duration_min),
        host=host,
        inserted=True,
    )


def _set_policy(command: SetPolicy, scene: Scene) -> Deed | Refused:
    if scene.board.phase is Phase.ENDED:
        return Refused(409, "wrong_phase", "the show has ended; nothing is advised any more")
    default = Policy()
    judged = {key: getattr(default, key, None) if value is None else value for key, value in command.set.items()}
    errors = policy_errors(judged)
    if errors:
        return Refused(400, "bad_policy", "; ".join(f"{key}: {error}" for key, error in errors))
    changed = {key: value for key, value in {**scene.board.policy, **command.set}.items() if value is not None}
    return Deed(board=msgspec.structs.replace(scene.board, policy=changed), answer={"policy": changed})


def _end(_: End, scene: Scene) -> Deed | Refused:
    if scene.board.phase is Phase.ENDED:
        return Refused(409, "wrong_phase", "the show has ended already")
    entry = {"type": "show.ended", "time": scene.at, "source": "console"}
    return Deed(board=ended(scene.board, scene.at), log=(entry,))


def _over() -> Refused:
    return Refused(409, "wrong_phase", "the show has ended; nothing in it can be changed any more")


def _unknown_sku(sku: str) -> Refused:
    return Refused(404, "unknown_sku", f"sku {sku!r} is not in the rundown")


def _unknown_host(host: str, rundown: Rundown) -> Refused:
    hosts = ", ".join(host.id for host in rundown.hosts)
    return Refused(404, "unknown_host", f"host {host!r} is not one of {hosts}")


_DECIDERS: dict[type[Command], Callable[[Any, Scene], Deed | Refused]] = {
    Start: _start,
    Present: _present,
    Next: _next,
    Undo: _undo,
    Message: _message,
    Accept: _move_to(CueState.ACCEPTED),
    Dismiss: _move_to(CueState.DISMISSED),
    Snooze: _move_to(CueState.SNOOZED),
    Recall: _move_to(CueState.WITHDRAWN),
    Release: _release,
    Order: _order,
    Skip: _skip,
    Unskip: _unskip,
    SetMinutes: _set_minutes,
    Insert: _insert,
    SetPolicy: _set_policy,
    End: _end,
}
