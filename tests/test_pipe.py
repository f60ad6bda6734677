"""Laws of the pipe: the events' own clock, whoever makes it tick, and recordings as they are."""

import io
from typing import Any

import msgspec
import pytest

from conftest import small_rundown
from cueroom.pipe import QUIET_MS, Metronome, run_pace
from feeding import order

START = 1_790_000_000_000
Line = dict[str, Any]


def paced(lines: list[Line], **options: Any) -> list[Line]:
    """What the pipe answers to these lines."""
    out = io.BytesIO()
    run_pace(small_rundown("show"), [msgspec.json.encode(line) + b"\n" for line in lines], out, **options)
    return [msgspec.json.decode(line) for line in out.getvalue().splitlines()]


def tick(after_s: float) -> Line:
    return {"type": "tick", "time": START + round(1000 * after_s)}


def selling(seconds: int) -> list[Line]:
    """V01 on air, one of its 40 units on the shelf ordered every second."""
    orders = [order(f"o{n}", "created", time=START + 1000 * n) for n in range(seconds)]
    return [{"type": "item.presented", "sku": "V01", "time": START}, *orders]


def recorded(at_s: float, kind: str) -> Line:
    """What a recording tells beside events: a command, a cue, an item that went live without its papers."""
    time = START + round(1000 * at_s)
    if kind == "command":
        return {"type": "command", "time": time, "by": "producer ab12", "command": {"command": "accept", "cue": "c-1"}}
    if kind == "papers.overridden":
        lacks = [{"kind": "contract", "code": "missing"}]
        return {"type": kind, "time": time, "by": "producer ab12", "act": "next", "sku": "V01", "lacks": lacks}
    return {"type": "cue", "time": time, "cue": {"id": "c-1", "kind": "next", "state": "issued"}}


def test_a_recordings_commands_and_cues_are_passed_over() -> None:
    events = [line for second, line in enumerate(selling(30)) for line in (line, tick(second))]
    told = [line for second, line in enumerate(events) for line in (recorded(second, "cue"), line)]
    told = [*told, recorded(31, "command"), recorded(31, "papers.overridden"), tick(31)]
    assert paced(told) == paced([*events, tick(31)])
    assert any("cue" in answer for answer in paced(told))


def test_a_recording_paces_itself_and_gives_the_cues_that_ticks_would() -> None:
    by_itself = paced(selling(30), tick_s=1)
    ticks = [answer["tick"] for answer in by_itself if "tick" in answer]
    assert ticks == [START + 1000 * second for second in range(1, 31)]
    by_hand = []
    for line in selling(30):
        by_hand += [line] if line["time"] == START else [{"type": "tick", "time": line["time"]}, line]
    assert by_itself == paced([*by_hand, tick(30)])


def test_without_the_option_nothing_ticks_by_itself() -> None:
    assert paced(selling(30)) == []


def test_a_tick_hears_only_what_happened_before_it() -> None:
    answers = paced(selling(30), tick_s=10, with_state=True)
    orders = [answer["state"]["totals"]["orders_created"] for answer in answers if "tick" in answer]
    assert orders == [10, 20, 30]


def test_a_long_silence_is_leapt_over() -> None:
    metronome = Metronome(60_000, START)
    assert list(metronome.due(START)) == []
    first, *_, last = list(metronome.due(START + 100 * QUIET_MS))
    assert last - first == QUIET_MS
    assert list(metronome.due(START + 100 * QUIET_MS + 60_000)) == [START + 1001 * 60_000]


@pytest.mark.parametrize("shift_s", [1, 7, 3_599])
def test_the_ticks_move_with_the_planned_start(shift_s: int) -> None:
    def ticks(starts_at: int) -> list[int]:
        metronome = Metronome(10_000, starts_at)
        return [at - starts_at for since_s in (-13, 0, 30) for at in metronome.due(starts_at + 1_000 * since_s)]

    assert ticks(START) == ticks(START + 1_000 * shift_s) == [-10_000, 0, 10_000, 20_000, 30_000]


def policy(at_s: float, **thresholds: Any) -> Line:
    command = {"command": "policy", "set": thresholds}
    return {"type": "command", "time": START + round(1000 * at_s), "by": "producer ab12", "command": command}


def test_a_policy_set_during_the_show_governs_from_then_on() -> None:
    free = [answer["cue"]["issued_at"] for answer in paced(selling(40), tick_s=1) if "cue" in answer]
    assert free
    off = policy((free[0] - START) / 1000 - 1.5, off=["release", "stock"])
    lines = sorted([*selling(40), off], key=lambda line: line["time"])
    assert not any("cue" in answer for answer in paced(lines, tick_s=1))
    back = policy(35.5, off=None)
    cues = [answer["cue"] for answer in paced(sorted([*lines, back], key=_time), tick_s=1) if "cue" in answer]
    assert cues[0]["issued_at"] == START + 36_000


def _time(line: Line) -> int:
    return int(line["time"])


@pytest.mark.parametrize(("thresholds", "code"), [({"mood": 1}, "bad_policy"), ({}, "out_of_range")])
def test_a_wrong_policy_is_told_and_changes_nothing(thresholds: dict[str, Any], code: str) -> None:
    answers = paced([*selling(30), policy(29.5, **thresholds)], tick_s=1)
    assert [answer.pop("error")["code"] for answer in answers if "error" in answer] == [code]
    assert [answer for answer in answers if answer] == paced(selling(30), tick_s=1)


def test_an_item_inserted_then_is_known_again() -> None:
    new = {"command": "insert", "sku": "N1", "name": "新品", "price": 100, "stock": 5, "minutes": 3}
    lines = [
        *selling(5),
        {"type": "command", "time": START + 5000, "by": "producer", "command": new},
        {"type": "item.presented", "sku": "N1", "time": START + 6000},
    ]
    answers = paced(lines, tick_s=1, with_state=True)
    assert not [answer for answer in answers if "error" in answer]
    assert answers[-1]["state"]["live"]["sku"] == "N1"


def test_a_move_taken_back_then_was_never_made() -> None:
    moved = {"type": "item.presented", "sku": "V02", "time": START + 5_000}
    undo = {"type": "command", "time": START + 9_000, "by": "producer", "command": {"command": "undo"}}
    back = {"type": "item.presented", "sku": "V01", "time": START + 9_000}
    state = paced([*selling(5), moved, undo, back], tick_s=1, with_state=True)[-1]["state"]
    assert (state["live"]["sku"], state["live"]["since"]) == ("V01", START)
    assert state["plays"] == []
    assert state["next"] == "V02"


@pytest.mark.parametrize(("time", "given"), [({}, START + 30_000), ({"time": START + 30_500}, START + 30_500)])
def test_a_verdict_counts_when_it_was_given_or_else_at_the_clocks_time(time: Line, given: int) -> None:
    verdict = {"type": "cue.accepted", "cue": "c-1", **time}
    cues = [answer["cue"] for answer in paced([*selling(31), verdict, tick(31)], tick_s=1) if "cue" in answer]
    assert [cue["steps"] for cue in cues if cue["id"] == "c-1"] == [
        [],
        [{"state": "accepted", "at": given, "by": "pipe"}],
    ]


def test_a_wrong_line_does_not_move_the_clock() -> None:
    wrong = {"type": "item.presented", "time": START + 60_000}
    answers = paced([*selling(2), wrong], tick_s=1)
    assert [answer["tick"] - START for answer in answers if "tick" in answer] == [1000, 2000]
    assert [answer["error"]["line"] for answer in answers if "error" in answer] == [4]
