"""Papers (资质): which items a command would take live, and whether it may where they lack some."""

from typing import Any

import msgspec

from cueroom.commands.scene import Refused, Scene
from cueroom.commands.table import SHORTEST_REASON, AnyCommand, Insert, LiveCommand, Next, Present, Start
from cueroom.show.board import Board
from cueroom.show.papers import Override
from cueroom.show.text import readable


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


def without_papers(command: AnyCommand, scene: Scene) -> tuple[dict[str, Any], ...] | Refused:
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
