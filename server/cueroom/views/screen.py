"""What each screen and page shows, as plain values: the arithmetic between a show's state and its templates.

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
- `products`: the pool's `index` and `currency`, what was `found` for the `query`, the `page`, and the `currencies` to
  choose from; `hosts`: the `profiles`; `host`: what is `typed` of one, its `profile_id` and `version`, the
  `currencies`; `assortment`: `index` and `profiles`; `proposal`: the `answer` to what was `asked`, in which `currency`,
  the `past` it rests on, and the hour to `start` at;
- `join`: optional `reason`; `error`: `status`, `title`, optional `detail`, `mistakes` in words and the `way` to
  the plan they are in;
- every page in the frame: its `show_id` where it is about a show, and `all_shows`, whether its reader may see them all.
"""

from collections.abc import Callable

from cueroom import i18n
from cueroom.views import assortment as assortment_view
from cueroom.views import live, planning
from cueroom.views.lessons import lessons_view, taught_view
from cueroom.views.options import OPTIONS
from cueroom.views.papers import product_view, products_view
from cueroom.views.policy import policy_rows
from cueroom.views.problems import PAPERS_PROBLEMS, PROBLEMS, problem_words
from cueroom.views.recap import recap_view
from cueroom.views.rundown import show_clock
from cueroom.views.view import Context, State, View

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


def policy(locale: str, context: Context) -> View:
    """Every threshold of the engine: what it means, its default, and what it is now and by whom."""
    state: State = context["state"]
    return {
        "state": state,
        "show_id": context["show_id"],
        "problems": problem_words(locale, PROBLEMS),
        "rows": policy_rows(locale, context["rundown"], state["policy"]),
    }


def options(_: str, context: Context) -> View:
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


def papers(_: str, context: Context) -> View:
    """Every product and how its papers stand."""
    return products_view(context["products"], context["lacking"])


def paper(locale: str, context: Context) -> View:
    """One product's papers."""
    problems = problem_words(locale, PAPERS_PROBLEMS)
    most_mb = f"{context['most_mb']:g}"
    return {
        **product_view(locale, context["product"]),
        "version": context["version"],
        "problems": problems,
        "most_mb": most_mb,
    }


def links(locale: str, context: Context) -> View:
    """The page on which links for phones and OBS are made."""
    return {"state": context["state"], "show_id": context["show_id"], "problems": problem_words(locale, PROBLEMS)}


def shows(_: str, context: Context) -> View:
    """The list of shows, running ones first."""
    rank = {"live": 0, "planned": 1, "ended": 2}
    listed = sorted(context["shows"], key=lambda state: (rank[state["phase"]], state["show"]["starts_at"]))
    return {
        "shows": [{"state": state, "clock": show_clock(state)} for state in listed],
        "drafts": context.get("drafts", ()),
        "all_shows": context.get("all_shows", False),
    }


def join(_: str, context: Context) -> View:
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
    "console": live.console,
    "prompter": live.prompter,
    "overlay": live.overlay,
    "plan": planning.plan,
    "new": planning.new,
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
