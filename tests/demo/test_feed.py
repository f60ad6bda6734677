"""The crew of a demonstration: follows people and accepted cues, and keeps an unattended show going."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cueroom.clock import Clock
from cueroom.demo.feed import Outbox, Stage
from cueroom.demo.line import sentence
from cueroom.demo.shape import Order, Shape
from cueroom.show.board import Board, OnAir, Phase
from cueroom.show.cues import Audience, Cue, CueState, Kind, Why
from cueroom.show.state import Counts, Outlook, PlanLine, Shelf, Snapshot, describe
from waiting import until

START = 1_800_000_000_000
PLAN = PlanLine(goal=0, expected=0, gap=0, offset_s=0, status="on", needed_per_min=None, forecast=None)
Event = dict[str, Any]


def order(*, autopilot: bool = False) -> Order:
    return Order(
        url="http://127.0.0.1:1",
        show="small",
        ingest_key="",
        producer_key="",
        shape=Shape.SMALL,
        starts_at=START,
        clock=Clock(),
        autopilot=autopilot,
    )


def cue(kind: Kind, sku: str, state: CueState = CueState.ISSUED, **numbers: int) -> Cue:
    return Cue(
        id="c-1",
        kind=kind,
        sku=sku,
        audience=Audience.BOTH,
        priority=2,
        text="…",
        issued_at=START,
        expires_at=START + 60_000,
        state=state,
        why=Why("rule", dict(numbers)),
    )


def state(stage: Stage, *cues: Cue, shelves: dict[str, Shelf] | None = None, **board: Any) -> dict[str, Any]:
    live = OnAir("S01", START, "lead")
    snapshot = Snapshot(
        rundown=stage.rundown,
        board=Board(**{"phase": Phase.LIVE, "started_at": START, "live": live, **board}, cues=cues),
        totals=Counts(),
        items={},
        shelves=shelves or {},
        now=stage.audience.now_ms,
    )
    described: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(describe(snapshot, Outlook(plan=PLAN))))
    return described


def steps(stage: Stage, seconds: int) -> list[Event]:
    return [event for _ in range(seconds) for event in stage.step()]


def said(events: list[Event], kind: str) -> list[Event]:
    return [event for event in events if event["type"] == kind]


def test_an_unattended_show_plays_every_item_in_order_and_ends_in_time() -> None:
    stage, events = Stage(order()), []
    while not stage.over:
        events += stage.step()
    presented = [event["sku"] for event in said(events, "item.presented")]
    assert presented == [item.sku for item in stage.rundown.items]
    (ended,) = said(events, "show.ended")
    assert ended["time"] == START + 180 * 60_000


def test_an_accepted_cue_is_followed_after_a_reaction_time() -> None:
    stage = Stage(order())
    steps(stage, 30)
    stage.see(state(stage, cue(Kind.NEXT, "S02", CueState.ACCEPTED)))
    assert not said(steps(stage, 1), "item.presented")
    assert [event["sku"] for event in said(steps(stage, 120), "item.presented")] == ["S02"]


def test_a_cue_that_nobody_accepted_changes_nothing() -> None:
    stage = Stage(order())
    steps(stage, 30)
    stage.see(state(stage, cue(Kind.NEXT, "S02")))
    assert stage.accepts() == []
    assert not said(steps(stage, 120), "item.presented")


def test_the_autopilot_accepts_a_cue_once_after_a_while() -> None:
    stage = Stage(order(autopilot=True))
    steps(stage, 30)
    accepted = []
    for _ in range(120):
        stage.see(state(stage, cue(Kind.PAYMENT, "S01")))
        stage.step()
        accepted += stage.accepts()
    assert accepted == ["c-1"]


def test_an_accepted_release_puts_the_batch_on_the_shelf_and_says_so() -> None:
    stage = Stage(order())
    steps(stage, 30)
    stage.see(state(stage, cue(Kind.RELEASE, "S02", CueState.ACCEPTED, units=300)))
    (released,) = said(steps(stage, 120), "stock.released")
    assert (released["sku"], released["n"]) == ("S02", 300)


def test_what_a_producer_did_on_the_console_happens_in_the_room_without_being_reported_again() -> None:
    stage = Stage(order())
    steps(stage, 30)
    on_air = OnAir("S03", stage.audience.now_ms, "lead")
    stage.see(state(stage, live=on_air, shelves={"S02": Shelf(650, 250)}))
    events = steps(stage, 30)
    assert stage.audience.live == "S03"
    assert stage.audience.till.reserve["S02"] == 250
    assert not said(events, "item.presented")
    assert not said(events, "stock.released")


def test_a_show_ended_on_the_console_stays_ended() -> None:
    stage = Stage(order())
    steps(stage, 30)
    stage.see(state(stage, live=None, phase=Phase.ENDED))
    assert not said(steps(stage, 600), "item.presented")
    assert stage.over


def test_events_leave_the_outbox_once_they_have_happened_and_late_ones_at_once() -> None:
    outbox = Outbox()
    outbox.put([{"time": 1_700}, {"time": 1_200}, {"time": 300}], since_ms=1_000)
    assert [event["time"] for event in outbox.take(1_000)] == [300]
    assert [event["time"] for event in outbox.take(1_500)] == [1_200]
    assert [event["time"] for event in outbox.take(2_000)] == [1_700]


@pytest.mark.parametrize(("live", "word"), [(OnAir("S02", START, "lead"), "S02 深山百花蜜 500g"), (None, "live")])
def test_the_line_names_what_is_on_air(live: OnAir | None, word: str) -> None:
    stage = Stage(order())
    assert sentence(state(stage, live=live), "CNY").startswith(word)


def test_the_feeding_process_ends_with_whoever_started_it() -> None:
    starter = (
        "import asyncio, os, signal, subprocess, sys; from cueroom.demo.shape import read_order, start_feed\n"
        "async def start():\n"
        "    process = await start_feed(read_order(sys.stdin.buffer), subprocess.DEVNULL)\n"
        "    await asyncio.sleep(0)\n"
        "    print(process.pid, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(start())"
    )
    told = subprocess.run(
        [sys.executable, "-c", starter], input=msgspec.json.encode(order()), capture_output=True, check=False
    )
    until(lambda: not is_running(int(told.stdout)), "it has ended")


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_move_that_is_taken_back_is_taken_back_in_the_room() -> None:
    stage = Stage(order())
    steps(stage, 30)
    stage.see(state(stage, live=OnAir("S02", START + 20_000, "lead")))
    assert stage.audience.live == "S02"
    stage.see(state(stage, live=OnAir("S01", START, "lead")))
    assert stage.audience.live == "S01"


def test_left_alone_the_crew_goes_by_the_running_order_of_the_people() -> None:
    stage = Stage(order())
    steps(stage, 1)
    skus = [item.sku for item in stage.rundown.items]
    stage.see(state(stage, order=(*skus[:1], *reversed(skus[1:])), skipped=(skus[-1],)))
    while stage.audience.live == skus[0]:
        stage.step()
    assert stage.audience.live == skus[-2]
