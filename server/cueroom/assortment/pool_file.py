"""The pool file: products out of a CSV file or a workbook, row by row, with every mistake at its place.

A file is read as it is asked for and never held whole: what stays in memory is a row, the SKUs seen so far and the
first mistakes. A workbook's cells are held by its reader, since a zip has no rows.
"""

import codecs
import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO, NamedTuple

import msgspec
from python_calamine import CalamineError, CalamineWorkbook

from cueroom.assortment.candidates import Candidate
from cueroom.assortment.pool_columns import POOL, REQUIRED, Column, column_of
from cueroom.showfile import ZIP_MAGIC
from cueroom.showfile.cells import plain
from cueroom.showfile.fields import Wrong
from cueroom.showfile.rules import SHOWN
from cueroom.showfile.unpacking import unpacked
from cueroom.showfile.workbook import LONGEST_HEADING, headings_of, letters, plain_heading

MOST_PRODUCTS = 100_000
MOST_UNPACKED = 256 << 20
"""How large a workbook may become when it is read."""
MOST_CELLS = 8_000_000
"""What its largest sheet may span: as many products, of eighty columns."""
FLAWS_TOLD = 100
_READ_AT_ONCE = 1 << 20
_SEPARATORS = ",;\t"
_LONGEST_HEAD = 100_000


class Flaw(msgspec.Struct, frozen=True):
    """One thing that is wrong: in which line (from 1; 0: in the whole file) and cell, under which heading, what stands
    there, and by its code and figures what would be right (`flaw.CODE` of the catalogues, else `rule.CODE`)."""

    line: int
    code: str
    figures: Mapping[str, Any] = {}
    cell: str = ""
    heading: str = ""
    shown: str = ""


class _Row(NamedTuple):
    line: int
    cells: Sequence[Any]


class Unreadable(Exception):
    """The file cannot be read, or no further than this."""

    def __init__(self, line: int, code: str, **figures: Any) -> None:
        super().__init__(code)
        self.flaw = Flaw(line, code, figures)


class PoolFile:
    """A file of products that is being read. `rows` counts the rows so far; `flaws` has the first FLAWS_TOLD of the
    `flawed` things that are wrong; a row with any of them is left out."""

    def __init__(self, file: BinaryIO, currency: str) -> None:
        self.rows = 0
        self.flawed = 0
        self.flaws: list[Flaw] = []
        self._file = file
        self._currency = currency
        self._lines: dict[str, int] = {}

    def products(self) -> Iterator[Candidate]:
        """Every product that is told without a mistake, in the order of the file."""
        try:
            rows = _rows(self._file)
            head = next(rows, _Row(1, ()))
            columns = self._columns(head)
            for row in rows:
                if self.rows == MOST_PRODUCTS:
                    raise Unreadable(row.line, "pool_too_long", most=MOST_PRODUCTS)
                self.rows += 1
                product = self._product(columns, row) if self._fits(head, row) else None
                if product:
                    yield product
        except Unreadable as unreadable:
            self._tell(unreadable.flaw)

    def _tell(self, flaw: Flaw) -> None:
        self.flawed += 1
        if len(self.flaws) < FLAWS_TOLD:
            self.flaws.append(flaw)

    def _columns(self, head: _Row) -> list[Column]:
        known = headings_of(POOL.columns or {})
        columns: dict[str, Column] = {}
        for place, cell in enumerate(head.cells):
            heading = plain(cell)[:LONGEST_HEADING]
            key = known.get(plain_heading(heading).replace(" ", "_"))
            if not heading:
                continue
            column = _TWICE if key in columns else self._column(key, heading, place)
            if isinstance(column, Wrong):
                self._tell(_flaw(head, column, place, heading))
            else:
                columns[column.key] = column
        missing = [key for key in REQUIRED if key not in columns]
        if missing:
            raise Unreadable(head.line, "columns_missing", names=", ".join(map(_both_names, missing)))
        return list(columns.values())

    def _column(self, key: str | None, heading: str, place: int) -> Column | Wrong:
        return column_of(key, heading, place, self._currency) if key else _UNKNOWN_HEADING

    def _fits(self, head: _Row, row: _Row) -> bool:
        """Whether a row has a heading for all it holds; one comma too many, such as in 9,900, shifts its cells."""
        beyond = [place for place in range(len(head.cells), len(row.cells)) if plain(row.cells[place])]
        if beyond:
            self._tell(_flaw(row, _BEYOND, beyond[0], ""))
        return not beyond

    def _product(self, columns: Sequence[Column], row: _Row) -> Candidate | None:
        values: dict[str, Any] = {}
        flawed = self.flawed
        for key, heading, read, place in columns:
            cell = row.cells[place] if place < len(row.cells) else ""
            if cell == "" or plain(cell) == "":
                if key in REQUIRED:
                    self._tell(_flaw(row, _MISSING, place, heading))
                continue
            value = read(cell)
            if isinstance(value, Wrong):
                self._tell(_flaw(row, value, place, heading))
            else:
                values[key] = value
        if flawed < self.flawed:
            return None
        first = self._lines.setdefault(values["sku"], row.line)
        if first != row.line:
            place = next(column.place for column in columns if column.key == "sku")
            self._tell(_flaw(row, Wrong("its own", "not_unique", {"row": first}), place, ""))
            return None
        return Candidate(**values)


