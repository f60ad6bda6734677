"""Laws of what a workbook becomes: known before it is read, whatever the file is."""

import io
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from cueroom.showfile.unpacking import Unpacked, unpacked

MB = 1 << 20
CELL = b'<row r="1"><c r="A1"><v>1</v></c></row>'


def zipped(**parts: bytes) -> io.BytesIO:
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(f"xl/{name}.xml", content)
    return file


@pytest.mark.parametrize(
    ("sheet", "cells"),
    [
        (b"<sheetData/>", 0),
        (CELL, 1),
        (b'<row r="7"><c r="C7" t="s"><v>1</v></c></row>', 21),
        (CELL + b'<c s="1" r="XFD1048576"/>', 16_384 * 1_048_576),
        (CELL + b"<c r='AA2'/>", 54),
        (CELL + b'<row r="1000"><c><v>1</v></c></row>', 1_000),
        (b" " * (3 * MB) + CELL * 3 + b" " * (3 * MB) + b'<c r="B2"/>' + b" " * MB, 4),
    ],
)
def test_a_sheet_spans_what_lies_before_its_farthest_cell(sheet: bytes, cells: int) -> None:
    size = unpacked(zipped(workbook=b"", sheet1=CELL, sheet2=sheet), 64 * MB)
    assert size
    assert size.cells == max(cells, 1)


def test_a_cell_is_found_wherever_the_file_is_cut_for_reading() -> None:
    sheet = b"".join(b'<c r="%s%d"/>' % (b"ABCDEF"[at % 6 :][:1], at) for at in range(1, 100_000))
    assert len(sheet) > MB
    assert unpacked(zipped(workbook=b"", sheet1=sheet), 64 * MB) == Unpacked(len(sheet), 6 * 99_999)


def test_a_zip_of_another_kind_is_no_workbook() -> None:
    assert unpacked(zipped(content=CELL), MB) is None
    assert unpacked(zipped(Workbook=CELL), MB)


@pytest.mark.parametrize("content", [b"", b"PK", b"no zip", zipped(workbook=CELL * 99).getvalue()[:-30]])
def test_of_what_is_no_zip_nothing_is_known(content: bytes) -> None:
    assert unpacked(io.BytesIO(content), MB) == Unpacked(0, 0)


def test_a_zip_that_is_broken_is_no_workbook() -> None:
    content = zipped(workbook=b"", sheet1=CELL * 99).getvalue()
    at = content.index(b"xl/sheet1.xml") + len(b"xl/sheet1.xml")
    for broken in (content[:at] + b"\xff" * 8 + content[at + 8 :], content[9:]):
        assert unpacked(io.BytesIO(broken), MB) is None
