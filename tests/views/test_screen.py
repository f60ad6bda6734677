"""What the screens show: the arithmetic between state and template."""

import msgspec
import pytest

from cueroom import i18n
from cueroom.pacing.policy import Policy
from cueroom.show.board import Phase
from cueroom.views import screen as views
from cueroom.views.rundown import SEGMENTS, rundown_rows
from scenes import minutes, rundown, state_of


def test_a_guest_reads_their_own_next_item_while_another_is_on_air() -> None:
    view = views.prompter("zh-Hans", {"state": state_of(), "rundown": rundown(), "show_id": "s", "host": "guest-1"})
    assert (view["own_turn"], view["reading"]["sku"], view["live"]["sku"]) == (False, "V04", "V03")


def test_the_lead_reads_the_item_on_air() -> None:
    view = views.prompter("zh-Hans", {"state": state_of(), "rundown": rundown(), "show_id": "s"})
    assert (view["own_turn"], view["reading"]["sku"]) == (True, "V03")
    assert [segment for segment, _ in view["script"]] == list(SEGMENTS)


def test_when_the_show_is_over_nothing_comes_next() -> None:
    state = state_of(phase=Phase.ENDED)
    assert {row.status for row in rundown_rows(state, rundown())} == {"done", "skipped"}
    view = views.prompter("zh-Hans", {"state": state, "rundown": rundown(), "show_id": "s"})
    assert (view["next"], view["reading"]) == (None, None)


def test_the_charts_begin_with_gmv_so_far() -> None:
    first, second, *_ = msgspec.json.decode(views.chart_rows(minutes(3)))
    assert second[1] == first[1] + minutes(3)[1]["gmv"]


def test_the_planned_curve_ends_at_the_goal() -> None:
    curve = msgspec.json.decode(views.planned_points(rundown()))
    assert curve[0] == [0, 0]
    assert curve[-1][1] == rundown().goal
    assert curve == sorted(curve)


@pytest.mark.parametrize("locale", i18n.LOCALES)
def test_every_threshold_is_told_with_its_meaning_and_who_set_it(locale: str) -> None:
    sheet = msgspec.structs.replace(rundown(), policy={"host_gap_s": 30, "min_minutes": {"hot": 2}})
    state = {**state_of(), "policy": {"host_gap_s": 40.0, "off": ["hold"]}}
    rows = {row["key"]: row for row in views.policy(locale, {"state": state, "rundown": sheet, "show_id": "s"})["rows"]}
    assert list(rows) == list(Policy.__struct_fields__)
    assert all(row["meaning"] for row in rows.values())
    told = {
        key: (rows[key]["default"], rows[key]["value"], rows[key]["source"]) for key in ("host_gap_s", "min_minutes")
    }
    hot, hold = i18n.say(locale, "role.hot"), i18n.say(locale, "kind.hold")
    assert told == {
        "host_gap_s": (f"{Policy().host_gap_s:g}", "40", "show"),
        "min_minutes": (i18n.say(locale, "none"), f"{hot} 2", "file"),
    }
    assert (rows["off"]["value"], rows["encore_most"]["source"]) == (hold, "default")
    assert [name for name, _, value in rows["off"]["parts"] if value] == ["hold"]


@pytest.mark.parametrize("locale", ["zh-Hans", "zh-Hant"])
def test_every_threshold_has_its_meaning_in_chinese(locale: str) -> None:
    assert {key for key in Policy.__struct_fields__ if not i18n.known(locale, f"policy.{key}")} == set()
