"""What the screens show of the items: the one on air, the next, and the running order, planned beside played."""

from collections.abc import Mapping
from itertools import accumulate
from typing import Any

import msgspec

from cueroom.show.rundown import Rundown
from cueroom.show.state import MINUTE_MS
from cueroom.views.view import State, View

SEGMENTS = ("intro", "experience", "promotion", "benefit", "interaction")
"""The parts of a script, in the order in which they are read."""

FULL_PER_CENT = 100


def show_clock(state: State) -> View:
    """Elapsed and remaining seconds; `over_s` counts once the planned end is past."""
    length_s = state["show"]["duration_min"] * 60
    left_s = length_s - state["elapsed_s"]
    ends_at = (state["started_at"] or state["show"]["starts_at"]) + int(length_s * 1000)
    return {"elapsed_s": state["elapsed_s"], "left_s": max(0, left_s), "over_s": max(0, -left_s), "ends_at": ends_at}


def per_cent(part: float | None, whole: float | None) -> int:
    """How many hundredths of `whole`, for bars: never under 0 nor over 100."""
    return max(0, min(FULL_PER_CENT, round(FULL_PER_CENT * (part or 0) / whole))) if whole else 0


def share(part: float | None, whole: float | None) -> float | None:
    """`part` of `whole`; None where that means nothing."""
    return part / whole if part is not None and whole else None


