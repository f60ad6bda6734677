"""The recap on paper: the same sheets, in the reader's language, for the terminal and for a workbook."""

from collections.abc import Iterable
from datetime import datetime, tzinfo
from enum import StrEnum
from io import BytesIO
from typing import Any

import msgspec
import xlsxwriter
from babel.numbers import get_currency_precision
from rich.cells import cell_len

from cueroom import i18n
from cueroom.cues import OPEN, Cue, CueState, Kind, Step
from cueroom.recap import PolicyChange, Recap
from cueroom.rundown import Rundown

DAY_MS = 86_400_000
HEAD_ROWS = 2
NUMBER_WIDTH = 18
WIDEST = 60


class Form(StrEnum):
    """What a cell's value is: `money` in minor units, `share` of one, `word` a msgid, the times in ms."""

    TEXT = "text"
    WORD = "word"
    COUNT = "count"
    MONEY = "money"
    SHARE = "share"
    SPAN = "span"
    SECONDS = "seconds"
    INSTANT = "instant"


Value = str | float | None


class Cell(msgspec.Struct, frozen=True):
    """A value and what it is; None where there is none."""

    value: Value
    form: Form = Form.TEXT


class Sheet(msgspec.Struct, frozen=True):
    """A table: every row has a cell for each of the heads."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


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


class CueLine(msgspec.Struct, frozen=True):
    """A cue in the reader's language, with the two moments of its life: when a screen had painted it, and its end."""

    cue: Cue
    text: str
    why: str
    effect: str | None

    @property
    def kind(self) -> str:
        return f"kind.{self.cue.kind.value}"

    @property
    def state(self) -> str:
        return f"state.{self.cue.state.value}"

    @property
    def shown_after_ms(self) -> int | None:
        step = next((step for step in self.cue.steps if step.state is CueState.SHOWN), None)
        return step.at - self.cue.issued_at if step else None

    @property
    def ended_after_ms(self) -> int | None:
        return self._end.at - self.cue.issued_at if self._end else None

    @property
    def ended_by(self) -> str | None:
        return self._end.by if self._end else None

    @property
    def _end(self) -> Step | None:
        return next((step for step in self.cue.steps if step.state not in OPEN), None)


class PolicyLine(msgspec.Struct, frozen=True):
    """A threshold that was set during the show; `told` is its value as it would be written."""

    at: int
    by: str
    key: str
    told: str


# Each figure or column: what it is called, what its values are, where they are found, and how a figure is made.

