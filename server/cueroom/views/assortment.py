"""What the pages of the assortment show, as plain values: the pool, the hosts, and a proposal with its reasons."""

import json
from collections.abc import Sequence
from itertools import accumulate

from cueroom import i18n
from cueroom.assortment.candidates import Candidate, Wish
from cueroom.assortment.forms import Asked, Typed
from cueroom.assortment.pool_columns import AGES, SEXES
from cueroom.assortment.pool_file import Flaw
from cueroom.assortment.proposal import Place, Proposal
from cueroom.assortment.scoring import DEMAND_SD, LEAST_FIT, SLOT_MIN, TRUST_MIN, Past, sold_out_chance
from cueroom.assortment.solving import Impossible
from cueroom.assortment.worths import INCOME_WEIGHT, Pick
from cueroom.show.rundown import Role
from cueroom.showfile.fields import Wrong
from cueroom.views.problems import ASSORTMENT_PROBLEMS, problem_words
from cueroom.views.view import Context, View

PAGE_ROWS = 50
EMPTY_SALES = 3
"""Rows for past sales beyond those that are filled in."""

USUAL_WISH: Typed = {
    "length_min": "180",
    "count.least": "20",
    "count.most": "30",
    "category_most": "8",
    "roles.traffic.least": "3",
    "roles.benefit.least": "2",
    "roles.hot.least": "4",
    "roles.profit.least": "4",
}
"""What a new wish begins with."""


def wrong_words(locale: str, wrong: Wrong | Flaw) -> str:
    """What would be right."""
    own = f"flaw.{wrong.code}"
    return i18n.say(locale, own if i18n.known(locale, own) else f"rule.{wrong.code}", **wrong.figures)


def flaw_view(locale: str, flaw: Flaw) -> View:
    """A mistake of a pool file: where, what stands there, what would be right."""
    line = i18n.say(locale, "Line {line}", line=str(flaw.line)) if flaw.line else i18n.say(locale, "The file")
    return {
        "at": " · ".join(part for part in (line, flaw.cell, flaw.heading) if part),
        "shown": flaw.shown,
        "text": wrong_words(locale, flaw),
    }


