"""The fields of a show file: how each value is read, and what is right where it is wrong."""

import datetime
import re
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple
from unicodedata import category

from babel.numbers import is_currency

from cueroom.i18n import LOCALES
from cueroom.show.rundown import Role
from cueroom.showfile.cells import INEXACT
from cueroom.showfile.document import EPOCH
from cueroom.showfile.draft import NO_CHARACTERS, is_hidden

MOST = 1_000_000_000_000
"""The largest amount of money, in minor units; what events may carry."""

MOST_UNITS = 1_000_000_000
MOST_ROWS = 1_000
LONGEST_ID = 64
"""Characters of a show's id."""
LONGEST_PROSE = 10_000
"""Characters of a part of a script; a workbook's cell has room for three times as many."""
MOST_BATCHES = 1_000
"""Of one item; a workbook's cell has room for twice as many."""
MOST_LINES = 50
LONGEST_LINE = 200
LONGEST_MIN = 10_080
"""A week."""
SHORTEST_MIN = 0.1
DECIMALS = 6
"""Of minutes and shares: what a workbook's numbers hold without loss."""
_TOO_LATE = datetime.datetime(2100, 1, 1, tzinfo=datetime.UTC)
"""No event can be so late."""
LEAST_PER_MIN = 0.01
LEAST_WITHIN, MOST_WITHIN = 1.05, 5.0
SHORTEST_HALF_LIFE_S, LONGEST_HALF_LIFE_S = 5.0, 1_000.0
"""What may be expected of an item: units in its first minute, to what factor that is known, how fast it fades."""


class Wrong(NamedTuple):
    """Says what a value should have been: `must be …`, and by its code and figures the same in other languages
    (`rule.CODE` of the catalogues)."""

    must_be: str
    code: str
    figures: Mapping[str, Any] = MappingProxyType({})


Reading = Callable[[Any], Any]
"""Turns a value of the document into that of the rundown, or into `Wrong`."""


class Field(NamedTuple):
    read: Reading
    required: bool = False


def text(longest: int) -> Reading:
    """One line of 1 to `longest` characters."""

    def read(value: Any) -> Any:
        if isinstance(value, float) and abs(value) >= INEXACT:
            return Wrong("typed again as text, because as a number its last digits were lost", "digits_lost")
        if not isinstance(value, str) or not 0 < len(value.strip()) <= longest:
            return Wrong(f"text of 1 to {longest} characters (in TOML: in quotes)", "text", {"most": longest})
        # The first question is asked of the whole at once, and answered for almost every text.
        if not value.isprintable() and any(is_hidden(char) for char in value.strip()):
            return Wrong("one line without control characters", "one_line")
        return value.strip()

    return read


def _prose(value: Any) -> Any:
    if isinstance(value, str) and len(value.strip()) <= LONGEST_PROSE:
        return _as_xml(value).strip()
    return Wrong(f"text of at most {LONGEST_PROSE:,} characters (in TOML: in quotes)", "prose", {"most": LONGEST_PROSE})


