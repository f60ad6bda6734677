"""The show file as a workbook to work in: the reader's sheets and headings, lists to choose from, a note each."""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

import xlsxwriter

from cueroom import i18n
from cueroom.show.rundown import Role, Rundown
from cueroom.showfile.document import document_of
from cueroom.showfile.draft import Path
from cueroom.showfile.workbook import HOSTS, ITEMS, POLICY, SHOW, Sheet

MOST_LISTED = 1_000
"""Rows that get the lists to choose from; no show has more items."""
_WIDTHS = {"name": 28, "title": 28, "starts_at": 28, "warm_up": 28, "batches": 18}
_SCRIPT_WIDTH = 36
_USUAL_WIDTH = 13
_NOTES_WIDTH = 70


def to_workbook(rundown: Rundown, locale: str) -> bytes:
    """The show as a workbook in that language, which reads as the same rundown again."""
    return _workbook(document_of(rundown), locale)


def template(locale: str) -> bytes:
    """A workbook to fill in: headings and notes, and nothing else."""
    return _workbook({"show": {}, "items": []}, locale)


def empty_list(sheet: Sheet, locale: str) -> bytes:
    """A workbook of one list to fill in."""
    content = BytesIO()
    with _book(content) as book:
        _Writer(book, locale).write_list(sheet, [])
    return content.getvalue()


def field_name(path: Path, locale: str) -> str:
    """What a place in the document is called in that language, such as `items 2 price`: sheet, row and heading."""
    sheet = next((sheet for sheet in (HOSTS, ITEMS, SHOW) if path[: len(sheet.path)] == sheet.path), None)
    if sheet is None:
        return " ".join(map(str, path))
    steps = path[len(sheet.path) :]
    row = [str(step + 1) for step in steps[:1] if isinstance(step, int)]
    key = ".".join(str(step) for step in steps[len(row) :])
    heading = _heading(sheet, key, locale) if key in (sheet.columns or ()) else key
    return " ".join(filter(None, (_in_language(sheet.names, locale), *row, heading)))


def _book(content: BytesIO) -> Any:
    return xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_numbers": False})


def _workbook(document: dict[str, Any], locale: str) -> bytes:
    content = BytesIO()
    show = dict(document["show"])
    hosts = show.pop("hosts", [])
    with _book(content) as book:
        writer = _Writer(book, locale)
        writer.write_downwards(SHOW, show)
        writer.write_list(ITEMS, document["items"])
        writer.write_list(HOSTS, hosts)
        if policy := document.get("policy"):
            writer.write_rows(POLICY, list(policy.items()))
    return content.getvalue()


class _Writer:
    """Writes sheet after sheet in one language."""

    def __init__(self, book: Any, locale: str) -> None:
        self._book = book
        self._locale = locale
        self._head = book.add_format({"bold": True, "bottom": 1, "valign": "top"})
        self._text = book.add_format({"text_wrap": True, "valign": "top"})
        self._note = book.add_format({"font_color": "#666666", "valign": "top"})

    def write_downwards(self, sheet: Sheet, values: dict[str, Any]) -> None:
        """A sheet of single values: name, value and what it means, a line each."""
        page = self._book.add_worksheet(self._name(sheet))
        page.set_column(0, 0, _USUAL_WIDTH, self._head)
        page.set_column(1, 1, _WIDTHS["title"], self._text)
        page.set_column(2, 2, _NOTES_WIDTH, self._note)
        for row, key in enumerate(sheet.columns or ()):
            page.write_string(row, 0, _heading(sheet, key, self._locale))
            self._write(page, row, 1, self._choice(key, values.get(key)))
            page.write_string(row, 2, self._meaning(sheet, key))

    def write_list(self, sheet: Sheet, records: Sequence[dict[str, Any]]) -> None:
        """A sheet with a row a record, its headings in sight, a note on each."""
        page = self._book.add_worksheet(self._name(sheet))
        page.freeze_panes(1, 2)
        for column, key in enumerate(sheet.columns or ()):
            width = _SCRIPT_WIDTH if key.startswith("script.") else _WIDTHS.get(key, _USUAL_WIDTH)
            page.set_column(column, column, width, self._text)
            page.write_string(0, column, _heading(sheet, key, self._locale), self._head)
            page.write_comment(0, column, self._meaning(sheet, key))
            if choices := self._choices(sheet, key):
                page.data_validation(1, column, MOST_LISTED, column, {"validate": "list", "source": choices})
            for row, record in enumerate(records, start=1):
                self._write(page, row, column, self._choice(key, _at(record, key)))

    def write_rows(self, sheet: Sheet, rows: Sequence[Sequence[Any]]) -> None:
        """A sheet as it stands."""
        page = self._book.add_worksheet(self._name(sheet))
        for row, values in enumerate(rows):
            for column, value in enumerate(values):
                self._write(page, row, column, value)

    def _write(self, page: Any, row: int, column: int, value: Any) -> None:
        cell = _cell(value)
        if isinstance(cell, str):
            page.write_string(row, column, cell, self._text)
        elif cell is not None:
            page.write_number(row, column, cell, self._text)

    def _choice(self, key: str, value: Any) -> Any:
        """What is chosen from a list, in the reader's words; any other value as it is."""
        if isinstance(value, bool):
            return self._flags[not value]
        return self._role(value) if key == "role" and value else value

    def _choices(self, sheet: Sheet, key: str) -> list[str] | str | None:
        if sheet is not ITEMS:
            return None
        if key == "host":
            return f"='{self._name(HOSTS)}'!$A$2:$A$100"
        return {"role": [self._role(role) for role in Role], "encore": self._flags}.get(key)

    @property
    def _flags(self) -> list[str]:
        return ["yes", "no"] if self._locale == "en" else ["是", "否"]

    def _role(self, role: str) -> str:
        return role if self._locale == "en" else f"{i18n.say(self._locale, f'role.{role}').removesuffix('款')}款"

    def _name(self, sheet: Sheet) -> str:
        return _in_language(sheet.names, self._locale)

    def _meaning(self, sheet: Sheet, key: str) -> str:
        return i18n.say(self._locale, f"column.{'.'.join((*map(str, sheet.path), key))}")


def _heading(sheet: Sheet, key: str, locale: str) -> str:
    assert sheet.columns is not None  # noqa: S101  # a sheet whose headings are all its own has none to look up
    return _in_language((key.rpartition(".")[2], *sheet.columns[key].split()), locale)


def _in_language(names: Sequence[str], locale: str) -> str:
    """Of a name in English and then in Chinese, simplified before traditional, the one to write."""
    chinese = [name for name in names if not name.isascii()]
    at = min(("zh-Hans", "zh-Hant").index(locale), len(chinese) - 1) if locale != "en" else 0
    return names[0] if locale == "en" else chinese[at]


def _at(record: dict[str, Any], key: str) -> Any:
    """The value at the end of a dotted key; None where there is none."""
    value: Any = record
    for step in key.split("."):
        value = (value or {}).get(step)
    return value


def _cell(value: Any) -> str | float | None:
    """A value as the workbook's reader understands it."""
    match value:
        case None | str() | int() | float():
            return value
        case datetime():
            return value.isoformat()
        case dict():
            return ", ".join(f"{name} {figure}" for name, figure in value.items())
        case _:
            return "\n".join(value) if value and isinstance(value[0], str) else ", ".join(map(str, value))
