"""The forms of a host's profile and of a wish: what was typed as a value, or every mistake by its field."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import msgspec
from babel.numbers import get_currency_precision

from cueroom.assortment.candidates import Profile, Sales, Span, Wish
from cueroom.assortment.cells import Form, hundredths, money, names_in, of_number, of_text, of_whole
from cueroom.assortment.pool_columns import AGES, LONGEST_NAME, MOST_TAGS, SEXES
from cueroom.show.rundown import Role
from cueroom.showfile.fields import LONGEST_MIN, MOST_ROWS, MOST_UNITS, SHOW, Wrong, number, text, whole

HOURS = 24
MOST_MINUTES = 1_000_000
MOST_WEIGHT = 100
WHOLE = 1.0
LONGEST_WEIGHTED = 80
"""Characters of a tag and its weight."""
_WEIGHTED = re.compile(r"(.*\S)\s*[\s:：×x*]\s*(\d+(?:\.\d+)?)")
_SLACK = 0.005
"""Shares add up to one but for what rounding took."""

Typed = Mapping[str, str]
Faults = Mapping[str, Wrong]


class Asked(msgspec.Struct, frozen=True):
    """A wish for a show of one host, and its goal in minor units."""

    profile: str
    goal: int
    wish: Wish


def read_profile(typed: Typed) -> Profile | Faults:
    """The profile that was typed: tags as `pets 3, home 1`, shares in per cent, money in major units."""
    form = Form(typed)
    currency = form.take("currency", SHOW["currency"].read, "")
    to_minor = money(get_currency_precision(currency) if currency else 0)
    low = form.take("price_low", to_minor)
    high = form.take("price_high", to_minor)
    if low and high and low > high:
        form.faults["price_high"] = Wrong("at least the lower price", "under_low")
    values: dict[str, Any] = {
        "name": form.take("name", of_text(text(LONGEST_NAME))),
        "currency": currency,
        "tags": form.take("tags", _weights, {}),
        "fans": form.take("fans", of_whole(whole(0, MOST_UNITS * 10, "people")), 0),
        "sexes": _shares(form, "sexes", SEXES),
        "ages": _shares(form, "ages", AGES),
        "active_hours": form.take("active_hours", _hours, frozenset()),
        "price_low": low,
        "price_high": high,
        "sales": _sales(form, to_minor),
    }
    if not currency:
        form.faults.setdefault("currency", Wrong("given", "missing"))
    return form.faults or Profile(**values)


def typed_profile(profile: Profile) -> dict[str, str]:
    """The profile as its form has it; reading that gives the same profile."""
    to_major = _major_units(profile.currency)
    typed = {
        "name": profile.name,
        "currency": profile.currency,
        "tags": ", ".join(f"{tag} {weight:g}" for tag, weight in profile.tags.items()),
        "fans": str(profile.fans or ""),
        "active_hours": ", ".join(map(str, sorted(profile.active_hours))),
        "price_low": to_major(profile.price_low),
        "price_high": to_major(profile.price_high),
    }
    for name, shares in (("sexes", profile.sexes), ("ages", profile.ages)):
        typed |= {f"{name}.{key}": f"{round(100 * share, 4):g}" for key, share in shares.items()}
    for at, (category, sales) in enumerate(profile.sales.items()):
        row = {"category": category, "minutes": f"{sales.minutes:.10g}", "gmv": to_major(round(sales.gmv))}
        typed |= {f"sales.{at}.{key}": value for key, value in row.items()}
    return typed


def read_asked(typed: Typed, currency: str, pins: Mapping[str, Role | None], bans: frozenset[str]) -> Asked | Faults:
    """What was asked of a show; `pins` come beside those that were typed, each in a role."""
    form = Form(typed)
    pins = {**dict.fromkeys(form.take("pins", names_in, [])), **pins}
    count = _span(form, "count", None)
    values: dict[str, Any] = {
        "length_min": form.take("length_min", of_number(number(1, LONGEST_MIN, "minutes"))),
        "count": count,
        "roles": {role: span for role in Role if (span := _role_span(form, role, count))},
        "category_most": form.take("category_most", of_whole(whole(1, MOST_ROWS, "items")), MOST_ROWS),
    }
    profile = form.take("profile", of_text(text(LONGEST_NAME)))
    goal = form.take("goal", money(get_currency_precision(currency)))
    return form.faults or Asked(profile, goal, Wish(**values, pins=pins, bans=bans))


def _major_units(currency: str) -> Callable[[int], str]:
    """How an amount in minor units is typed."""
    decimals = get_currency_precision(currency)
    return lambda minor: f"{Decimal(minor).scaleb(-decimals):.{decimals}f}"


def _weights(cell: Any) -> Any:
    """`pets 3, home`: names, each with how much it counts; once where nothing is said."""
    weights: dict[str, float] = {}
    for name in names_in(cell):
        match = _WEIGHTED.fullmatch(name) if len(name) <= LONGEST_WEIGHTED else None
        weights[match[1] if match else name] = float(match[2]) if match else 1.0
    if len(weights) <= MOST_TAGS and all(
        len(tag) <= LONGEST_NAME and 0 < weight <= MOST_WEIGHT for tag, weight in weights.items()
    ):
        return weights
    return Wrong("tags with their weights, such as pets 3, home 1", "weights", {"most": MOST_TAGS})


def _hours(cell: Any) -> Any:
    """`20-23, 8`; a span may go past midnight."""
    hours: set[int] = set()
    for name in names_in(cell):
        match = re.fullmatch(r"(\d{1,2})(?:\s*[-–~～至]\s*(\d{1,2}))?", name)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (HOURS, HOURS)
        if max(first, last) >= HOURS:
            return Wrong("hours from 0 to 23, such as 20-23, 8", "hours")
        hours |= {hour % HOURS for hour in range(first, last + 1 + (HOURS if last < first else 0))}
    return frozenset(hours)


def _shares(form: Form, name: str, keys: tuple[str, ...]) -> dict[str, float]:
    """Parts of the fans in per cent, of which none or all are known: they add up to a hundred."""
    shares = {key: form.take(f"{name}.{key}", hundredths, 0.0) for key in keys}
    told = {key: share for key, share in shares.items() if form.typed.get(f"{name}.{key}", "").strip()}
    faulty = any(f"{name}.{key}" in form.faults for key in keys)
    total = sum(told.values())
    if told and not faulty and abs(total - WHOLE) > _SLACK:
        form.faults[f"{name}.{next(iter(told))}"] = Wrong("shares of 100% in all", "not_whole", {"sum": total})
    return told


def _sales(form: Form, to_minor: Any) -> dict[str, Sales]:
    sales: dict[str, Sales] = {}
    for row in form.rows("sales"):
        category = form.take(f"sales.{row}.category", of_text(text(LONGEST_NAME)))
        minutes = form.take(f"sales.{row}.minutes", of_number(number(1, MOST_MINUTES, "minutes")))
        gmv = form.take(f"sales.{row}.gmv", to_minor)
        if category in sales:
            form.faults[f"sales.{row}.category"] = Wrong("told once", "told_twice")
        sales[category] = Sales(minutes or 0.0, gmv or 0.0)
    return sales


def _span(form: Form, name: str, usual: tuple[int, int] | None) -> Span | None:
    read = of_whole(whole(0, MOST_ROWS, "items"))
    least = form.take(f"{name}.least", read, usual and usual[0])
    most = form.take(f"{name}.most", read, usual and usual[1])
    if least is None or most is None:
        return None
    if least > most:
        form.faults[f"{name}.most"] = Wrong("at least the least", "under_least", {"least": least})
    return Span(least, most)


def _role_span(form: Form, role: Role, count: Span | None) -> Span | None:
    """From how many to how many of a role; None where nothing was asked."""
    asked = any(form.typed.get(f"roles.{role.value}.{end}", "").strip() for end in ("least", "most"))
    return _span(form, f"roles.{role.value}", (0, count.most if count else MOST_ROWS)) if asked else None
