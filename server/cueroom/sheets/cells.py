"""Cells, columns, sheets and books: tables whose values know what they are, until somebody reads them."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec

from cueroom import i18n


class Form(StrEnum):
    """What a cell's value is: `money` in minor units, `share` of one, `word` a msgid, `actor` who did something as the
    log names them, the times in ms."""

    TEXT = "text"
    WORD = "word"
    ACTOR = "actor"
    COUNT = "count"
    DECIMAL = "decimal"
    MONEY = "money"
    SHARE = "share"
    SPAN = "span"
    SECONDS = "seconds"
    INSTANT = "instant"
    MOMENT = "moment"
    """An instant with its day."""


Value = str | float | None


class Cell(msgspec.Struct, frozen=True):
    """A value and what it is; None where there is none."""

    value: Value
    form: Form = Form.TEXT

    @property
    def is_number(self) -> bool:
        return self.form not in (Form.TEXT, Form.WORD, Form.ACTOR)


class Column(NamedTuple):
    """A column or figure: what it is called, what its values are, and where they are found in a line. Where a page has
    no room for it, `page` is False; `how` says how the value is made."""

    name: str
    form: Form
    path: str
    page: bool = True
    how: str = ""


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """A table: every row has a cell for each of the heads. `key` names it in all languages, `note` says what its
    readers should know, `on_page` are the places of the columns that a page shows."""

    key: str
    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    on_page: tuple[int, ...] = ()


class Book(msgspec.Struct, frozen=True):
    """The sheets of one recap, and how their money and instants are to be read."""

    title: str
    locale: str
    currency: str
    zone: tzinfo
    sheets: tuple[Sheet, ...]

    def instant(self, at_ms: float) -> datetime:
        """An instant as the clock on the wall showed it."""
        return datetime.fromtimestamp(at_ms / 1000, self.zone)


def cell_of(locale: str, line: object, column: Column) -> Cell:
    """What the column finds in the line; None where the way to it ends."""
    found: Any = line
    for name in column.path.split("."):
        found = None if found is None else getattr(found, name)
    if found is not None and column.form is Form.WORD:
        return word(locale, str(found))
    if found is not None and column.form is Form.ACTOR:
        return Cell(i18n.actor(locale, str(found)))
    return Cell(found, column.form)


def word(locale: str, msgid: str) -> Cell:
    """A cell that says the msgid; empty for an empty one."""
    return Cell(i18n.say(locale, msgid) if msgid else "", Form.WORD)


def sheet_of(locale: str, title: str, columns: Iterable[Column], lines: Iterable[object], note: str = "") -> Sheet:
    """A row for each line, a column for each column."""
    columns = tuple(columns)
    return Sheet(
        key=title.lower().replace(" ", "-"),
        title=i18n.say(locale, title),
        heads=tuple(i18n.say(locale, column.name) for column in columns),
        rows=tuple(tuple(cell_of(locale, line, column) for column in columns) for line in lines),
        note=i18n.say(locale, note) if note else "",
        on_page=tuple(place for place, column in enumerate(columns) if column.page),
    )


def text_of(book: Book, cell: Cell) -> str:
    """A cell in words; counts and money to the last unit."""
    if not isinstance(cell.value, int | float):
        return i18n.NOTHING if cell.value is None else cell.value
    return _NUMBERS[cell.form](book, cell.value)


_NUMBERS: dict[Form, Callable[[Book, float], str]] = {
    Form.COUNT: lambda _, n: f"{round(n):,}",
    Form.DECIMAL: lambda _, n: f"{n:,.1f}",
    Form.SHARE: lambda _, share: f"{share:.1%}",
    Form.SPAN: lambda _, ms: str(timedelta(seconds=round(ms / 1000))),
    Form.SECONDS: lambda _, ms: f"{ms / 1000:.1f}",
    Form.INSTANT: lambda book, ms: f"{book.instant(ms):%H:%M:%S}",
    Form.MOMENT: lambda book, ms: f"{book.instant(ms):%Y-%m-%d %H:%M}",
    Form.MONEY: lambda book, minor: i18n.price(book.locale, round(minor), book.currency),
}
