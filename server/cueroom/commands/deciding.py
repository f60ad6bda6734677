"""Deciding: a command on a scene comes to a transition, or to the reason why not; `table` tells what each means."""

from collections.abc import Callable
from typing import Any

import msgspec

from cueroom.commands import cues, on_air, policy, running_order, shelf
from cueroom.commands.papers import without_papers
from cueroom.commands.scene import Refused, Scene, Transition
from cueroom.commands.table import (
    Accept,
    AnyCommand,
    Command,
    Dismiss,
    End,
    Insert,
    Message,
    Next,
    Order,
    Present,
    Recall,
    Release,
    SetMinutes,
    SetPolicy,
    Skip,
    Snooze,
    Start,
    Undo,
    Unskip,
)
from cueroom.show.board import Board
from cueroom.show.cues import CueState


def decide(command: AnyCommand, scene: Scene) -> Transition | Refused:
    """Carries a command out on the board, or says why not."""
    decided = _DECIDERS[type(command)](command, scene)
    if isinstance(decided, Refused):
        return decided
    overridden = without_papers(command, scene)
    if isinstance(overridden, Refused):
        return overridden
    act = f"{_words(command, scene.board)} ({scene.by})"
    entry = {"type": "command", "time": scene.at, "by": scene.by, "command": msgspec.to_builtins(command)}
    board = msgspec.structs.replace(decided.board, last_act=act, last_act_at=scene.at)
    return msgspec.structs.replace(decided, board=board, log=(entry, *decided.log, *overridden))


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


_DECIDERS: dict[type[Command], Callable[[Any, Scene], Transition | Refused]] = {
    Start: on_air.start,
    Present: on_air.present,
    Next: on_air.go_on,
    Undo: on_air.undo,
    Message: cues.message,
    Accept: cues.move_to(CueState.ACCEPTED),
    Dismiss: cues.move_to(CueState.DISMISSED),
    Snooze: cues.move_to(CueState.SNOOZED),
    Recall: cues.move_to(CueState.WITHDRAWN),
    Release: shelf.release,
    Order: running_order.order,
    Skip: running_order.skip,
    Unskip: running_order.unskip,
    SetMinutes: running_order.set_minutes,
    Insert: running_order.insert,
    SetPolicy: policy.set_policy,
    End: on_air.end,
}
