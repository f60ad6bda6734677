"""What the screens of a running show show: the arithmetic between state and template."""

import msgspec

from cueroom.show.board import Phase
from cueroom.views.live import chart_rows, planned_points, prompter
from cueroom.views.rundown import SEGMENTS, rundown_rows
from scenes import minutes, rundown, state_of


def test_a_guest_reads_their_own_next_item_while_another_is_on_air() -> None:
    view = prompter("zh-Hans", {"state": state_of(), "rundown": rundown(), "show_id": "s", "host": "guest-1"})
    assert (view["own_turn"], view["reading"]["sku"], view["live"]["sku"]) == (False, "V04", "V03")


def test_the_lead_reads_the_item_on_air() -> None:
    view = prompter("zh-Hans", {"state": state_of(), "rundown": rundown(), "show_id": "s"})
    assert (view["own_turn"], view["reading"]["sku"]) == (True, "V03")
    assert [segment for segment, _ in view["script"]] == list(SEGMENTS)


def test_when_the_show_is_over_nothing_comes_next() -> None:
    state = state_of(phase=Phase.ENDED)
    assert {row.status for row in rundown_rows(state, rundown())} == {"done", "skipped"}
    view = prompter("zh-Hans", {"state": state, "rundown": rundown(), "show_id": "s"})
    assert (view["next"], view["reading"]) == (None, None)


def test_the_charts_begin_with_gmv_so_far() -> None:
    first, second, *_ = msgspec.json.decode(chart_rows(minutes(3)))
    assert second[1] == first[1] + minutes(3)[1]["gmv"]


def test_the_planned_curve_ends_at_the_goal() -> None:
    curve = msgspec.json.decode(planned_points(rundown()))
    assert curve[0] == [0, 0]
    assert curve[-1][1] == rundown().goal
    assert curve == sorted(curve)
