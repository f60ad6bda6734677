"""Laws of formulas: those that came to nothing are found, whatever spreadsheet wrote the file."""

import io
from zipfile import ZipFile

import pytest

from cueroom.showfile.formulas import without_result

BOOK = b'<workbook><sheets><x:sheet sheetId="1" r:id="rId7" name="A&amp;B"/></sheets></workbook>'


def book(sheet: str, target: str = "worksheets/sheet1.xml", named: bytes = BOOK) -> io.BytesIO:
    file = io.BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr("xl/workbook.xml", named)
        archive.writestr("xl/_rels/workbook.xml.rels", f'<Relationship Target="{target}" Id="rId7"/>')
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
    return file


@pytest.mark.parametrize(
    ("cell", "is_found"),
    [
        ('<c r="AB3" t="e"><v>#N/A</v></c>', True),
        ('<c r="AB3" t="e"><f>1/0</f><v>#DIV/0!</v></c>', True),
        ('<c r="AB3"><f>1+1</f><v></v></c>', True),
        ('<c s="4" r="AB3"><f>1+1</f></c>', True),
        ('<c r="AB3"><f t="shared" si="0"/><v/></c>', True),
        ('<c r="AB3"><f>1+1</f><v>2</v></c>', False),
        ('<c r="AB3" t="str"><f>IF(A1,"","")</f><v></v></c>', False),
        ('<c r="AB3"/>', False),
        ('<c r="AB3"><v>1</v></c>', False),
    ],
)
def test_an_error_and_a_formula_that_nobody_worked_out_have_no_result(cell: str, is_found: bool) -> None:
    sheet = f'<row r="3"><c r="A1" s="1"/>{cell}<c r="AC3"><f>1</f><v>1</v></c></row>'
    for target in ("worksheets/sheet1.xml", "/xl/worksheets/sheet1.xml"):
        assert without_result(book(sheet, target), ["A&B"]) == {"A&B": [(2, 27)] if is_found else []}


@pytest.mark.parametrize(
    "named", [b"", b"<sheet/>", b'<sheet name="\xff" r:id="rId7"/>', BOOK.replace(b"rId7", b"rId8")]
)
def test_a_sheet_that_cannot_be_found_has_none(named: bytes) -> None:
    assert without_result(book('<c r="A1" t="e"/>', named=named), ["A&B"]) == {"A&B": []}


@pytest.mark.parametrize(
    "sheet", ['<c r="A1"><f>' * 20_000, f"<f{'<c ' + 'a' * 200_000}/>", "<f<!--" + '<c r="A1">' * 20_000]
)
def test_what_never_ends_is_looked_at_only_once(sheet: str) -> None:
    """Once for each of its cells would take hours, in which the server does nothing else."""
    found = without_result(book(sheet), ["A&B"])["A&B"]
    assert len(found) == sheet.count("<f>")


def test_a_broken_file_has_none() -> None:
    assert without_result(io.BytesIO(b"PK"), ["A&B"]) == {}
