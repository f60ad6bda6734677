"""Laws of papers: nothing goes live without them, unless somebody says why."""

from typing import Any

import msgspec
import pytest

from commands.decided import NEW, ON_V01, ON_V02, ORDER, OVER, PLANNED, RUNDOWN, after
from cueroom.commands import AnyCommand, Refused, Scene, Transition, decide, goes_live
from cueroom.show.board import Board
from cueroom.show.papers import Lack, PaperKind

LACKS = {"V01": (Lack(PaperKind.CONTRACT, "missing"),)}


def without_papers(board: Board = PLANNED, **fields: Any) -> Any:
    command: AnyCommand = msgspec.convert(fields, AnyCommand)
    return decide(command, Scene(board, RUNDOWN, 60_000, "producer 1234", uncleared=LACKS))


@pytest.mark.parametrize(
    ("board", "fields", "skus"),
    [
        (PLANNED, {"command": "start"}, ORDER),
        (PLANNED, {"command": "next"}, ("V01",)),
        (PLANNED, {"command": "present", "sku": "V03"}, ("V03",)),
        (PLANNED, NEW, ("X1",)),
        (PLANNED, {"command": "skip", "sku": "V01"}, ()),
        (ON_V01, {"command": "present", "sku": "V01", "host": "guest"}, ()),
        (ON_V02, {"command": "undo"}, ()),
        (after(PLANNED, command="skip", sku="V01"), {"command": "start"}, ("V02", "V03")),
    ],
)
def test_what_a_command_takes_live_is_what_its_papers_are_asked_for(
    board: Board, fields: dict[str, Any], skus: tuple[str, ...]
) -> None:
    assert goes_live(msgspec.convert(fields, AnyCommand), board) == skus


@pytest.mark.parametrize("reason", [{}, {"reason": None}, {"reason": "   "}])
def test_nothing_goes_live_without_papers_or_a_reason(reason: dict[str, Any]) -> None:
    refused = without_papers(command="next", **reason)
    assert isinstance(refused, Refused)
    assert (refused.status, refused.code) == (409, "papers_missing")
    assert refused.extra == {"lacks": {"V01": ({"kind": "contract", "code": "missing"},)}}


def test_what_goes_live_for_a_reason_is_in_the_log_with_who_and_why() -> None:
    decided = without_papers(command="next", reason="合同今晚补签")
    assert isinstance(decided, Transition)
    assert decided.board.live
    assert decided.log[-1] == {
        "type": "papers.overridden",
        "time": 60_000,
        "by": "producer 1234",
        "act": "next",
        "sku": "V01",
        "lacks": ({"kind": "contract", "code": "missing"},),
        "reason": "合同今晚补签",
    }


def test_what_cannot_be_done_anyhow_is_not_put_down_to_papers() -> None:
    assert without_papers(OVER, command="present", sku="V01").code == "wrong_phase"
