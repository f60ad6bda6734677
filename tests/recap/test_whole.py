"""Laws of the recap: its figures are the counters', and what cannot be known has no value."""

from typing import Any

import msgspec
import pytest

from conftest import ShowOnServer
from cueroom.people.debrief import read_recap
from cueroom.recap import Recap, Record, recap_of
from cueroom.recap.advice import cues_of
from cueroom.show.board import Board, OnAir, Phase, Play
from cueroom.show.cues import CueState, Kind, cue_entry
from cueroom.show.state import MINUTE_MS, Counts, Snapshot
from feeding import order
from scenes import START, open_cues, rundown, snapshot

RATIOS = ("gpm", "uv_value", "aov", "follow_rate", "unpaid_share", "revenue_per_min", "average_online")
ITEM_RATIOS = ("ctr", "click_to_order", "revenue_per_min", "share", "best_at", "best_gmv")


def recap_on(show: ShowOnServer) -> Recap:
    """The recap of what the server's store holds."""
    now = show.state()["time"]
    return show.server.with_store(lambda store: read_recap(store, show.id, now, []))


def play(show: ShowOnServer) -> Any:
    """A short show on the server, from its first item to its end; answers the state after it."""
    show.command("present", sku="V01")
    orders = [order(str(n), "created", sku=f"V0{1 + n % 3}", qty=1 + n % 2) for n in range(40)]
    orders += [order(str(n), "paid", sku=f"V0{1 + n % 3}", qty=1 + n % 2, amount=1_001 + 7 * n) for n in range(30)]
    orders += [order("31", "cancelled", sku="V02"), order("3", "refunded", sku="V01", qty=2, amount=999)]
    orders += [order("late", "paid", sku="V03", qty=3)]
    crowd = [
        {"type": "viewer.entered", "n": 731},
        *({"type": "viewer.followed", "viewer": f"v{n}"} for n in range(5)),
        {"type": "product.viewed", "sku": "V01", "n": 97},
        {"type": "product.clicked", "sku": "V01", "n": 31},
        {"type": "room.online", "n": 512},
        {"type": "viewer.gifted", "amount": 333},
    ]
    assert show.post(orders + crowd).json()["rejected"] == []
    cue = show.command("message", text="慢一点").json()["cue"]
    show.command("accept", cue=cue)
    show.command("next")
    show.command("end")
    return show.state()