_LIVE = (
    ("Started", Form.INSTANT, "started_at", ""),
    ("Ended", Form.INSTANT, "ended_at", ""),
    ("Time on air", Form.SPAN, "air_ms", ""),
    ("GMV", Form.MONEY, "counts.gmv", "paid, refunds not deducted"),
    ("Estimated part of it", Form.MONEY, "counts.gmv_estimated", "orders without an amount: price × quantity"),
    ("Refunded", Form.MONEY, "counts.refunded", ""),
    ("Net", Form.MONEY, "counts.net", "GMV − refunds"),
    ("Goal", Form.MONEY, "rundown.goal", ""),
    ("Share of the goal", Form.SHARE, "goal_share", "GMV ÷ goal"),
    ("Revenue a minute", Form.MONEY, "revenue_per_min", "GMV ÷ minutes on air"),
    ("GPM", Form.MONEY, "gpm", "GMV ÷ PV × 1000"),
    ("UV value", Form.MONEY, "uv_value", "GMV ÷ UV"),
    ("AOV", Form.MONEY, "aov", "GMV ÷ paid orders"),
    ("Entries (PV)", Form.COUNT, "counts.entered", ""),
    ("Viewers (UV)", Form.COUNT, "unique", "estimate, standard error 0.81 %"),
    ("Peak online", Form.COUNT, "peak_online", ""),
    ("Average online", Form.COUNT, "average_online", "mean of the minutes on air"),
    ("Comments", Form.COUNT, "counts.commented", ""),
    ("Likes", Form.COUNT, "counts.liked", ""),
    ("Shares", Form.COUNT, "counts.shared", ""),
    ("Follows", Form.COUNT, "counts.followed", ""),
    ("Follow rate", Form.SHARE, "follow_rate", "follows ÷ UV"),
    ("Gifts", Form.MONEY, "counts.gifted_amount", ""),
    ("Product views", Form.COUNT, "counts.viewed", ""),
    ("Product clicks", Form.COUNT, "counts.clicked", ""),
    ("Orders created", Form.COUNT, "counts.orders_created", ""),
    ("Orders paid", Form.COUNT, "counts.orders_paid", ""),
    ("Units paid", Form.COUNT, "counts.units_paid", ""),
    ("Orders cancelled", Form.COUNT, "counts.orders_cancelled", ""),
    ("Orders refunded", Form.COUNT, "counts.orders_refunded", ""),
    ("Orders unpaid", Form.COUNT, "counts.unpaid_orders", "neither paid nor cancelled"),
    ("Unpaid amount", Form.MONEY, "counts.unpaid_amount", ""),
    ("Unpaid share", Form.SHARE, "unpaid_share", "unpaid ÷ created orders"),
)
_PRODUCTS = (
    ("SKU", Form.TEXT, "item.sku"),
    ("Item", Form.TEXT, "item.name"),
    ("Times on air", Form.COUNT, "spells"),
    ("Time on air", Form.SPAN, "air_ms"),
    ("Planned time", Form.SPAN, "planned_ms"),
    ("GMV", Form.MONEY, "counts.gmv"),
    ("Share", Form.SHARE, "share"),
    ("Planned share", Form.SHARE, "planned_share"),
    ("GMV a minute on air", Form.MONEY, "gmv_per_min"),
    ("Best minute", Form.INSTANT, "best_at"),
    ("GMV of the best minute", Form.MONEY, "best_gmv"),
    ("Product views", Form.COUNT, "counts.viewed"),
    ("Product clicks", Form.COUNT, "counts.clicked"),
    ("CTR", Form.SHARE, "ctr"),
    ("Orders created", Form.COUNT, "counts.orders_created"),
    ("Orders paid", Form.COUNT, "counts.orders_paid"),
    ("Click to order", Form.SHARE, "click_to_order"),
    ("Units paid", Form.COUNT, "counts.units_paid"),
    ("Orders unpaid", Form.COUNT, "counts.unpaid_orders"),
    ("Refunded", Form.MONEY, "counts.refunded"),
    ("Stock left", Form.COUNT, "stock_left"),
)
_CUES = (
    ("Cue", Form.TEXT, "cue.id"),
    ("Issued", Form.INSTANT, "cue.issued_at"),
    ("Kind", Form.WORD, "kind"),
    ("SKU", Form.TEXT, "cue.sku"),
    ("Host", Form.TEXT, "cue.to"),
    ("Text", Form.TEXT, "text"),
    ("Painted after (s)", Form.SECONDS, "shown_after_ms"),
    ("Outcome", Form.WORD, "state"),
    ("Ended after (s)", Form.SECONDS, "ended_after_ms"),
    ("By", Form.TEXT, "ended_by"),
    ("Reason", Form.TEXT, "why"),
    ("Effect", Form.TEXT, "effect"),
    ("GMV after it", Form.MONEY, "cue.effect.gmv"),
    ("GMV expected without it", Form.MONEY, "cue.effect.gmv_expected"),
    ("Expected at least", Form.MONEY, "cue.effect.gmv_low"),
    ("Expected at most", Form.MONEY, "cue.effect.gmv_high"),
    ("Orders after it", Form.COUNT, "cue.effect.orders"),
    ("Orders expected without it", Form.COUNT, "cue.effect.orders_expected"),
    ("Online after it", Form.COUNT, "cue.effect.online"),
    ("Online before it", Form.COUNT, "cue.effect.online_expected"),
)
_POLICY = (
    ("Changed", Form.INSTANT, "at"),
    ("By", Form.TEXT, "by"),
    ("Threshold", Form.TEXT, "key"),
    ("Value", Form.TEXT, "told"),
)


def book_of(recap: Recap, locale: str) -> Book:
    """The recap in that language, its instants as the clocks at the show told them."""
    lines = (_cue_line(cue, locale, recap.rundown) for cue in recap.cues)
    zone = recap.rundown.zone
    start = datetime.fromtimestamp((recap.started_at or recap.rundown.starts_at) / 1000, zone)
    phase = i18n.say(locale, f"phase.{recap.phase.value}")
    sheets = [
        _live_sheet(recap, locale),
        _sheet(locale, "Product data", _PRODUCTS, recap.items),
        _sheet(locale, "Cues", _CUES, lines),
    ]
    if recap.policy_changes:
        sheets.append(_sheet(locale, "Policy", _POLICY, map(_policy_line, recap.policy_changes)))
    return Book(
        title=f"{recap.rundown.title} · {start:%Y-%m-%d} (UTC{start:%z}) · {phase}",
        locale=locale,
        currency=recap.rundown.currency,
        zone=zone,
        sheets=tuple(sheets),
    )