def at_a_glance_s(seconds: float) -> int:
    """A time as a host takes it in, never more than it is: whole minutes, below two of them tens of seconds."""
    step = 10 if seconds < 2 * 60 else 60
    return int(seconds // step) * step


def host_name(state: State, host: str | None) -> str:
    """What a host is called; the id where the rundown does not know them."""
    return next((known["name"] for known in state["show"]["hosts"] if known["id"] == host), host or "")


def item_view(state: State, sku: str) -> View:
    """One item of the state with what belongs to it."""
    item = state["items"][sku]
    return {
        "sku": sku,
        **item,
        "reserve": item["stock_left"] - item["on_shelf"],
        "host_name": host_name(state, item["host"]),
    }


def next_view(state: State) -> View | None:
    """The item that comes next; None when none does, or when the show is over."""
    return item_view(state, state["next"]) if state["next"] and state["phase"] != "ended" else None


def live_view(state: State, rundown: Rundown) -> View:
    """The item on air: its clock, its rates beside its own peak and the next one's promise, its funnel and stock."""
    live = state["live"]
    item = item_view(state, live["sku"])
    following = state["items"].get(state["next"]) if state["next"] else None
    rates = {
        "now": item["gmv_per_min"],
        "peak": max(item["peak_per_min"], item["gmv_per_min"] or 0) if item["peak_per_min"] else None,
        "promise": following["promise_per_min"] if following else None,
        "elsewhere": state["minute_price"],
    }
    most = max((rate for rate in rates.values() if rate), default=0)
    planned = rundown.item(live["sku"])
    return {
        **item,
        "host_name": host_name(state, live["host"]),
        "since": live["since"],
        "spell_s": max(0, state["time"] - live["since"]) // 1000,
        "until": live["since"] + int(item["minutes"] * MINUTE_MS),
        "rates": [{"name": name, "value": rate, "per_cent": per_cent(rate, most)} for name, rate in rates.items()],
        "funnel": funnel(item),
        "next_batch": (planned.next_batch(item["reserve"]) or None) if planned else None,
        "stock_per_cent": per_cent(item["stock_left"], planned.stock if planned else None),
        "shelf_per_cent": per_cent(item["on_shelf"], planned.stock if planned else None),
    }


def funnel(item: Mapping[str, Any]) -> list[View]:
    """Exposed, clicked, ordered, paid: each with its share of the step before."""
    steps = ("viewed", "clicked", "orders_created", "orders_paid")
    counts = [item[step] for step in steps]
    return [
        {"step": step, "n": n, "share": share(n, before) if before is not None else None}
        for step, n, before in zip(steps, counts, [None, *counts], strict=False)
    ]


def spells(state: State) -> list[Mapping[str, Any]]:
    """Every spell on air so far, the present one last."""
    return [*state["plays"], *([state["live"]] if state["live"] else [])]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One item of the running order, planned beside played: all that its line shows and nothing else, so that from one
    moment to the next most are equal. Instants in ms; `due_at`, when it was on air first or will be, to the minute;
    `guest` is the host's name unless they lead; `lacking` tells what papers the item lacks."""

    sku: str
    name: str
    role: str
    status: str
    guest: str
    planned_at: int | None
    due_at: int | None
    air_s: int
    over_s: int
    minutes: float
    planned_minutes: float
    orders_created: int
    gmv: int
    gmv_per_cent: int
    on_shelf: int
    reserve: int
    cover_s: int | None
    ended: bool
    lacking: str = ""


def rundown_rows(state: State, rundown: Rundown) -> list[Row]:
    """The running order, one row an item."""
    order = dict.fromkeys([*state["order"], *(item.sku for item in rundown.items)])
    most = max((item["gmv"] for item in state["items"].values()), default=0)
    planned, due = planned_starts(state, rundown), due_starts(state)
    return [_row(state, sku, most, planned.get(sku), due.get(sku)) for sku in order]


def _row(state: State, sku: str, most: int, planned_at: int | None, due_at: int | None) -> Row:
    item = state["items"][sku]
    return Row(
        sku=sku,
        name=item["name"],
        role=item["role"],
        status=item_status(state, sku),
        guest="" if item["host"] == state["show"]["hosts"][0]["id"] else host_name(state, item["host"]),
        planned_at=planned_at,
        due_at=due_at and due_at - due_at % MINUTE_MS,
        air_s=item["air_s"],
        over_s=max(0, item["air_s"] - round(item["minutes"] * 60)),
        minutes=item["minutes"],
        planned_minutes=item["planned_minutes"],
        orders_created=item["orders_created"],
        gmv=item["gmv"],
        gmv_per_cent=per_cent(item["gmv"], most),
        on_shelf=item["on_shelf"],
        reserve=item["stock_left"] - item["on_shelf"],
        cover_s=None if item["cover_s"] is None else int(item["cover_s"]),
        ended=state["phase"] == "ended",
    )


def planned_starts(state: State, rundown: Rundown) -> dict[str, int]:
    """When each item of the show file was to be on air, had all gone by it (ms)."""
    ends = accumulate((round(item.minutes * MINUTE_MS) for item in rundown.planned), initial=_begins_at(state))
    return {item.sku: at for item, at in zip(rundown.planned, ends, strict=False)}


def due_starts(state: State) -> dict[str, int]:
    """When each item was on air first, or will be if everything from now on takes its minutes (ms)."""
    starts: dict[str, int] = {}
    for spell in spells(state):
        starts.setdefault(spell["sku"], spell["since"])
    live, at = state["live"], _begins_at(state)
    if state["started_at"]:
        until = live["since"] + round(state["items"][live["sku"]]["minutes"] * MINUTE_MS) if live else 0
        at = max(until, state["time"])
    for sku in state["order"]:
        if item_status(state, sku) in ("next", "coming"):
            starts[sku] = at
            at += round(state["items"][sku]["minutes"] * MINUTE_MS)
    return starts


def _begins_at(state: State) -> int:
    begins_at: int = state["started_at"] or state["show"]["starts_at"]
    return begins_at


def item_status(state: State, sku: str) -> str:
    """`air`, `next`, `done`, `coming`, or `skipped`: left out by people or never reached."""
    if state["live"] and state["live"]["sku"] == sku:
        return "air"
    if state["items"][sku]["air_s"]:
        return "done"
    if state["phase"] == "ended" or sku in state["skipped"]:
        return "skipped"
    return "next" if sku == state["next"] else "coming"


def next_of_host(state: State, host: str) -> str | None:
    """The first item of the running order still to come that this host presents."""
    waiting = (sku for sku in state["order"] if item_status(state, sku) in ("next", "coming"))
    return next((sku for sku in waiting if state["items"][sku]["host"] == host), None)


def script_of(rundown: Rundown, sku: str | None) -> list[tuple[str, list[str]]]:
    """The segments of an item's script that have words, each as its lines."""
    item = rundown.item(sku) if sku else None
    if item is None:
        return []
    texts = ((segment, getattr(item.script, segment)) for segment in SEGMENTS)
    return [(segment, text.split("\n")) for segment, text in texts if text.strip()]
