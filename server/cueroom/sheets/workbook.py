"""A book as a workbook (.xlsx)."""

from collections.abc import Iterable
from datetime import datetime
from io import BytesIO

import xlsxwriter
from babel.numbers import get_currency_precision
from rich.cells import cell_len

from cueroom.sheets.cells import Book, Cell, Form

DAY_MS = 86_400_000
HEAD_ROWS = 2
NUMBER_WIDTH = 18
WIDEST = 60


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
            page.write(0, 0, " · ".join(filter(None, (book.title, book.currency, sheet.note))))
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
    Form.DECIMAL: "#,##0.0",
    Form.SHARE: "0.0%",
    Form.SPAN: "[h]:mm:ss",
    Form.SECONDS: "0.0",
    Form.INSTANT: "yyyy-mm-dd hh:mm:ss",
    Form.MOMENT: "yyyy-mm-dd hh:mm",
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
        case Form.INSTANT | Form.MOMENT:
            return book.instant(cell.value).replace(tzinfo=None)  # Excel knows no zones
        case _:
            return cell.value