def _live_sheet(recap: Recap, locale: str) -> Sheet:
    rows = tuple(
        (_word(locale, name), Cell(_found(recap, path), form), _word(locale, how)) for name, form, path, how in _LIVE
    )
    return Sheet(i18n.say(locale, "Live data"), _heads(locale, "Figure", "Value", "How"), rows)


def _sheet(locale: str, title: str, columns: tuple[tuple[str, Form, str], ...], lines: Iterable[object]) -> Sheet:
    rows = tuple(tuple(_cell(locale, _found(line, path), form) for _, form, path in columns) for line in lines)
    return Sheet(i18n.say(locale, title), _heads(locale, *(name for name, _, _ in columns)), rows)


def _found(line: object, path: str) -> Value:
    """The value at the path; None where the way to it ends."""
    found: Any = line
    for name in path.split("."):
        found = None if found is None else getattr(found, name)
    return found  # type: ignore[no-any-return]


def _heads(locale: str, *names: str) -> tuple[str, ...]:
    return tuple(i18n.say(locale, name) for name in names)


def _cell(locale: str, value: Value, form: Form) -> Cell:
    return _word(locale, str(value)) if form is Form.WORD else Cell(value, form)


def _word(locale: str, msgid: str) -> Cell:
    return Cell(i18n.say(locale, msgid) if msgid else "")


def _cue_line(cue: Cue, locale: str, rundown: Rundown) -> CueLine:
    """The cue as it was said or, in another language than the show's, said again; a person's words stay."""
    effect = i18n.effect_words(locale, msgspec.to_builtins(cue.effect), rundown.currency) if cue.effect else None
    if cue.kind is Kind.MESSAGE or locale == rundown.locale:
        return CueLine(cue, cue.text, cue.why.explain, effect)
    told = (locale, cue.kind.value, cue.why.rule, cue.why.numbers)
    return CueLine(cue, i18n.cue_text(*told), i18n.cue_explain(*told), effect)


def _policy_line(change: PolicyChange) -> PolicyLine:
    return PolicyLine(change.at, change.by, change.key, i18n.threshold(change.value))


def workbook_of(book: Book) -> bytes:
    """The book as .xlsx. Money is in major units there, as Excel's people expect."""
    file = BytesIO()
    # What a person or platform wrote is text, whatever it begins with.
    with xlsxwriter.Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False}) as workbook:
        decimals = get_currency_precision(book.currency)
        patterns = _PATTERNS | {Form.MONEY: "#,##0" + ("." + "0" * decimals if decimals else "")}
        forms = {form: workbook.add_format({"num_format": pattern}) for form, pattern in patterns.items()}
        bold = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        for sheet in book.sheets:
            page = workbook.add_worksheet(sheet.title)
            page.write(0, 0, f"{book.title} · {book.currency}")
            page.write_row(1, 0, sheet.heads, bold)
            for place, row in enumerate(sheet.rows, HEAD_ROWS):
                for column, cell in enumerate(row):
                    page.write(place, column, _on_paper(book, cell), forms.get(cell.form))
            for column in range(len(sheet.heads)):
                page.set_column(column, column, _width(row[column] for row in sheet.rows))
            page.freeze_panes(HEAD_ROWS, 1)
    return file.getvalue()


_PATTERNS = {
    Form.COUNT: "#,##0",
    Form.SHARE: "0.0%",
    Form.SPAN: "[h]:mm:ss",
    Form.SECONDS: "0.0",
    Form.INSTANT: "yyyy-mm-dd hh:mm:ss",
}
"""How Excel shows a form; text is shown as it is."""


def _width(cells: Iterable[Cell]) -> int:
    """How many letters wide a column is: every number, and texts up to a limit."""
    texts = (cell_len(cell.value) for cell in cells if isinstance(cell.value, str))
    return min(WIDEST, max((NUMBER_WIDTH, *texts))) + 1


def _on_paper(book: Book, cell: Cell) -> str | float | datetime | None:
    if cell.value is None or isinstance(cell.value, str):
        return cell.value
    match cell.form:
        case Form.MONEY:
            return float(cell.value / 10 ** get_currency_precision(book.currency))
        case Form.SPAN:
            return cell.value / DAY_MS
        case Form.SECONDS:
            return cell.value / 1000
        case Form.INSTANT:
            return book.instant(cell.value).replace(tzinfo=None)  # Excel knows no zones
        case _:
            return cell.value
