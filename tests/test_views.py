"""What the screens show: the arithmetic between state and template."""

import msgspec
import pytest

from cueroom import i18n, views
from cueroom.board import OnAir, Phase
from cueroom.cues import Audience, Kind
from cueroom.pacing.policy import Policy
from cueroom.rundown import Item
from cueroom.state import State, describe
from scenes import START, cue, minutes, outlook, rundown, snapshot


def _state(**options: object) -> State:
    return describe(snapshot(**options), outlook())  # type: ignore[arg-type]


@pytest.mark.parametrize(("reserve", "batch"), [(60, 10), (55, 5), (50, 20), (30, 30), (12, 12), (0, None), (80, 20)])
def test_the_next_batch_is_the_first_one_still_held_back(reserve: int, batch: int | None) -> None:
    item = Item(sku="V01", name="", price=1, stock=100, batches=(20, 20, 10, 20, 30), minutes=1, host="lead")
    assert (item.next_batch(reserve) or None) == batch


def test_a_host_sees_the_most_urgent_cue_meant_for_them() -> None:
    now = START + 1_476_000
    sent = (
        cue(1, Kind.STOCK, "nearly_gone", {"left": 3, "name": "x"}, now=now, audience=Audience.PRODUCER, priority=1),
        cue(2, Kind.MESSAGE, "person", {}, now=now, text="给阿诚", to="guest-1", priority=1),
        cue(3, Kind.ENGAGE, "comments_fall", {}, now=now, priority=4),
        cue(4, Kind.PAYMENT, "unpaid_worth", {"orders": 9}, now=now, priority=3),
    )
    state = _state(cues=sent)
    assert [(views.host_cue("zh-Hans", state, host) or {})["id"] for host in ("lead", "guest-1")] == ["c-4", "c-2"]


def test_a_guest_reads_their_own_next_item_while_another_is_on_air() -> None:
    view = views.prompter("zh-Hans", {"state": _state(), "rundown": rundown(), "show_id": "s", "host": "guest-1"})
    assert (view["own_turn"], view["reading"]["sku"], view["live"]["sku"]) == (False, "V04", "V03")


def test_the_lead_reads_the_item_on_air() -> None:
    view = views.prompter("zh-Hans", {"state": _state(), "rundown": rundown(), "show_id": "s"})
    assert (view["own_turn"], view["reading"]["sku"]) == (True, "V03")
    assert [segment for segment, _ in view["script"]] == list(views.SEGMENTS)


def test_a_longer_text_stands_smaller_in_the_lane() -> None:
    assert [views.fit_of("放" * length) for length in (5, 10, 11, 20, 21, 300)] == [
        "short",
        "short",
        "middling",
        "middling",
        "long",
        "long",
    ]


def test_rates_are_measured_against_the_greatest_of_them() -> None:
    live = views.live_view(_state(), rundown())
    assert {rate["name"]: rate["per_cent"] for rate in live["rates"]} == {
        "now": 27,
        "peak": 100,
        "promise": 67,
        "elsewhere": 43,
    }


def test_the_rundown_tells_what_was_and_what_comes() -> None:
    rows = views.rundown_rows(_state(), rundown())
    assert [row["status"] for row in rows[:5]] == ["done", "done", "air", "next", "coming"]
    assert rows[1]["planned_at"] - rows[0]["planned_at"] == 8 * 60_000
    assert rows[0]["over_s"] == 30


def test_an_item_brought_back_is_on_air_and_not_done() -> None:
    shot = snapshot()
    board = msgspec.structs.replace(shot.board, live=OnAir("V01", shot.now, "lead"))
    rows = views.rundown_rows(describe(msgspec.structs.replace(shot, board=board), outlook()), rundown())
    assert rows[0]["status"] == "air"


def test_when_the_show_is_over_nothing_comes_next() -> None:
    state = _state(phase=Phase.ENDED)
    assert {row["status"] for row in views.rundown_rows(state, rundown())} == {"done", "skipped"}
    view = views.prompter("zh-Hans", {"state": state, "rundown": rundown(), "show_id": "s"})
    assert (view["next"], view["reading"]) == (None, None)


def test_past_the_planned_end_the_overrun_counts() -> None:
    clock = views.show_clock(_state(minute=180.0))
    assert (clock["left_s"], clock["over_s"]) == (0, 300)


def test_the_charts_begin_with_gmv_so_far() -> None:
    first, second, *_ = msgspec.json.decode(views.chart_rows(minutes(3)))
    assert second[1] == first[1] + minutes(3)[1]["gmv"]


def test_the_planned_curve_ends_at_the_goal() -> None:
    curve = msgspec.json.decode(views.planned_points(rundown(), _state()))
    assert curve[0] == [START, 0]
    assert curve[-1][1] == rundown().goal
    assert curve == sorted(curve)


def test_how_long_painting_took_is_told_in_real_time() -> None:
    shown = _state()["cues"][0]
    assert views.cue_view("en", _state(), shown, speed=4)["painted_after_ms"] == 21


def test_what_was_planned_stands_beside_what_was_played_and_what_is_due() -> None:
    shot = snapshot()
    board = msgspec.structs.replace(shot.board, minutes={"V04": 4.0}, skipped=("V05",))
    rows = {
        row["sku"]: row
        for row in views.rundown_rows(describe(msgspec.structs.replace(shot, board=board), outlook()), rundown())
    }
    assert (rows["V02"]["planned_at"], rows["V02"]["due_at"]) == (START + 480_000, START + 510_000)
    due = rows["V04"]["due_at"]
    assert due == max(START + 930_000 + 720_000, shot.now)
    assert (rows["V05"]["status"], rows["V05"]["due_at"]) == ("skipped", None)
    assert rows["V06"]["due_at"] == due + 4 * 60_000
    assert rows["V04"]["planned_at"] == START + round(27.5 * 60_000)


@pytest.mark.parametrize("locale", i18n.LOCALES)
def test_every_threshold_is_told_with_its_meaning_and_who_set_it(locale: str) -> None:
    sheet = msgspec.structs.replace(rundown(), policy={"host_gap_s": 30, "min_minutes": {"hot": 2}})
    state = {**_state(), "policy": {"host_gap_s": 40.0, "off": ["hold"]}}
    rows = {row["key"]: row for row in views.policy(locale, {"state": state, "rundown": sheet, "show_id": "s"})["rows"]}
    assert list(rows) == list(Policy.__struct_fields__)
    assert all(row["meaning"] for row in rows.values())
    told = {
        key: (rows[key]["default"], rows[key]["value"], rows[key]["source"]) for key in ("host_gap_s", "min_minutes")
    }
    hot, hold = i18n.say(locale, "role.hot"), i18n.say(locale, "kind.hold")
    assert told == {
        "host_gap_s": (f"{Policy().host_gap_s:g}", "40", "show"),
        "min_minutes": ("–", f"{hot} 2", "file"),
    }
    assert (rows["off"]["value"], rows["encore_most"]["source"]) == (hold, "default")
    assert [name for name, _, value in rows["off"]["parts"] if value] == ["hold"]


@pytest.mark.parametrize("locale", ["zh-Hans", "zh-Hant"])
def test_every_threshold_has_its_meaning_in_chinese(locale: str) -> None:
    assert {key for key in Policy.__struct_fields__ if not i18n.known(locale, f"policy.{key}")} == set()