def test_the_figures_are_the_counters_to_the_last_unit(show: ShowOnServer) -> None:
    state = play(show)
    recap = recap_on(show)
    totals = msgspec.structs.asdict(recap.counts) | {
        "net": recap.counts.net,
        "unique": recap.unique,
        "peak_online": recap.peak_online,
    }
    assert {name: totals[name] for name in state["totals"] if name != "online"} == {
        name: value for name, value in state["totals"].items() if name != "online"
    }
    for item in recap.items:
        told = state["items"][item.item.sku]
        counts = msgspec.structs.asdict(item.counts)
        assert {name: counts[name] for name in counts if name in told} == {
            name: told[name] for name in counts if name in told
        }
        assert (item.stock_left, item.air_ms // 1000) == (told["stock_left"], told["air_s"])
    assert sum(item.counts.gmv for item in recap.items) == recap.counts.gmv
    assert sum(item.best_gmv or 0 for item in recap.items) <= recap.counts.gmv
    assert recap.average_online == 512
    assert (recap.phase, recap.started_at, recap.ended_at) == ("ended", state["started_at"], state["ended_at"])


def test_every_cue_is_told_once_with_its_whole_life(show: ShowOnServer) -> None:
    play(show)
    (message,) = (cue for cue in recap_on(show).cues if cue.kind is Kind.MESSAGE)
    assert (message.text, message.state) == ("慢一点", CueState.ACCEPTED)
    assert [(step.state, step.by.split()[0]) for step in message.steps] == [(CueState.ACCEPTED, "producer")]


def test_a_cue_is_as_the_log_told_it_last() -> None:
    first, second = open_cues(START)
    ended = first.moved(CueState.DISMISSED, START, "producer")
    entries = [cue_entry(second, START), cue_entry(first, START), {"type": "command"}, cue_entry(ended, START)]
    assert cues_of(entries) == (ended, second)


def test_a_threshold_set_during_the_show_is_told_with_who_and_when(show: ShowOnServer) -> None:
    show.command("policy", set={"host_gap_s": 30.0, "off": ["hold"]})
    show.command("policy", set={"off": None})
    changes = recap_on(show).policy_changes
    assert [(change.key, change.value) for change in changes] == [
        ("host_gap_s", 30.0),
        ("off", ["hold"]),
        ("off", None),
    ]
    assert all(change.by.startswith("producer ") for change in changes)


def test_what_would_divide_by_nothing_has_no_value() -> None:
    silent = Snapshot(rundown=rundown(), board=Board(), totals=Counts(), items={}, shelves={}, now=START)
    recap = recap_of(Record(snapshot=silent))
    assert recap.unique is None
    assert [getattr(recap, name) for name in RATIOS] == [None] * len(RATIOS)
    for item in recap.items:
        assert [getattr(item, name) for name in ITEM_RATIOS] == [None] * len(ITEM_RATIOS)


def test_each_metric_is_made_of_its_numerator_and_denominator() -> None:
    shot = snapshot(minute=20)
    recap = recap_of(Record(snapshot=msgspec.structs.replace(shot, newest_at=shot.now)))
    counts = shot.totals
    assert recap.gpm == counts.gmv / counts.entered * 1000
    assert recap.uv_value == counts.gmv / shot.unique
    assert recap.aov == counts.gmv / counts.orders_paid
    assert recap.follow_rate == counts.followed / shot.unique
    assert recap.unpaid_share == counts.unpaid_orders / counts.orders_created
    assert recap.revenue_per_min == counts.gmv / 20
    assert recap.goal_share == counts.gmv / shot.rundown.goal
    first = recap.items[0]
    assert first.ctr == 120_400 / 820_000
    assert first.click_to_order == 8_810 / 120_400
    assert first.revenue_per_min == 58_200_000 / 8.5
    assert first.share == 58_200_000 / counts.gmv
    assert sum(item.planned_share for item in recap.items) == pytest.approx(1)


def test_spells_add_up_and_the_one_on_air_counts_up_to_the_newest_event() -> None:
    board = Board(
        phase=Phase.LIVE,
        started_at=START,
        plays=(Play("V01", START, START + 60_000, "lead"), Play("V02", START + 60_000, START + 90_000, "lead")),
        live=OnAir("V01", START + 90_000, "lead"),
    )
    shot = msgspec.structs.replace(snapshot(), board=board, now=START + 200_000, newest_at=START + 100_000)
    told = {item.item.sku: (item.spells, item.air_ms) for item in recap_of(Record(snapshot=shot)).items}
    assert (told["V01"], told["V02"], told["V03"]) == ((2, 70_000), (1, 30_000), (0, 0))


def test_the_best_minute_is_the_first_with_the_most() -> None:
    first = START // MINUTE_MS
    minutes = {first: {"gmv|V01": 5}, first + 2: {"gmv|V01": 9}, first + 1: {"gmv|V01": 9, "gmv|V02": 40}}
    best = recap_of(Record(snapshot=snapshot(), minutes=minutes)).items[0]
    assert (best.best_at, best.best_gmv) == (START + MINUTE_MS, 9)


def test_an_item_never_leaves_above_its_best() -> None:
    board = Board(
        phase=Phase.ENDED,
        started_at=START,
        ended_at=START + 90_000,
        plays=(Play("V01", START, START + 90_000, "lead"),),
    )
    paid = (START + 40_000, START + 70_000)  # in two minutes of the clock, but in one of its own
    record = Record(
        snapshot=msgspec.structs.replace(snapshot(), board=board),
        minutes={at // MINUTE_MS: {"gmv|V01": 6} for at in paid},
        seconds={at // 1000: {"gmv|V01": 6} for at in paid},
    )
    assert recap_of(record).items[0].left_at_share == 1


def test_the_average_online_is_that_of_the_minutes_of_the_show() -> None:
    first = START // MINUTE_MS
    minutes = {first - 1: {"online": 9_000}, first: {"online": 10}, first + 1: {"gmv": 7}, first + 2: {"online": 20}}
    shot = snapshot(minute=2.5)
    assert recap_of(Record(snapshot=shot, minutes=minutes)).average_online == 15


def test_a_feed_that_names_few_viewers_is_found_out() -> None:
    told = [msgspec.structs.replace(snapshot(), unique=unique, peak_online=500) for unique in (0, 499, 500)]
    assert [recap_of(Record(snapshot=shot)).names_few for shot in told] == [False, True, False]
