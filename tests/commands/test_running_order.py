"""Laws of the running order under people's hands: what each edit does, and in which words it is refused."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.decided import NEW, ON_V01, ON_V02, ORDER, OVER, PLANNED, RUNDOWN, after, outcome
from cueroom.commands import Refused, Transition
from cueroom.show.board import Board
from cueroom.show.events import MOST_MINOR
from cueroom.show.rundown import Item


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
    assert isinstance(outcome(ON_V01, rundown=rundown, command="minutes", sku="V02", minutes=4), Transition)


def test_an_inserted_item_comes_into_the_rundown_and_not_into_the_plan() -> None:
    decided = outcome(ON_V01, **NEW)
    item = decided.inserted
    assert isinstance(item, Item)
    assert (item.name, item.host, item.first_batch, item.inserted) == ("蓝牙音箱", "lead", 10, True)
    grown = msgspec.structs.replace(RUNDOWN, items=(*RUNDOWN.items, item))
    assert grown.planned == RUNDOWN.items


def test_an_inserted_items_sku_and_name_are_a_line_without_hidden_characters() -> None:
    decided = outcome(ON_V01, **(NEW | {"sku": "\u200b X1\n", "name": "蓝牙\u202e音箱"}))
    assert (decided.inserted.sku, decided.inserted.name, decided.answer) == ("X1", "蓝牙 音箱", {"sku": "X1"})
    assert outcome(ON_V01, **(NEW | {"sku": "V01\n"})).code == "known_sku"
    assert outcome(ON_V01, **(NEW | {"sku": "\u200b"})).code == "bad_command"


def test_an_inserted_item_costs_no_more_than_one_of_the_show_file() -> None:
    with pytest.raises(msgspec.ValidationError):
        outcome(ON_V01, **(NEW | {"price": MOST_MINOR + 1}))


def test_a_skipped_item_that_goes_on_air_all_the_same_is_not_skipped() -> None:
    board = after(ON_V01, command="skip", sku="V02")
    assert board.left_out == ("V02",)
    assert after(board, command="present", sku="V02").left_out == ()


def test_edited_minutes_stand_beside_the_planned_ones() -> None:
    board = after(ON_V01, command="minutes", sku="V01", minutes=12)
    assert (board.edited(RUNDOWN.items[0]).minutes, RUNDOWN.items[0].minutes) == (12, 10)


@given(st.permutations(ORDER))
def test_any_permutation_is_a_running_order(skus: list[str]) -> None:
    assert after(ON_V01, command="order", skus=skus).order == tuple(skus)