def products(locale: str, context: Context) -> View:
    """The pool, a page of what was searched in it."""
    found: Sequence[Candidate] = context["found"]
    last = max(1, -(-len(found) // PAGE_ROWS))
    page = min(context["page"], last)
    return {
        "index": context["index"],
        "currency": context["currency"],
        "query": context["query"],
        "found": len(found),
        "rows": found[(page - 1) * PAGE_ROWS : page * PAGE_ROWS],
        "page": page,
        "last": last,
        "currencies": context["currencies"],
        "problems": problem_words(locale, ASSORTMENT_PROBLEMS),
    }


def hosts(_: str, context: Context) -> View:
    """The profiles there are."""
    return {"profiles": context["profiles"]}


def host(locale: str, context: Context) -> View:
    """The form of a profile."""
    typed: Typed = context["typed"]
    rows = {int(name.split(".")[1]) for name in typed if name.startswith("sales.")}
    first = max(rows, default=-1) + 1
    return {
        "typed": typed,
        "profile_id": context["profile_id"],
        "version": context["version"],
        "sexes": SEXES,
        "ages": AGES,
        "sales": [*sorted(rows), *range(first, first + EMPTY_SALES)],
        "currencies": context["currencies"],
        "problems": problem_words(locale, ASSORTMENT_PROBLEMS),
    }


def assortment(locale: str, context: Context) -> View:
    """The page on which a show is put together."""
    return {
        "index": context["index"],
        "profiles": context["profiles"],
        "usual": USUAL_WISH,
        "roles": [role.value for role in Role],
        "problems": problem_words(locale, ASSORTMENT_PROBLEMS),
        "assumed": {
            "trust": TRUST_MIN,
            "slot": SLOT_MIN,
            "least_fit": LEAST_FIT,
            "spread": DEMAND_SD,
            "income": INCOME_WEIGHT,
        },
    }


def proposal(locale: str, context: Context) -> View:
    """A show that is proposed, each place with its reasons; or why there is none."""
    answer: Proposal | Impossible = context["answer"]
    asked: Asked = context["asked"]
    told: View = {
        "currency": context["currency"],
        "bans": sorted(asked.wish.bans),
        "pins": sorted(asked.wish.pins),
        "goal": asked.goal,
        "impossible": None,
        "places": [],
    }
    if isinstance(answer, Impossible):
        return {**told, "impossible": i18n.say(locale, f"assortment.{answer.code}", **answer.figures)}
    starts = accumulate((60 * place.pick.minutes for place in answer.places), initial=0.0)
    past: Past = context["past"]
    return {
        **told,
        "start": context["start"],
        "minutes": answer.minutes,
        "length_min": asked.wish.length_min,
        "gmv": round(answer.gmv),
        "share": answer.gmv / asked.goal,
        "past_products": len(past.products),
        "past_min": sum(sales.minutes for sales in past.categories.values()),
        "usual_per_min": round(past.usual_per_min),
        "places": [
            place_view(locale, context["currency"], place, at_s, asked.wish)
            for place, at_s in zip(answer.places, starts, strict=False)
        ],
        "items": json.dumps([item_of(place.pick) for place in answer.places], ensure_ascii=False),
    }


def place_view(locale: str, currency: str, place: Place, at_s: float, wish: Wish) -> View:
    """A place of the running order, with its reasons in figures and in one sentence."""
    pick, instead = place.pick, place.instead
    numbers = {**numbers_of(pick), "currency": currency, "role": i18n.say(locale, f"role.{pick.role.value}")}
    rival = None
    if instead is not None:
        candidate = instead.score.candidate
        figures = {
            "name": candidate.name,
            "less": 1 - instead.worth / pick.worth if pick.worth else 0.0,
            "gmv": instead.gmv,
            "currency": currency,
        }
        rival = {"sku": candidate.sku, "name": candidate.name, "why": i18n.say(locale, "assortment.rival", **figures)}
    return {
        "candidate": pick.score.candidate,
        "role": pick.role.value,
        "minutes": pick.minutes,
        "at_s": at_s,
        "gmv": round(pick.gmv),
        "pinned": pick.score.candidate.sku in wish.pins,
        "numbers": numbers,
        "why": i18n.say(locale, "assortment.why" if numbers["own_min"] else "assortment.why_new", **numbers),
        "rival": rival,
    }


def numbers_of(pick: Pick) -> dict[str, float]:
    """The figures behind a pick; money in minor units."""
    score = pick.score
    demand = score.demand(pick.minutes)
    return {
        "gmv": pick.gmv,
        "minutes": pick.minutes,
        "per_min": score.gmv_per_min,
        "slot": SLOT_MIN,
        "own_min": score.own.minutes,
        "own_per_min": score.own.gmv / score.own.minutes if score.own.minutes else 0.0,
        "trust": TRUST_MIN,
        "prior": score.prior_per_min,
        "level": score.level_per_min,
        "level_min": score.level_min,
        "fit": score.fit,
        "tags": score.fit_tags,
        "fans": score.fit_fans,
        "price_fit": score.fit_price,
        "demand": demand,
        "cover": pick.gmv / demand if demand else 1.0,
        "sold_out": sold_out_chance(demand, score.supply),
        "earned": score.candidate.income,
        "income": score.income,
        "plays": score.roles[pick.role],
    }


def item_of(pick: Pick) -> View:
    """The pick as an item of a show file."""
    candidate = pick.score.candidate
    values = {
        "sku": candidate.sku,
        "name": candidate.name,
        "category": candidate.category,
        "role": pick.role.value,
        "price": candidate.price,
        "stock": candidate.stock,
        "minutes": pick.minutes,
        "ship_48h": candidate.ship_48h,
        "supplier": candidate.supplier or None,
    }
    return {name: value for name, value in values.items() if value is not None}
