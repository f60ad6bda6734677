"""Cells and fields as people write them: texts and numbers, read alike in show files, pools and forms."""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

_MOST_DIGITS = 30
"""Nothing here needs more; 1e999999999 is short to write and too long to count with."""
INEXACT = 10**15
"""From here on a number of a workbook has lost its last digits, if it had any other than zero: it keeps fifteen."""
_CUT = re.compile(r"[1-9](\.\d+)?E\+(1[5-9]|[2-9]\d)")


def plain(cell: Any) -> str:
    """A cell as text; every number of a workbook is a fraction, those that are whole become so again."""
    return str(int(cell) if isinstance(cell, float) and cell.is_integer() else cell).strip()


def as_name(cell: Any) -> Any:
    """Text on one line. What a spreadsheet made of it instead is no text: a date of `3-12`, and a number too long to
    have kept its last digits, which it writes as 3.60123E+18 into a CSV file."""
    if isinstance(cell, str):
        return float(cell) if _CUT.fullmatch(cell.strip()) else cell.strip()
    is_exact = isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) < INEXACT
    return plain(cell) if is_exact else cell


def figure_of(cell: Any) -> Decimal | None:
    """The number a person wrote, with or without commas between thousands."""
    try:
        figure = Decimal(re.sub(r"(?<=\d)[,，](?=\d{3})", "", plain(cell)))
    except InvalidOperation:
        return None
    return figure if figure.is_finite() and abs(figure.adjusted()) <= _MOST_DIGITS else None
