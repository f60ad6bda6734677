"""Commands decided on the boards of a small show."""

from typing import Any

import msgspec

from conftest import small_rundown
from cueroom.commands import AnyCommand, Scene, Transition, decide
from cueroom.show.board import Board, ended, presented
from cueroom.show.rundown import Rundown

RUNDOWN = small_rundown("x")
ORDER = tuple(item.sku for item in RUNDOWN.items)
PLANNED = Board(order=ORDER)
ON_V01 = presented(PLANNED, "V01", "lead", 1_000)
ON_V02 = presented(ON_V01, "V02", "guest", 2_000)
OVER = ended(ON_V02, 3_000)
NEW: dict[str, Any] = {"command": "insert", "sku": "X1", "name": "蓝牙音箱", "price": 19_900, "stock": 10, "minutes": 5}


def outcome(board: Board, at: int = 60_000, rundown: Rundown = RUNDOWN, speed: float = 1.0, **fields: Any) -> Any:
    command: AnyCommand = msgspec.convert(fields, AnyCommand)
    return decide(command, Scene(board, rundown, at, "producer 1234", speed))


def after(board: Board, at: int = 60_000, speed: float = 1.0, **fields: Any) -> Board:
    decided = outcome(board, at, speed=speed, **fields)
    assert isinstance(decided, Transition), decided
    return decided.board
