"""The screens of a running show as plain values: the console with its charts, the prompter, the overlay."""

import json
from collections.abc import Mapping, Sequence
from functools import cache, partial
from itertools import accumulate
from typing import Any
from urllib.parse import urlencode

import msgspec
from babel.numbers import get_currency_precision

from cueroom import i18n
from cueroom.pacing.plan import planned_curve
from cueroom.show.papers import Lack, PaperKind
from cueroom.show.rundown import Role, Rundown
from cueroom.views.cue import cue_view, host_cue
from cueroom.views.options import chosen
from cueroom.views.papers import LACKS
from cueroom.views.problems import PROBLEMS, problem_words
from cueroom.views.rundown import (
    FULL_PER_CENT,
    Row,
    at_a_glance_s,
    host_name,
    item_view,
    live_view,
    next_of_host,
    next_view,
    rundown_rows,
    script_of,
    share,
    show_clock,
    spells,
)
from cueroom.views.view import Context, State, View

PHRASES = (
    "One more minute",
    "{left} left",
    "Say the price: {price}",
    "Next: {next}",
    "Remind to pay",
    "Slow down",
    "Link is up",
)
"""Messages a producer sends often; the console fills their fields in from what is on air."""

DEEDS = frozenset({"release", "skip", "unskip", "order", "minutes", "insert", "policy", "undo"})
"""Commands that get a mark of their own in the charts; items on air and messages are marked anyhow."""

FORECAST_FROM_S = 300
"""Before that much of the show the console names no GMV that it is heading for: too little has happened."""

PAST_SHOWN = 8
"""How many ended cues the console lists."""


def console(locale: str, context: Context) -> View:
    """The producer's page while the show runs."""
    state: State = context["state"]
    rundown: Rundown = context["rundown"]
    speed = context.get("clock_speed", 1)
    return {
        **_live_screen("console", locale, context),
        "problems": problem_words(locale, PROBLEMS),
        "papers": _papers_words(locale),
        "phrases": PHRASES,
        "roles": [role.value for role in Role],
        "minor_units": 10 ** get_currency_precision(rundown.currency),
        "commands_url": f"/v1/shows/{context['show_id']}/commands",
        "clock": show_clock(state),
        "forecast_from_s": FORECAST_FROM_S,
        "gmv_per_min": sum(item["gmv_per_min"] for item in state["items"].values()),
        "goal_per_cent": int(FULL_PER_CENT * (share(state["totals"]["gmv"], state["plan"]["goal"]) or 0)),
        "cues": [cue_view(locale, state, cue, speed) for cue in state["cues"]],
        "past": [cue_view(locale, state, cue, speed) for cue in state["closed_cues"][:PAST_SHOWN]],
        "live": live_view(state, rundown) if state["live"] else None,
        "script": script_of(rundown, state["live"]["sku"] if state["live"] else None),
        "next": next_view(state),
        "rows": _with_lacking(rundown_rows(state, rundown), locale, context.get("uncleared", {})),
        "screens": [{**seen, "host_name": host_name(state, seen["host"])} for seen in state["screens"]],
        "deed_at": deed_at(context.get("last_act", ("", 0))),
        "plays": _compact([[play["since"], play["sku"]] for play in spells(state)]),
        "minutes": chart_rows(context.get("minutes") or ()),
        "item_orders": _compact(context.get("item_orders") or {}),
        "marks": _compact(context.get("marks") or ()),
        "planned": partial(planned_points, rundown),  # a page asks for it, a push does not
    }


def _with_lacking(rows: Sequence[Row], locale: str, uncleared: Mapping[str, tuple[Lack, ...]]) -> list[Row]:
    """The same rows; those of items that lack papers say so."""
    said = {sku: i18n.lacking_sentence(locale, lacks) for sku, lacks in uncleared.items()}
    return [msgspec.structs.replace(row, lacking=said[row.sku]) if row.sku in said else row for row in rows]


def deed_at(last_act: tuple[str, int]) -> int | None:
    """When a person did what the charts mark (ms), if that is the last thing one did."""
    act, at = last_act
    return at if act.partition(" ")[0] in DEEDS else None


def prompter(locale: str, context: Context) -> View:
    """One host's teleprompter: `host` is an id of the rundown; without it, the leading host."""
    state: State = context["state"]
    rundown: Rundown = context["rundown"]
    host = context.get("host") or rundown.lead
    own = next_of_host(state, host)
    live = state["live"]
    reading = live["sku"] if live and live["host"] == host else own
    return {
        **_live_screen("prompter", locale, context, host=host),
        "host": host,
        "host_name": host_name(state, host),
        "mirror": bool(context.get("mirror")),
        "size": context.get("size"),
        "cue": host_cue(locale, state, host),
        "live": live_view(state, rundown) if live else None,
        "cover_s": at_a_glance_s(state["items"][live["sku"]]["cover_s"] or 0) if live else 0,
        "own_turn": bool(live and live["host"] == host),
        "reading": item_view(state, reading) if reading else None,
        "script": script_of(rundown, reading),
        "next": next_view(state),
    }


def overlay(locale: str, context: Context) -> View:
    """The transparent layer for OBS: the item on air, no cues."""
    state: State = context["state"]
    return {
        **_live_screen("overlay", locale, context),
        "options": chosen("overlay", context.get("options", {})),
        "live": live_view(state, context["rundown"]) if state["live"] else None,
    }


def _live_screen(name: str, locale: str, context: Context, host: str | None = None) -> View:
    show_id = context["show_id"]
    screen_id = context.get("screen_id", "")
    options = {"lang": locale, "host": host, "screen": screen_id}
    query = urlencode({option: value for option, value in options.items() if value})
    return {
        "state": context["state"],
        "show_id": show_id,
        "socket_url": f"/shows/{show_id}/{name}/live?{query}",
        "speed": context.get("clock_speed", 1),
    }


@cache
def _papers_words(locale: str) -> str:
    """How a script says what is lacking."""
    kinds = {kind.value: i18n.say(locale, f"paper.{kind.value}") for kind in PaperKind}
    lacks = {code: i18n.say(locale, f"lack.{code}", paper="{paper}") for code in LACKS}
    return json.dumps({"kinds": kinds, "lacks": lacks}, ensure_ascii=False)


def chart_rows(minutes: Sequence[Mapping[str, Any]]) -> str:
    """The charts' points as JSON: minute (ms), GMV so far, orders and online of that minute."""
    so_far = accumulate(minute["gmv"] for minute in minutes)
    rows = [
        [minute["minute_ms"], gmv, minute["orders_created"], minute["online"]]
        for minute, gmv in zip(minutes, so_far, strict=True)
    ]
    return _compact(rows)


def planned_points(rundown: Rundown) -> str:
    """The planned curve as JSON: (ms since the show began, GMV so far in minor units)."""
    points = [[round(at_s * 1000), round(so_far)] for at_s, so_far in planned_curve(rundown)]
    return _compact(points)


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
