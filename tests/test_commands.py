"""Laws of commands as pure decisions: what each does to the board, and in which words it is refused."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import small_rundown
from cueroom.commands import UNDO_MS, AnyCommand, Deed, Refused, Scene, decide, goes_live
from cueroom.show.board import Board, Phase, ended, presented
from cueroom.show.papers import Lack, PaperKind
from cueroom.show.rundown import Item, Rundown

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
    deed = outcome(board, at, speed=speed, **fields)
    assert isinstance(deed, Deed), deed
    return deed.board


@pytest.mark.parametrize(
    ("board", "fields", "to_come"),
    [
        (ON_V01, {"command": "order", "skus": ["V03", "V01", "V02"]}, ("V03", "V02")),
        (PLANNED, {"command": "order", "skus": ["V03", "V02", "V01"]}, ("V03", "V02", "V01")),
        (ON_V01, {"command": "skip", "sku": "V02"}, ("V03",)),
        (after(ON_V01, command="skip", sku="V02"), {"command": "skip", "sku": "V02"}, ("V03",)),
        (after(ON_V01, command="skip", sku="V02"), {"command": "unskip", "sku": "V02"}, ("V02", "V03")),
        (ON_V01, NEW, ("V02", "V03", "X1")),
        (ON_V01, {**NEW, "after": "V02"}, ("V02", "X1", "V03")),
        (ON_V01, {**NEW, "after": "V01", "role": "hot", "host": "guest"}, ("X1", "V02", "V03")),
        (ON_V01, {"command": "minutes", "sku": "V03", "minutes": 4.5}, ("V02", "V03")),
        (ON_V01, {"command": "minutes", "sku": "V01", "minutes": 12}, ("V02", "V03")),
    ],
)
def test_the_rundown_is_edited_while_the_show_runs(
    board: Board, fields: dict[str, Any], to_come: tuple[str, ...]
) -> None:
    edited = after(board, **fields)
    assert (edited.to_come, edited.next_sku) == (to_come, to_come[0])
    assert (edited.live, edited.plays) == (board.live, board.plays)


@pytest.mark.parametrize(
    ("board", "fields", "code", "told"),
    [
        (ON_V01, {"command": "order", "skus": ["V01", "V02"]}, "other_items", "missing: V03"),
        (ON_V01, {"command": "order", "skus": [*ORDER, "V09"]}, "other_items", "unknown: V09"),
        (ON_V01, {"command": "order", "skus": [*ORDER, "V02"]}, "other_items", "named twice: V02"),
        (ON_V01, {"command": "skip", "sku": "V01"}, "already_on", "V01"),
        (ON_V02, {"command": "unskip", "sku": "V01"}, "already_on", "V01"),
        (ON_V02, {"command": "minutes", "sku": "V01", "minutes": 3}, "already_on", "V01"),
        (ON_V01, {"command": "skip", "sku": "V09"}, "unknown_sku", "V09"),
        (ON_V01, {"command": "minutes", "sku": "V09", "minutes": 3}, "unknown_sku", "V09"),
        (ON_V01, {**NEW, "sku": "V02"}, "known_sku", "V02"),
        (ON_V01, {**NEW, "after": "V09"}, "unknown_sku", "V09"),
        (ON_V01, {**NEW, "host": "nobody"}, "unknown_host", "lead, guest"),
        (ON_V01, {**NEW, "name": "\u202e "}, "bad_command", "name"),
        (ON_V02, {"command": "undo"}, "nothing_to_undo", "present"),
        (OVER, {"command": "undo"}, "nothing_to_undo", "present"),
        (OVER, {"command": "order", "skus": list(ORDER)}, "wrong_phase", "ended"),
        (OVER, {"command": "skip", "sku": "V03"}, "wrong_phase", "ended"),
        (OVER, {"command": "minutes", "sku": "V03", "minutes": 3}, "wrong_phase", "ended"),
        (OVER, NEW, "wrong_phase", "ended"),
    ],
)
def test_an_edit_that_cannot_be_is_told_why(board: Board, fields: dict[str, Any], code: str, told: str) -> None:
    refused = outcome(board, **fields)
    assert isinstance(refused, Refused)
    assert refused.code == code
    assert told in refused.detail


def test_no_fewer_minutes_than_were_agreed() -> None:
    items = tuple(msgspec.structs.replace(item, min_minutes=4) for item in RUNDOWN.items)
    rundown = msgspec.structs.replace(RUNDOWN, items=items)
    refused = outcome(ON_V01, rundown=rundown, command="minutes", sku="V02", minutes=3.5)
    assert (refused.code, "4 minutes" in refused.detail) == ("under_agreed", True)
    assert isinstance(outcome(ON_V01, rundown=rundown, command="minutes", sku="V02", minutes=4), Deed)


def test_an_inserted_item_comes_into_the_rundown_and_not_into_the_plan() -> None:
    deed = outcome(ON_V01, **NEW)
    item = deed.inserted
    assert isinstance(item, Item)
    assert (item.name, item.host, item.first_batch, item.inserted) == ("蓝牙音箱", "lead", 10, True)
    grown = msgspec.structs.replace(RUNDOWN, items=(*RUNDOWN.items, item))
    assert grown.planned == RUNDOWN.items


def test_a_skipped_item_that_goes_on_air_all_the_same_is_not_skipped() -> None:
    board = after(ON_V01, command="skip", sku="V02")
    assert board.left_out == ("V02",)
    assert after(board, command="present", sku="V02").left_out == ()


def test_edited_minutes_stand_beside_the_planned_ones() -> None:
    board = after(ON_V01, command="minutes", sku="V01", minutes=12)
    assert (board.edited(RUNDOWN.items[0]).minutes, RUNDOWN.items[0].minutes) == (12, 10)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"command": "order", "skus": ["V02", "V03", "V01"]}, "order V01 → 3 (producer 1234)"),
        ({"command": "order", "skus": ["V03", "V01", "V02"]}, "order V03 → 1 (producer 1234)"),
        ({"command": "order", "skus": list(ORDER)}, "order  (producer 1234)"),
        ({"command": "minutes", "sku": "V02", "minutes": 4.5}, "minutes V02 4.5 (producer 1234)"),
        ({"command": "skip", "sku": "V02"}, "skip V02 (producer 1234)"),
    ],
)
def test_whoever_comes_second_is_told_what_was_done(fields: dict[str, Any], told: str) -> None:
    assert after(ON_V01, **fields).last_act == told


@pytest.mark.parametrize("board", [PLANNED, ON_V01, ON_V02], ids=["planned", "first", "second"])
@pytest.mark.parametrize("move", [{"command": "next"}, {"command": "present", "sku": "V03"}])
def test_a_move_is_taken_back_as_if_it_had_not_been_made(board: Board, move: dict[str, Any]) -> None:
    moved = after(board, 50_000, **move)
    back = after(moved, 50_000 + UNDO_MS, command="undo")
    assert msgspec.structs.replace(back, last_act="", last_act_at=0) == board
    assert outcome(back, 50_000 + UNDO_MS, command="undo").code == "nothing_to_undo"


def test_a_move_stays_after_ten_seconds() -> None:
    moved = after(ON_V01, 50_000, command="next")
    assert outcome(moved, 50_001 + UNDO_MS, command="undo").code == "too_late"


def test_on_a_faster_clock_the_same_real_time_is_left_to_take_back() -> None:
    moved = after(ON_V01, 50_000, speed=10, command="next")
    assert isinstance(outcome(moved, 50_000 + 10 * UNDO_MS, speed=10, command="undo"), Deed)


def test_a_move_that_was_followed_by_another_news_is_not_taken_back() -> None:
    moved = after(ON_V01, 50_000, command="next")
    told = presented(moved, "V03", "lead", 51_000)
    assert outcome(told, 52_000, command="undo").code == "nothing_to_undo"
    assert outcome(ended(moved, 51_000), 52_000, command="undo").code == "nothing_to_undo"
    assert isinstance(outcome(presented(moved, "V02", "guest", 51_000), 52_000, command="undo"), Deed)


def test_the_log_keeps_the_move_and_its_undoing() -> None:
    deed = outcome(after(ON_V01, 50_000, command="next"), 52_000, command="undo")
    assert [(line["type"], line.get("sku")) for line in deed.log] == [("command", None), ("item.presented", "V01")]


@given(st.permutations(ORDER))
def test_any_permutation_is_a_running_order(skus: list[str]) -> None:
    assert after(ON_V01, command="order", skus=skus).order == tuple(skus)


def test_a_show_taken_back_to_its_start_is_planned_again() -> None:
    back = after(after(PLANNED, 50_000, command="next"), 51_000, command="undo")
    assert (back.phase, back.started_at, back.live) == (Phase.PLANNED, None, None)


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
    deed = without_papers(command="next", reason="合同今晚补签")
    assert isinstance(deed, Deed)
    assert deed.board.live
    assert deed.log[-1] == {
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
