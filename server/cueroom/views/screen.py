"""What each screen shows, as plain values: the arithmetic between a show's state and its templates.

`view_of` takes what the pages and sockets know and returns what the template of that screen reads:

- every live screen: `state` (of `state.describe`), `show_id`, `rundown`, optional `clock_speed` and, for a page, its
  `screen_id`;
- `console`: optional `uncleared` (what papers items lack, by SKU), `last_act` (what a person did last, and when),
  `minutes` (a dict a minute: `minute_ms` `gmv` `orders_created` `online`; a page's charts start with them and go on by
  themselves), `item_orders` (by SKU, pairs of minute and orders) and `marks` (pairs of ms and `cue` `message` `deed`);
- `prompter`: optional `host`, `mirror`, `size`;
- `overlay`: optional `options`, the query of its address;
- `policy`, `options`, `links`: nothing more than the live screens;
- `shows`: `shows`, the states of the shows, and `drafts`;
- `plan`: `document`, its `version` and `base`, whether it `is_show` already, its `phase`, and the `dossiers` of its
  items; `new`: nothing;
- `papers`: `products` and the kind of paper that is chosen as `lacking`; `paper`: one `product`, its `version` and how
  many megabytes a file may have (`most_mb`);
- `recap`: `show_id` and `recap`, the values of `cueroom.recap`; optional `taught` and `expected`, those of
  `cueroom.lessons`, once the show has ended;
- `lessons`: `lessons`, those of all shows, and which of these are `kept`;
- `products`: the pool's `index` and `currency`, what was `found` for the `query`, the `page`; `hosts`: the `profiles`;
  `host`: what is `typed` of one; `assortment`: `index` and `profiles`; `proposal`: the `answer` to what was `asked`,
  the `past` it rests on, and the hour to `start` at;
- `join`: optional `reason`; `error`: `status`, `title`, optional `detail`, `mistakes` in words and the `way` to
  the plan they are in;
- every page in the frame: its `show_id` where it is about a show, and `all_shows`, whether its reader may see them all.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from itertools import accumulate
from typing import Any
from urllib.parse import urlencode

import msgspec
from babel.numbers import get_currency_precision

from cueroom import i18n
from cueroom.pacing.plan import planned_curve
from cueroom.papers_view import LACKS, lacking_sentence, product_view, products_view
from cueroom.show.cues import Kind
from cueroom.show.papers import Lack, PaperKind
from cueroom.show.rundown import Role, Rundown
from cueroom.views import assortment as assortment_view
from cueroom.views.cue import cue_view, host_cue
from cueroom.views.lessons import lessons_view, taught_view
from cueroom.views.options import OPTIONS, chosen
from cueroom.views.policy import policy_rows
from cueroom.views.preview import preview
from cueroom.views.recap import recap_view
from cueroom.views.rundown import (
    FULL_PER_CENT,
    SEGMENTS,
    Row,
    State,
    View,
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

Context = Mapping[str, Any]


PROBLEMS = (
    "already_on",
    "bad_command",
    "bad_currency",
    "bad_link",
    "bad_papers",
    "bad_policy",
    "bad_show_id",
    "cannot_change",
    "cue_ended",
    "file_kind",
    "forbidden",
    "foreign_origin",
    "known_show",
    "known_sku",
    "no_pool",
    "no_such_address",
    "no_such_file",
    "not_in_reserve",
    "nothing_next",
    "nothing_to_undo",
    "other_currency",
    "other_items",
    "papers_missing",
    "plan_has_mistakes",
    "rehearsing",
    "restarting",
    "stale_papers",
    "stale_plan",
    "stale_pool",
    "stale_profile",
    "stale_revision",
    "store_unavailable",
    "too_big",
    "too_late",
    "too_many_requests",
    "too_slow",
    "unauthorized",
    "under_agreed",
    "unknown_cue",
    "unknown_host",
    "unknown_profile",
    "unknown_show",
    "unknown_sku",
    "unreadable_file",
    "wrong_phase",
)
"""The problem codes that have words of their own in the catalogues."""

PLAN_PROBLEMS = (
    "bad_show_id",
    "cannot_change",
    "forbidden",
    "known_show",
    "papers_missing",
    "plan_has_mistakes",
    "rehearsing",
    "restarting",
    "stale_plan",
    "store_unavailable",
    "too_big",
    "unauthorized",
    "unreadable_file",
)
"""Those that a plan's page may have to tell."""

PAPERS_PROBLEMS = (
    "bad_papers",
    "file_kind",
    "forbidden",
    "restarting",
    "stale_papers",
    "store_unavailable",
    "too_big",
    "too_slow",
    "unauthorized",
)
"""Those that a product's papers may have to tell."""

ZONES = tuple(
    f"{'-' if half_hours < 0 else '+'}{abs(half_hours) // 2:02}:{abs(half_hours) % 2 * 30:02}"
    for half_hours in range(-24, 29)
)
"""The time zones to choose from; a show file may name others."""

