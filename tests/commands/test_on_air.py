"""Laws of moves: each is taken back as if it had not been made, for ten seconds."""

from typing import Any

import msgspec
import pytest

from commands.decided import ON_V01, ON_V02, PLANNED, after, outcome
from cueroom.commands import Transition
from cueroom.commands.on_air import UNDO_MS
from cueroom.show.board import Board, Phase, ended, presented


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
    assert isinstance(outcome(moved, 50_000 + 10 * UNDO_MS, speed=10, command="undo"), Transition)


def test_a_move_that_was_followed_by_another_news_is_not_taken_back() -> None:
    moved = after(ON_V01, 50_000, command="next")
    told = presented(moved, "V03", "lead", 51_000)
    assert outcome(told, 52_000, command="undo").code == "nothing_to_undo"
    assert outcome(ended(moved, 51_000), 52_000, command="undo").code == "nothing_to_undo"
    assert isinstance(outcome(presented(moved, "V02", "guest", 51_000), 52_000, command="undo"), Transition)


def test_the_log_keeps_the_move_and_its_undoing() -> None:
    decided = outcome(after(ON_V01, 50_000, command="next"), 52_000, command="undo")
    assert [(line["type"], line.get("sku")) for line in decided.log] == [("command", None), ("item.presented", "V01")]


def test_a_show_taken_back_to_its_start_is_planned_again() -> None:
    back = after(after(PLANNED, 50_000, command="next"), 51_000, command="undo")
    assert (back.phase, back.started_at, back.live) == (Phase.PLANNED, None, None)