_UNKNOWN_HEADING = Wrong("a known heading", "unknown_heading")
_TWICE = Wrong("the only column of its kind", "heading_twice")
_MISSING = Wrong("given", "missing")
_BEYOND = Wrong("under a heading", "no_heading")


def _flaw(row: _Row, wrong: Wrong, place: int, heading: str) -> Flaw:
    shown = plain(row.cells[place])[:SHOWN] if place < len(row.cells) else ""
    return Flaw(row.line, wrong.code, wrong.figures, f"{letters(place)}{row.line}", heading, shown)


def _both_names(key: str) -> str:
    return f"{key} {(POOL.columns or {})[key].split()[0]}"


def _rows(file: BinaryIO) -> Iterator[_Row]:
    """The rows that hold anything, the headings first."""
    is_workbook = file.read(len(ZIP_MAGIC)) == ZIP_MAGIC
    file.seek(0)
    rows = _rows_of_workbook(file) if is_workbook else _rows_of_csv(file)
    return (row for row in rows if any(cell != "" for cell in row.cells))


def _rows_of_workbook(file: BinaryIO) -> Iterator[_Row]:
    size = unpacked(file, MOST_UNPACKED)
    if size is None:
        raise Unreadable(0, "encoding")
    if size.bytes > MOST_UNPACKED:
        raise Unreadable(0, "too_large", most_mb=MOST_UNPACKED >> 20)
    if size.cells > MOST_CELLS:
        raise Unreadable(0, "too_wide")
    file.seek(0)
    try:
        with CalamineWorkbook.from_filelike(file) as book:
            own = (name for name in book.sheet_names if name.strip().lower() in POOL.names)
            if not book.sheet_names:
                return
            sheet = book.get_sheet_by_name(next(own, book.sheet_names[0]))
            before = ("",) * (sheet.start or (0, 0))[1]
            for line, cells in enumerate(sheet.iter_rows(), start=1):
                yield _Row(line, (*before, *cells))
    except CalamineError as error:
        raise Unreadable(0, "no_workbook", error=str(error)) from error


def _rows_of_csv(file: BinaryIO) -> Iterator[_Row]:
    text = io.TextIOWrapper(file, _encoding_of(file), newline="")
    head = text.readline(_LONGEST_HEAD)
    text.seek(0)
    reader = csv.reader(text, delimiter=max(_SEPARATORS, key=head.count))
    line = 1
    try:
        for cells in reader:
            yield _Row(line, cells)
            line = reader.line_num + 1
    except csv.Error as error:
        raise Unreadable(line, "no_row", error=str(error)) from error
    finally:
        text.detach()


def _encoding_of(file: BinaryIO) -> str:
    """What Excel and its like write: UTF-8, or GB18030 on a Chinese computer."""
    for encoding in ("utf-8-sig", "gb18030"):
        if _can_be_read(file, codecs.getincrementaldecoder(encoding)()):
            return encoding
    raise Unreadable(0, "encoding")


def _can_be_read(file: BinaryIO, decoder: codecs.IncrementalDecoder) -> bool:
    file.seek(0)
    try:
        while content := file.read(_READ_AT_ONCE):
            decoder.decode(content)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    finally:
        file.seek(0)
    return True
