"""The recap's page as plain values: its figures, its curve as a drawing, its sheets as texts."""

from collections.abc import Iterable, Sequence

from cueroom import i18n
from cueroom.recap import ItemRecap, Recap
from cueroom.recap.curve import Curve, Points
from cueroom.sheets import Book, Sheet, book_of, text_of
from cueroom.sheets.cells import Cell, Column, cell_of
from cueroom.sheets.columns import HEADLINE, LIVE, SHOP
from cueroom.show.board import Play
from cueroom.show.state import MINUTE_MS
from cueroom.views.view import View

WIDTH, HEIGHT = 1000, 300
"""The drawing's own units; it is stretched to the page."""
SPARK_WIDTH, SPARK_HEIGHT = 100, 24
TICKS_MIN = (5, 10, 15, 30, 60, 120, 180, 360, 720)
"""How far the curve's times may stand apart, in minutes …"""
MOST_TICKS = 8
"""… and how many there may be."""
ROOM = 24
"""A spell as wide as that has room for its SKU, on a desk."""
LONG = 24
"""Longer texts want a wide column."""


def recap_view(recap: Recap, locale: str) -> View:
    """What the template of the recap reads."""
    book = book_of(recap, locale)
    figures = {figure.name: figure for figure in (*LIVE, *SHOP)}
    return {
        "title": recap.rundown.title,
        "phase": recap.phase.value,
        "when": book.instant(recap.started_at or recap.rundown.starts_at).strftime("%Y-%m-%d %H:%M (UTC%z)"),
        "names_few": recap.names_few,
        "figures": [_figure(recap, book, figures[name]) for name in HEADLINE],
        "curve": _drawing(recap.curve, book),
        "sparks": [_spark(item, book) for item in recap.items if any(item.gmv_by_minute)],
        "sheets": [_sheet_view(book, sheet) for sheet in book.sheets],
    }


def _figure(recap: Recap, book: Book, figure: Column) -> View:
    how = i18n.say(book.locale, figure.how) if figure.how else ""
    text = text_of(book, cell_of(book.locale, recap, figure))
    return {"name": i18n.say(book.locale, figure.name), "text": text, "how": how}


def _sheet_view(book: Book, sheet: Sheet) -> View:
    """The columns that the page has room for."""
    places = sheet.on_page or range(len(sheet.heads))
    numbers = [any(row[place].is_number for row in sheet.rows) for place in places]
    return {
        "key": sheet.key,
        "title": sheet.title,
        "note": sheet.note,
        "heads": list(zip((sheet.heads[place] for place in places), numbers, strict=True)),
        "rows": [[_cell_view(book, row[place]) for place in places] for row in sheet.rows],
    }


def _cell_view(book: Book, cell: Cell) -> View:
    text = text_of(book, cell)
    words = "words long" if len(text) > LONG else "words"
    return {"text": text, "look": "r num" if cell.is_number else words}


def _drawing(curve: Curve, book: Book) -> View:
    """The curve in the drawing's units: lines as SVG points, spells as bands, cues as places on the clock."""
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "planned": _line(curve, curve.planned),
        "paid": _line(curve, curve.paid),
        "bands": [_band(curve, play) for play in curve.plays],
        "accepted": [_x(curve, at) for at in curve.accepted],
        "ignored": [_x(curve, at) for at in curve.ignored],
        "times": [{"x": f"{_x(curve, at) / WIDTH:.1%}", "text": f"{book.instant(at):%H:%M}"} for at in _ticks(curve)],
        "levels": [i18n.money(book.locale, round(curve.top * part), book.currency) for part in (1, 0.5, 0)],
    }


def _band(curve: Curve, play: Play) -> View:
    """A spell; where its SKU has room, it is named at the middle, in per cent of the clock."""
    since, until = _x(curve, play.since), _x(curve, play.until)
    named = until - since >= ROOM
    return {
        "sku": play.sku,
        "x": since,
        "width": round(until - since, 1),
        "middle": f"{(since + until) / 2 / WIDTH:.1%}" if named else None,
    }


def _ticks(curve: Curve) -> range:
    """Instants a round time apart, in ms."""
    steps = [MINUTE_MS * minutes for minutes in TICKS_MIN]
    step = next((step for step in steps if curve.until - curve.since <= MOST_TICKS * step), steps[-1])
    return range(-(-curve.since // step) * step, curve.until + 1, step)


def _x(curve: Curve, at: int) -> float:
    return round(WIDTH * (at - curve.since) / max(1, curve.until - curve.since), 1)


def _line(curve: Curve, points: Points) -> str:
    return " ".join(f"{_x(curve, at)},{HEIGHT * (1 - gmv / curve.top):.1f}" for at, gmv in points)


def _spark(item: ItemRecap, book: Book) -> View:
    """An item's GMV by the minute, as high as its own best."""
    per_min, left_at = item.revenue_per_min, item.left_at_share
    return {
        "sku": item.item.sku,
        "name": item.item.name,
        "width": SPARK_WIDTH,
        "height": SPARK_HEIGHT,
        "points": _steps(item.gmv_by_minute),
        "per_min": None if per_min is None else i18n.money(book.locale, round(per_min), book.currency),
        "left_at": None if left_at is None else i18n.percent(book.locale, left_at),
    }


def _steps(values: Sequence[int]) -> str:
    """An area under the values, as SVG points."""
    top, step = max(values), SPARK_WIDTH / max(1, len(values))
    edges: Iterable[tuple[float, int]] = (
        (place * step + side, value) for place, value in enumerate(values) for side in (0.0, step)
    )
    drawn = " ".join(f"{x:.1f},{SPARK_HEIGHT * (1 - value / top):.1f}" for x, value in edges)
    return f"0,{SPARK_HEIGHT} {drawn} {SPARK_WIDTH},{SPARK_HEIGHT}"
