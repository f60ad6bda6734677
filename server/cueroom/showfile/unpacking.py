"""What a workbook becomes when it is read, found before a reader is given it: a reader takes memory for every cell up
to the farthest one in use, and where there is not so much, the whole process ends."""

import re
from collections.abc import Iterator
from functools import reduce
from typing import IO, BinaryIO, NamedTuple
from zipfile import ZipFile, is_zipfile

_BOOK = "xl/workbook.xml"
_READ_AT_ONCE = 1 << 20
_COLUMN = re.compile(rb"""\br=["']([A-Z]{1,3})[0-9]""")
_ROW = re.compile(rb"""\br=["'][A-Z]{0,3}([0-9]{1,7})["']""")


class Unpacked(NamedTuple):
    """`bytes`: all parts together; `cells`: what the largest sheet spans, up to the farthest cell in use."""

    bytes: int
    cells: int


def unpacked(file: BinaryIO, most_bytes: int) -> Unpacked | None:
    """How large the workbook becomes; None where it is a zip of another kind, or cannot be looked into. Its cells are
    looked for only where its bytes are not too many; of what is no zip nothing is known, and the reader says so."""
    if not is_zipfile(file):
        return Unpacked(0, 0)
    try:
        return _look_into(file, most_bytes)
    except Exception:  # broken, locked or packed in a way of its own: there is no end of causes
        return None


def _look_into(file: BinaryIO, most_bytes: int) -> Unpacked | None:
    with ZipFile(file) as archive:
        parts = archive.infolist()
        size = sum(part.file_size for part in parts)
        if size > most_bytes:
            return Unpacked(size, 0)
        if _BOOK not in map(str.lower, archive.namelist()):  # some programs write it in capitals
            return None
        return Unpacked(size, max(_span(archive.open(part)) for part in parts))


def _span(part: IO[bytes]) -> int:
    """Rows times columns, as far as the references of cells and rows in that part go."""
    rows, columns = 0, 0
    for tags in _whole_tags(part):
        rows = max([rows, *map(int, set(_ROW.findall(tags)))])
        columns = max([columns, *map(column_number, set(_COLUMN.findall(tags)))])
    return rows * columns


def _whole_tags(part: IO[bytes]) -> Iterator[bytes]:
    """The part piece by piece, cut only where a tag begins."""
    rest = b""
    while block := part.read(_READ_AT_ONCE):
        rest += block
        cut = max(rest.rfind(b"<"), 0)
        yield rest[:cut]
        rest = rest[cut:]
    yield rest


def column_number(letters: bytes) -> int:
    """The number of a column, counted from 1: A … Z, AA …"""
    return reduce(lambda number, letter: number * 26 + letter - ord("A") + 1, letters, 0)
