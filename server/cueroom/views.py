"""What each screen shows, as plain values: the arithmetic between a show's state and its templates.

`view_of` takes what the pages and sockets know and returns what the template of that screen reads:

- every live screen: `state` (of `state.describe`), `show_id`, `rundown`, optional `clock_speed` and, for a page, its
  `screen_id`;
- `console`: optional `last_act` (what a person did last, and when), `minutes` (a dict a minute: `minute_ms` `gmv`
  `orders_created` `online`; a page's charts start with them and go on by themselves), `item_orders` (by SKU, pairs of
  minute and orders) and `marks` (pairs of ms and `cue` `message` `deed`);
- `prompter`: optional `host`, `mirror`, `size`;
- `overlay`: optional `options`, the query of its address;
- `policy`, `options`, `links`: nothing more than the live screens;
- `shows`: `shows`, the states of the shows, and `drafts`;
- `plan`: `document`, its `version` and `base`, whether it `is_show` already, its `phase`, and the `dossiers` of its
  items; `new`: nothing;
- `papers`: `products` and the kind of paper that is chosen as `lacking`; `paper`: one `product`, its `version` and how
  many megabytes a file may have (`most_mb`);
- `recap`: `show_id` and `recap`, the values of `cueroom.recap`;
- `products`: the pool's `index` and `currency`, what was `found` for the `query`, the `page`; `hosts`: the `profiles`;
  `host`: what is `typed` of one; `assortment`: `index` and `profiles`; `proposal`: the `answer` to what was `asked`,
  and the `past` it rests on;
- `join`: optional `reason`; `error`: `status`, `title`, `detail`;
- every page in the frame: its `show_id` where it is about a show, and `all_shows`, whether its reader may see them all.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import accumulate
from typing import Any
from unicodedata import east_asian_width
from urllib.parse import urlencode

from babel.numbers import get_currency_precision

from cueroom import assortment_view, i18n
from cueroom.cues import Kind
from cueroom.options import OPTIONS, chosen
from cueroom.pacing.plan import planned_curve
from cueroom.papers import PaperKind
from cueroom.papers_view import LACKS, product_view, products_view
from cueroom.policy_view import policy_rows
from cueroom.preview import preview
from cueroom.recap_view import recap_view
from cueroom.rundown import Role, Rundown

View = dict[str, Any]
State = Mapping[str, Any]
Context = Mapping[str, Any]

SEGMENTS = ("intro", "experience", "promotion", "benefit", "interaction")
"""The parts of a script, in the order in which they are read."""

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
    "file_too_big",
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
    "file_too_big",
    "forbidden",
    "restarting",
    "stale_papers",
    "store_unavailable",
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

FULL_PER_CENT = 100

_FITS = ((20, "short"), (40, "middling"), (10**9, "long"))


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
        "next": next_view(state),
        "rows": rundown_rows(state, rundown),
        "screens": [{**seen, "host_name": host_name(state, seen["host"])} for seen in state["screens"]],
        "deed_at": deed_at(context.get("last_act", ("", 0))),
        "plays": json.dumps([[play["since"], play["sku"]] for play in spells(state)], separators=(",", ":")),
        "minutes": chart_rows(context.get("minutes") or ()),
        "item_orders": _compact(context.get("item_orders") or {}),
        "marks": _compact(context.get("marks") or ()),
        "planned": partial(planned_points, rundown, state),  # a page asks for it, a push does not
    }


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
    return {"show_id": context["show_id"], **recap_view(context["recap"], locale)}


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
    return {"status": context["status"], "title": title, "detail": context.get("detail", "") if told else ""}


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
        "peak": item["peak_per_min"],
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
        "until": live["since"] + int(item["minutes"] * 60_000),
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


def rundown_rows(state: State, rundown: Rundown) -> list[View]:
    """The running order: planned beside played, one row an item."""
    order = list(state["order"]) or [item.sku for item in rundown.items]
    rest = [item.sku for item in rundown.items if item.sku not in order]
    most = max((item["gmv"] for item in state["items"].values()), default=0)
    planned, due = planned_starts(state, rundown), due_starts(state)
    rows = []
    for place, sku in enumerate([*order, *rest], start=1):
        item = item_view(state, sku)
        rows.append(
            {
                **item,
                "place": place,
                "status": item_status(state, sku),
                "planned_at": planned.get(sku),
                "due_at": due.get(sku),
                "over_s": max(0, item["air_s"] - round(item["minutes"] * 60)),
                "air_per_cent": per_cent(item["air_s"], item["minutes"] * 60),
                "gmv_per_cent": per_cent(item["gmv"], most),
            }
        )
    return rows


def planned_starts(state: State, rundown: Rundown) -> dict[str, int]:
    """When each item of the show file was to be on air, had all gone by it (ms)."""
    ends = accumulate((round(item.minutes * 60_000) for item in rundown.planned), initial=_begins_at(state))
    return {item.sku: at for item, at in zip(rundown.planned, ends, strict=False)}


def due_starts(state: State) -> dict[str, int]:
    """When each item was on air first, or will be if everything from now on takes its minutes (ms)."""
    starts: dict[str, int] = {}
    for spell in spells(state):
        starts.setdefault(spell["sku"], spell["since"])
    live, at = state["live"], _begins_at(state)
    if state["started_at"]:
        until = live["since"] + round(state["items"][live["sku"]]["minutes"] * 60_000) if live else 0
        at = max(until, state["time"])
    for sku in state["order"]:
        if item_status(state, sku) in ("next", "coming"):
            starts[sku] = at
            at += round(state["items"][sku]["minutes"] * 60_000)
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


def cue_view(locale: str, state: State, cue: Mapping[str, Any], speed: float = 1) -> View:
    """A cue in the reader's language, with what is left of its life and what became of it. A demo's clock may run at
    `speed`; how long painting took is told in real milliseconds."""
    why = cue["why"]
    numbers = why["numbers"]
    foreign = locale != state["show"]["locale"]
    last = cue["steps"][-1] if cue["steps"] else None
    effect = cue["effect"]
    shown_at = next((step["at"] for step in cue["steps"] if step["state"] == "shown"), None)
    known = cue["kind"] != "message" and i18n.known("en", f"cue.{cue['kind']}.{why['rule']}")
    return {
        **cue,
        "text": i18n.cue_text(locale, cue["kind"], why["rule"], numbers) if foreign and known else cue["text"],
        "explain": (
            i18n.cue_explain(locale, cue["kind"], why["rule"], numbers) if foreign and known else why["explain"]
        ),
        "to_name": host_name(state, cue["to"]) if cue["to"] else None,
        "left_s": max(0, cue["expires_at"] - state["time"]) / 1000,
        "left_per_cent": per_cent(cue["expires_at"] - state["time"], cue["expires_at"] - cue["issued_at"]),
        "painted_after_ms": None if shown_at is None else round(max(0, shown_at - cue["issued_at"]) / speed),
        "last": last,
        "effect_words": effect and i18n.effect_words(locale, effect, state["show"]["currency"]),
        "numbers": [
            (_number_label(locale, name), _number_form(name), value)
            for name, value in numbers.items()
            if isinstance(value, int | float)
        ],
    }


def host_cue(locale: str, state: State, host: str) -> View | None:
    """The one cue a host sees: the most urgent of those meant for them."""
    mine = (cue for cue in state["cues"] if cue["audience"] != "producer" and cue["to"] in (None, host))
    first = min(mine, key=lambda cue: (cue["priority"], cue["issued_at"]), default=None)
    if first is None:
        return None
    view = cue_view(locale, state, first)
    return {**view, "fit": fit_of(view["text"])}


def fit_of(text: str) -> str:
    """How large a text may stand in the prompter's lane: `short`, `middling` or `long`, by its width on screen."""
    width = sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
    return next(fit for most, fit in _FITS if width <= most)


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