USUAL_CURRENCIES = {"zh-Hans": "CNY", "zh-Hant": "TWD", "en": "USD"}
"""What a new show begins with, by the reader's language."""

CURRENCIES = ("CNY", "TWD", "HKD", "USD", "EUR", "GBP", "JPY", "KRW", "SGD", "MYR", "THB", "VND")
"""The currencies to choose from; a show file may name others."""

PHRASES = ("One more minute", "{left} left", "Say the price: {price}", "Next: {next}", "Remind to pay", "Slow down")
"""Messages a producer sends often; the console fills their fields in from what is on air."""

HOUSE_PAGES = {
    "shows": "/",
    "products": "/products",
    "hosts": "/hosts",
    "assortment": "/assortment",
    "papers": "/papers",
    "lessons": "/lessons",
}
"""The pages that belong to no show, by name, in the order of the navigation."""

SHOW_PAGES = ("plan", "console", "recap", "links", "policy", "options")
"""A show's pages for its producers, in the order of the navigation."""

DEEDS = frozenset({"release", "skip", "unskip", "order", "minutes", "insert", "policy", "undo"})
"""Commands that get a mark of their own in the charts; items on air and messages are marked anyhow."""

FORECAST_FROM_S = 300
"""Before that much of the show the console names no GMV that it is heading for: too little has happened."""

PAST_SHOWN = 8
"""How many ended cues the console lists."""


def view_of(screen: str, locale: str, context: Context) -> View:
    """The values for a screen's template."""
    return _VIEWS[screen](locale, context)


def navigation(context: Context) -> View:
    """Where the frame leads, name → address: the pages of no show and those of this one. Of the former, who has a
    key to single shows only may see the list of these; what is only planned yet has no other page."""
    show_id = context.get("show_id")
    pages = SHOW_PAGES if context.get("is_show", True) else SHOW_PAGES[:1]
    return {
        "house": HOUSE_PAGES if context.get("all_shows") else {"shows": HOUSE_PAGES["shows"]},
        "show": {name: f"/shows/{show_id}/{name}" for name in pages} if show_id else {},
    }


def hms(seconds: float | None) -> str:
    """A length of time as a clock shows it: 4:30, 1:02:03."""
    if seconds is None:
        return i18n.NOTHING
    minutes, rest_s = divmod(int(max(0, seconds)), 60)
    hours, rest_min = divmod(minutes, 60)
    return f"{hours}:{rest_min:02}:{rest_s:02}" if hours else f"{rest_min}:{rest_s:02}"


def console(locale: str, context: Context) -> View:
    """The producer's page while the show runs."""
    state: State = context["state"]
    rundown: Rundown = context["rundown"]
    speed = context.get("clock_speed", 1)
    return {
        **_live_screen("console", locale, context),
        "problems": _problem_words(locale, PROBLEMS),
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
        "plays": json.dumps([[play["since"], play["sku"]] for play in spells(state)], separators=(",", ":")),
        "minutes": chart_rows(context.get("minutes") or ()),
        "item_orders": _compact(context.get("item_orders") or {}),
        "marks": _compact(context.get("marks") or ()),
        "planned": partial(planned_points, rundown),  # a page asks for it, a push does not
    }


def _with_lacking(rows: Sequence[Row], locale: str, uncleared: Mapping[str, tuple[Lack, ...]]) -> list[Row]:
    """The same rows; those of items that lack papers say so."""
    said = {sku: lacking_sentence(locale, lacks) for sku, lacks in uncleared.items()}
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


def plan(locale: str, context: Context) -> View:
    """The page on which a show is planned: what was typed last, and what it comes to."""
    document = context["document"]
    opened = {
        "document": document,
        "version": context["version"],
        "base": context["base"],
        "preview": preview(locale, document, context["dossiers"]),
    }
    return {
        **_form(locale),
        "show_id": context["show_id"],
        "is_show": context["is_show"],
        "phase": context["phase"],
        "all_shows": context.get("all_shows", False),
        "opened": json.dumps(opened, ensure_ascii=False),
        "kinds": json.dumps({kind.value: i18n.say(locale, f"kind.{kind.value}") for kind in Kind}, ensure_ascii=False),
    }


def new(locale: str, context: Context) -> View:  # noqa: ARG001
    """The page on which the plan of a new show is begun."""
    show = {"locale": locale, "currency": USUAL_CURRENCIES[locale], "hosts": [{"id": "lead"}]}
    return {**_form(locale), "begun": json.dumps({"show": show})}


def _form(locale: str) -> View:
    """What the fields of a plan are made of."""
    return {
        "roles": [role.value for role in Role],
        "segments": SEGMENTS,
        "zones": ZONES,
        "currencies": CURRENCIES,
        "problems": _problem_words(locale, PLAN_PROBLEMS),
    }


