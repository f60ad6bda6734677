"""The page of a plan as plain values: what was typed last, what it comes to, and what its fields offer."""

import json

from cueroom import i18n
from cueroom.show.cues import Kind
from cueroom.show.rundown import Role
from cueroom.views.preview import preview
from cueroom.views.problems import PLAN_PROBLEMS, problem_words
from cueroom.views.rundown import SEGMENTS
from cueroom.views.view import Context, View

ZONES = tuple(
    f"{'-' if half_hours < 0 else '+'}{abs(half_hours) // 2:02}:{abs(half_hours) % 2 * 30:02}"
    for half_hours in range(-24, 29)
)
"""The time zones to choose from; a show file may name others."""

USUAL_CURRENCIES = {"zh-Hans": "CNY", "zh-Hant": "TWD", "en": "USD"}
"""What a new show begins with, by the reader's language."""

CURRENCIES = ("CNY", "TWD", "HKD", "USD", "EUR", "GBP", "JPY", "KRW", "SGD", "MYR", "THB", "VND")
"""The currencies to choose from; a show file may name others."""


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


def new(locale: str, _: Context) -> View:
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
        "problems": problem_words(locale, PLAN_PROBLEMS),
    }