def chart_rows(minutes: Sequence[Mapping[str, Any]]) -> str:
    """The charts' points as JSON: minute (ms), GMV so far, orders and online of that minute."""
    so_far = accumulate(minute["gmv"] for minute in minutes)
    rows = [
        [minute["minute_ms"], gmv, minute["orders_created"], minute["online"]]
        for minute, gmv in zip(minutes, so_far, strict=True)
    ]
    return json.dumps(rows, separators=(",", ":"))


def planned_points(rundown: Rundown, state: State) -> str:
    """The planned curve as JSON: (ms, GMV so far in minor units)."""
    start = state["started_at"] or state["show"]["starts_at"]
    points = [[start + round(at_s * 1000), round(so_far)] for at_s, so_far in planned_curve(rundown)]
    return json.dumps(points, separators=(",", ":"))


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


_MONEY = ("gmv_per_min", "minute_price", "expected_next", "expected_per_min", "needed_per_min", "now_per_min")


def _number_form(name: str) -> str:
    """How a number of a reason is written, by its name."""
    if name.endswith("_minor") or name in _MONEY:
        return "money"
    if name.endswith("_s"):
        return "duration"
    return "per_cent" if name.endswith("_pct") else "plain"


def _number_label(locale: str, name: str) -> str:
    msgid = f"number.{name}"
    return i18n.say(locale, msgid) if i18n.known(locale, msgid) else name.replace("_", " ")
