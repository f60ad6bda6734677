"""Laws of the board: what goes on air, in any order of news."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import small_rundown
from cueroom.show.board import Board, Phase, Play, changed_cues, ended, presented, started, with_cues
from cueroom.show.cues import Audience, Cue, CueState, Kind, Why, may_move

ORDER = tuple(item.sku for item in small_rundown("x").items)
moments = st.integers(0, 10_000)


def cue(number: int, priority: int = 3, state: CueState = CueState.ISSUED) -> Cue:
    return Cue(
        id=f"c-{number}",
        kind=Kind.NEXT,
        audience=Audience.BOTH,
        priority=priority,
        text="",
        issued_at=number,
        expires_at=99,
        state=state,
        why=Why("rule"),
    )


def test_the_first_item_presented_starts_the_show() -> None:
    board = presented(Board(order=ORDER), "V01", "lead", 5)
    assert (board.phase, board.started_at, board.next_sku) == (Phase.LIVE, 5, "V02")


def test_presenting_another_item_keeps_the_first_ones_time() -> None:
    board = presented(presented(Board(order=ORDER), "V01", "lead", 5), "V03", "guest", 65)
    assert board.plays == (Play("V01", 5, 65, "lead"),)
    assert (board.air_ms("V01", 100), board.air_ms("V03", 100), board.next_sku) == (60, 35, "V02")


def test_an_item_brought_back_adds_up_its_time() -> None:
    board = Board(order=ORDER)
    for sku, at in (("V01", 0), ("V02", 10), ("V01", 30)):
        board = presented(board, sku, "lead", at)
    assert board.air_ms("V01", 50) == 30
    assert board.next_sku == "V03"


def test_late_news_does_not_take_the_present_item_off_air() -> None:
    board = presented(Board(order=ORDER), "V01", "lead", 100)
    assert presented(board, "V02", "lead", 99) == board


def test_nothing_comes_back_after_the_end() -> None:
    over = ended(presented(Board(order=ORDER), "V01", "lead", 5), 50)
    assert (over.phase, over.live, over.ended_at) == (Phase.ENDED, None, 50)
    assert presented(over, "V02", "lead", 60) == started(over, 60) == ended(over, 70) == over


@given(st.lists(st.tuples(st.sampled_from(ORDER), moments), max_size=12))
def test_spells_never_overlap_and_never_end_before_they_begin(news: list[tuple[str, int]]) -> None:
    board = Board(order=ORDER)
    for sku, at in news:
        board = presented(board, sku, "lead", at)
    ends = [(play.since, play.until) for play in board.plays]
    assert all(since <= until for since, until in ends)
    assert all(before[1] <= after[0] for before, after in pairwise(ends))


def test_open_cues_stand_by_urgency_and_ended_ones_go_to_the_closed() -> None:
    board = with_cues(Board(), (cue(1, priority=4), cue(2, priority=1)))
    assert ([c.id for c in board.cues], board.cue_seq) == (["c-2", "c-1"], 2)
    after = with_cues(board, (board.cues[0].moved(CueState.ACCEPTED, 9, "producer"),))
    assert ([c.id for c in after.cues], [c.id for c in after.closed]) == (["c-1"], ["c-2"])
    assert [c.state for c in changed_cues(board, after)] == [CueState.ACCEPTED]


@pytest.mark.parametrize("state", [state for state in CueState if state not in (CueState.ISSUED, CueState.SHOWN)])
def test_an_ended_cue_never_moves_again(state: CueState) -> None:
    assert not any(may_move(cue(1, state=state), into) for into in CueState)
