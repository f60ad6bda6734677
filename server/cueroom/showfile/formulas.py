"""Formulas of a workbook that came to nothing: an error such as #N/A, or no result because no spreadsheet has worked
them out. The workbook's reader gives an empty cell for both."""

import html
import re
from collections.abc import Collection, Mapping
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile

from cueroom.showfile.unpacking import column_number

Place = tuple[int, int]
"""Row and column of a cell, from 0."""

# None of these looks further than its own tag: in a file made to be slow there may be millions that never end.
_ATTRIBUTE = re.compile(rb"""(?<![\w:])([\w:]+)=["']([^"'<]*)["']""")
_CELL = re.compile(rb"<c\s")
_VALUE = re.compile(rb"<v[^<>]*>[^<]")
_REFERENCE = re.compile(rb"([A-Z]{1,3})([1-9][0-9]{0,6})")


def without_result(file: BinaryIO, sheets: Collection[str]) -> Mapping[str, list[Place]]:
    """Sheet → its formulas that came to nothing, for the sheets named; of a broken file, nothing."""
    try:
        with ZipFile(file) as book:
            related = _tags(book, "xl/_rels/workbook.xml.rels", "Relationship")
            targets = {tag.get("Id"): tag.get("Target", "") for tag in related}
            told = {
                tag.get("name"): targets.get(tag.get("r:id"), "") for tag in _tags(book, "xl/workbook.xml", "sheet")
            }
            return {name: _failed(book, told.get(name, "")) for name in sheets}
    except BadZipFile:
        return {}


def _tags(book: ZipFile, part: str, tag: str) -> list[dict[str, str]]:
    """The attributes of every such tag; none where there is no such part."""
    return [
        _attributes(found) for found in re.findall(rb"<(?:\w+:)?%s\s([^<>]*)>" % tag.encode(), _content(book, part))
    ]


def _content(book: ZipFile, part: str) -> bytes:
    return book.read(part) if part in book.namelist() else b""


def _attributes(tag: bytes) -> dict[str, str]:
    return {name.decode(): html.unescape(value.decode(errors="replace")) for name, value in _ATTRIBUTE.findall(tag)}


def _failed(book: ZipFile, target: str) -> list[Place]:
    content = _content(book, target.removeprefix("/") if target.startswith("/") else f"xl/{target}")
    if b"<f" not in content and b't="e"' not in content:  # most sheets have neither
        return []
    cells = (_cell(begun) for begun in _CELL.split(content)[1:])
    references = (_REFERENCE.fullmatch(told.get("r", "").encode()) for told, body in cells if _is_without(told, body))
    return [(int(match[2]) - 1, column_number(match[1]) - 1) for match in references if match]


def _cell(begun: bytes) -> tuple[dict[str, str], bytes]:
    """The attributes of a cell and what it holds, of the content from there to the next one."""
    head, _, rest = begun.partition(b">")
    return _attributes(head), b"" if head.endswith(b"/") else rest.partition(b"</c>")[0]


def _is_without(told: Mapping[str, str], body: bytes) -> bool:
    """Whether that cell has no result, though it should. A text may well be empty, as that of =IF(A1="","",A1)."""
    kind = told.get("t", "n")
    return kind == "e" or (kind != "str" and b"<f" in body and not _VALUE.search(body))