def policy(locale: str, context: Context) -> View:
    """Every threshold of the engine: what it means, its default, and what it is now and by whom."""
    state: State = context["state"]
    return {
        "state": state,
        "show_id": context["show_id"],
        "problems": _problem_words(locale, PROBLEMS),
        "rows": policy_rows(locale, context["rundown"], state["policy"]),
    }


def options(locale: str, context: Context) -> View:  # noqa: ARG001
    """What the address of a prompter or an overlay may say."""
    return {"state": context["state"], "show_id": context["show_id"], "options": OPTIONS}


def recap(locale: str, context: Context) -> View:
    """What the show came to."""
    taught = context.get("taught")
    return {
        "show_id": context["show_id"],
        "all_shows": context.get("all_shows", False),
        "taught": taught_view(taught, context["expected"], locale) if taught else [],
        **recap_view(context["recap"], locale),
    }


def lessons(locale: str, context: Context) -> View:
    """What all shows taught."""
    return lessons_view(context["lessons"], locale, context["kept"])


def papers(locale: str, context: Context) -> View:  # noqa: ARG001
    """Every product and how its papers stand."""
    return products_view(context["products"], context["lacking"])


def paper(locale: str, context: Context) -> View:
    """One product's papers."""
    problems = _problem_words(locale, PAPERS_PROBLEMS)
    most_mb = f"{context['most_mb']:g}"
    return {
        **product_view(locale, context["product"]),
        "version": context["version"],
        "problems": problems,
        "most_mb": most_mb,
    }


def links(locale: str, context: Context) -> View:
    """The page on which links for phones and OBS are made."""
    return {"state": context["state"], "show_id": context["show_id"], "problems": _problem_words(locale, PROBLEMS)}


def shows(locale: str, context: Context) -> View:  # noqa: ARG001
    """The list of shows, running ones first."""
    rank = {"live": 0, "planned": 1, "ended": 2}
    listed = sorted(context["shows"], key=lambda state: (rank[state["phase"]], state["show"]["starts_at"]))
    return {
        "shows": [{"state": state, "clock": show_clock(state)} for state in listed],
        "drafts": context.get("drafts", ()),
        "all_shows": context.get("all_shows", False),
    }


def join(locale: str, context: Context) -> View:  # noqa: ARG001
    """The page of someone who has no key for the screen, or a link that no longer works."""
    return {"reason": context.get("reason", "missing")}


def error(locale: str, context: Context) -> View:
    """A problem in words; `title` is its code, or a title already."""
    code = context["title"]
    title = i18n.say(locale, f"problem.{code}") if code in PROBLEMS else code
    # A detail is for programs, and so in English; where the title has words of its own, they do for all others.
    told = code not in PROBLEMS or locale == "en"
    return {
        "status": context["status"],
        "title": title,
        "detail": context.get("detail", "") if told else "",
        "mistakes": context.get("mistakes", ()),
        "way": context.get("way"),
    }


_VIEWS: dict[str, Callable[[str, Context], View]] = {
    "console": console,
    "prompter": prompter,
    "overlay": overlay,
    "plan": plan,
    "new": new,
    "policy": policy,
    "options": options,
    "links": links,
    "papers": papers,
    "paper": paper,
    "lessons": lessons,
    "recap": recap,
    "shows": shows,
    "products": assortment_view.products,
    "hosts": assortment_view.hosts,
    "host": assortment_view.host,
    "assortment": assortment_view.assortment,
    "proposal": assortment_view.proposal,
    "join": join,
    "error": error,
}


def _problem_words(locale: str, codes: Sequence[str]) -> str:
    """The words for these problems, for a script."""
    return json.dumps({code: i18n.say(locale, f"problem.{code}") for code in codes}, ensure_ascii=False)


@cache
def _papers_words(locale: str) -> str:
    """How a script says what is lacking."""
    kinds = {kind.value: i18n.say(locale, f"paper.{kind.value}") for kind in PaperKind}
    lacks = {code: i18n.say(locale, f"lack.{code}", paper="{paper}") for code in LACKS}
    return json.dumps({"kinds": kinds, "lacks": lacks}, ensure_ascii=False)


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


def chart_rows(minutes: Sequence[Mapping[str, Any]]) -> str:
    """The charts' points as JSON: minute (ms), GMV so far, orders and online of that minute."""
    so_far = accumulate(minute["gmv"] for minute in minutes)
    rows = [
        [minute["minute_ms"], gmv, minute["orders_created"], minute["online"]]
        for minute, gmv in zip(minutes, so_far, strict=True)
    ]
    return json.dumps(rows, separators=(",", ":"))


def planned_points(rundown: Rundown) -> str:
    """The planned curve as JSON: (ms since the show began, GMV so far in minor units)."""
    points = [[round(at_s * 1000), round(so_far)] for at_s, so_far in planned_curve(rundown)]
    return json.dumps(points, separators=(",", ":"))


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
