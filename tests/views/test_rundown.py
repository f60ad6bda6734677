"""What the screens show of the items and their order."""

import msgspec
import pytest

from cueroom.show.board import OnAir
from cueroom.show.state import describe
from cueroom.views.rundown import at_a_glance_s, live_view, rundown_rows, show_clock
from scenes import START, outlook, rundown, snapshot, state_of


def test_rates_are_measured_against_the_greatest_of_them() -> None:
    live = live_view(state_of(), rundown())
    assert {rate["name"]: rate["per_cent"] for rate in live["rates"]} == {
        "now": 27,
        "peak": 100,
        "promise": 67,
        "elsewhere": 43,
    }


def test_nothing_sells_above_its_own_peak() -> None:
    state = state_of()
    live = state["items"][state["live"]["sku"]]
    live["gmv_per_min"] = 2 * live["peak_per_min"]
    rates = {rate["name"]: rate["value"] for rate in live_view(state, rundown())["rates"]}
    assert rates["peak"] == rates["now"] == live["gmv_per_min"]


def test_the_rundown_tells_what_was_and_what_comes() -> None:
    rows = rundown_rows(state_of(), rundown())
    assert [row.status for row in rows[:5]] == ["done", "done", "air", "next", "coming"]
    assert [row.planned_at for row in rows[:2]] == [START, START + 8 * 60_000]
    assert rows[0].over_s == 30


def test_an_item_brought_back_is_on_air_and_not_done() -> None:
    shot = snapshot()
    board = msgspec.structs.replace(shot.board, live=OnAir("V01", shot.now, "lead"))
    rows = rundown_rows(describe(msgspec.structs.replace(shot, board=board), outlook()), rundown())
    assert rows[0].status == "air"


def test_an_overdue_rundown_changes_by_the_minute_and_not_with_every_moment() -> None:
    early, late = snapshot(minute=60.0), snapshot(minute=60.4)
    rows = [rundown_rows(describe(shot, outlook()), rundown()) for shot in (early, late)]
    assert rows[0][5:] == rows[1][5:]


def test_past_the_planned_end_the_overrun_counts() -> None:
    clock = show_clock(state_of(minute=180.0))
    assert (clock["left_s"], clock["over_s"]) == (0, 300)


def test_what_was_planned_stands_beside_what_was_played_and_what_is_due() -> None:
    shot = snapshot()
    board = msgspec.structs.replace(shot.board, minutes={"V04": 4.0}, skipped=("V05",))
    rows = {
        row.sku: row for row in rundown_rows(describe(msgspec.structs.replace(shot, board=board), outlook()), rundown())
    }
    assert (rows["V02"].planned_at, rows["V02"].due_at) == (START + 480_000, START + 480_000)  # went on air at 8:30
    due = START + 930_000 + 720_000
    assert rows["V04"].due_at == due - due % 60_000
    assert (rows["V05"].status, rows["V05"].due_at) == ("skipped", None)
    assert rows["V06"].due_at == due - due % 60_000 + 4 * 60_000
    assert rows["V04"].planned_at == START + round(27.5 * 60_000)


@pytest.mark.parametrize(("seconds", "told"), [(0.4, 0), (59.9, 50), (119, 110), (125, 120), (245, 240)])
def test_a_host_is_told_of_a_time_roughly_and_never_of_more_than_there_is(seconds: float, told: int) -> None:
    assert at_a_glance_s(seconds) == told