def _as_xml(text: str) -> str:
    """The text as a workbook can hold it too: line ends of one kind, no control characters."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(char for char in lines if char in "\n\t" or (category(char) != "Cc" and char not in NO_CHARACTERS))


def _lines(value: Any) -> Any:
    """Lines of text."""
    read = text(LONGEST_LINE)
    if (
        isinstance(value, list)
        and len(value) <= MOST_LINES
        and not any(isinstance(read(line), Wrong) for line in value)
    ):
        return tuple(line.strip() for line in value)
    right = f"a list of at most {MOST_LINES} lines of 1 to {LONGEST_LINE} characters"
    return Wrong(right, "lines", {"most": MOST_LINES, "longest": LONGEST_LINE})


def _slug(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(f"[a-z0-9-]{{1,{LONGEST_ID}}}", value):
        return value
    return Wrong(f"1 to {LONGEST_ID} small letters, digits and hyphens, such as launch-0630", "slug")


def whole(low: int, high: int, unit: str) -> Reading:
    """A whole number; `unit` is what it counts."""

    def read(value: Any) -> Any:
        fits = isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
        wrong = Wrong(f"a whole number of {unit} from {low:,} to {high:,}", "whole", {"low": low, "high": high})
        return value if fits else wrong

    return read


def number(low: float, high: float, unit: str) -> Reading:
    """A number; `unit` is what it measures."""

    def read(value: Any) -> Any:
        fits = isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high
        wrong = Wrong(f"a number of {unit} from {low:g} to {high:,g}", "number", {"low": low, "high": high})
        return round(float(value), DECIMALS) if fits else wrong

    return read


def _units_list(value: Any) -> Any:
    read = whole(1, MOST_UNITS, "units")
    is_list = isinstance(value, list) and 0 < len(value) <= MOST_BATCHES
    if is_list and not any(isinstance(read(units), Wrong) for units in value):
        return tuple(value)
    right = f"a list of at most {MOST_BATCHES:,} units that go on the shelf one after the other, such as [500, 500]"
    return Wrong(right, "units_list", {"most": MOST_BATCHES})


def _flag(value: Any) -> Any:
    return value if isinstance(value, bool) else Wrong("true or false", "flag")


def _one_of(names: Collection[str]) -> Reading:
    def read(value: Any) -> Any:
        return value if value in names else Wrong(f"one of {', '.join(names)}", "one_of", {"names": ", ".join(names)})

    return read


def _currency(value: Any) -> Any:
    if isinstance(value, str) and is_currency(value):
        return value
    return Wrong("a currency by its three letters, such as CNY, TWD or USD", "currency")


def _instant(value: Any) -> Any:
    """An instant with its time zone; workbooks give it as text, since their dates know none."""
    right = Wrong("date, time and time zone, such as 2026-11-22T20:00:00+08:00", "instant")
    try:
        instant = datetime.datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return right
    if not isinstance(instant, datetime.datetime):
        return right
    if instant.utcoffset() is None:
        return Wrong(f"given with its time zone, such as {instant.isoformat()}+08:00", "instant")
    if not EPOCH <= instant < _TOO_LATE:
        return Wrong(f"in the years {EPOCH.year} to {_TOO_LATE.year - 1}", "instant_far")
    return instant


_ROLE_NAMES = {
    **{role.value: role for role in Role},
    **dict.fromkeys(("引流款", "引流"), Role.TRAFFIC),
    **dict.fromkeys(("福利款", "福利"), Role.BENEFIT),
    **dict.fromkeys(("爆款",), Role.HOT),
    **dict.fromkeys(("利润款", "利潤款", "利润", "利潤"), Role.PROFIT),
    **dict.fromkeys(("常规款", "常規款", "常规", "常規"), Role.REGULAR),
}


def _role(value: Any) -> Any:
    if isinstance(value, str) and value in _ROLE_NAMES:
        return _ROLE_NAMES[value]
    return Wrong("one of traffic 引流款, benefit 福利款, hot 爆款, profit 利润款, regular 常规款", "role")


def with_plain_roles(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with every role that is known called as programs call it."""
    items = document.get("items")
    return (
        {**document, "items": [_with_plain_role(item) for item in items]} if isinstance(items, list) else {**document}
    )


def _with_plain_role(item: Any) -> Any:
    role = item.get("role") if isinstance(item, dict) else None
    return {**item, "role": _ROLE_NAMES.get(role, role)} if isinstance(role, str) else item


def _table(value: Any) -> Any:
    return value if isinstance(value, dict) else Wrong("a table of keys and values, or a sheet", "table")


def _tables(value: Any) -> Any:
    if isinstance(value, list) and 0 < len(value) <= MOST_ROWS and all(isinstance(row, dict) for row in value):
        return value
    return Wrong(f"a list of 1 to {MOST_ROWS:,} tables, or a sheet with as many rows", "tables", {"most": MOST_ROWS})


def _money(value: Any) -> Any:
    read = whole(1, MOST, "minor units (9900 for 99.00)")(value)
    return Wrong(read.must_be, "money") if isinstance(read, Wrong) else read


DOCUMENT = {"show": Field(_table, required=True), "items": Field(_tables, required=True), "policy": Field(_table)}

SHOW = {
    "id": Field(_slug, required=True),
    "title": Field(text(200), required=True),
    "starts_at": Field(_instant, required=True),
    "duration_min": Field(number(1, LONGEST_MIN, "minutes"), required=True),
    "currency": Field(_currency, required=True),
    "goal": Field(_money, required=True),
    "locale": Field(_one_of(LOCALES)),
    "hosts": Field(_tables),
    "theme": Field(text(200)),
    "warm_up": Field(_lines),
    "papers": Field(_flag),
}

HOST = {"id": Field(text(64), required=True), "name": Field(text(64), required=True)}

ITEM = {
    "sku": Field(text(64), required=True),
    "name": Field(text(200), required=True),
    "role": Field(_role),
    "price": Field(_money, required=True),
    "stock": Field(whole(1, MOST_UNITS, "units"), required=True),
    "batches": Field(_units_list),
    "minutes": Field(number(SHORTEST_MIN, LONGEST_MIN, "minutes")),
    "min_minutes": Field(number(0, LONGEST_MIN, "minutes")),
    "share": Field(number(0, 1, "the goal's parts")),
    "host": Field(text(64)),
    "encore": Field(_flag),
    "ship_48h": Field(whole(0, MOST_UNITS, "units")),
    "supplier": Field(text(64)),
    "category": Field(text(64)),
    "expected_per_min": Field(number(LEAST_PER_MIN, MOST_UNITS, "units")),
    "expected_within": Field(number(LEAST_WITHIN, MOST_WITHIN, "times")),
    "half_life_s": Field(number(SHORTEST_HALF_LIFE_S, LONGEST_HALF_LIFE_S, "seconds")),
    "script": Field(_table),
}

SCRIPT = {name: Field(_prose) for name in ("intro", "experience", "promotion", "benefit", "interaction")}
