"""The pool file: what people's files hold is understood, every mistake is told at its place, and nothing is held."""

import io
import re
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from cueroom.assortment.candidates import Candidate
from cueroom.assortment.pool_columns import POOL
from cueroom.assortment.pool_file import FLAWS_TOLD, PoolFile
from cueroom.i18n import LOCALES
from cueroom.showfile.book import empty_list

HEAD = "货号,名称,类目,价格,库存"


def read(content: bytes, currency: str = "CNY") -> tuple[list[Candidate], PoolFile]:
    file = PoolFile(io.BytesIO(content), currency)
    return list(file.products()), file


def read_text(text: str) -> tuple[list[Candidate], PoolFile]:
    return read(text.encode())


def workbook(rows: Sequence[Sequence[Any]], sheet: str = "商品", at: tuple[int, int] = (0, 0)) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        page = book.add_worksheet(sheet)
        for line, cells in enumerate(rows):
            page.write_row(at[0] + line, at[1], cells)
    return content.getvalue()


def without_sheets() -> bytes:
    """A workbook that is one, and has no sheet to read."""
    content = io.BytesIO()
    with ZipFile(io.BytesIO(workbook([["x"]]))) as whole, ZipFile(content, "w") as archive:
        for name in whole.namelist():
            archive.writestr(name, re.sub(rb"<sheet .*?/>", b"", whole.read(name)))
    return content.getvalue()


def test_a_product_with_everything_that_can_be_said_of_it() -> None:
    (product,), file = read_text(
        "货号,名称,类目,品牌标签,价格(元),佣金率,毛利率(%),库存,48小时发货,评分,评分数,性别,年龄段,供应商\n"
        'V01,无线吸尘器,家电,"宠物,家居","1,299.50",20%,12.5,"20,000",15000,4.8,320,女,"18–23岁、24-30",华美电器\n'
    )

    assert product == Candidate(
        sku="V01",
        name="无线吸尘器",
        category="家电",
        tags=frozenset({"宠物", "家居"}),
        price=129_950,
        commission=0.2,
        margin=0.125,
        stock=20_000,
        ship_48h=15_000,
        rating=4.8,
        ratings=320,
        sex="female",
        ages=frozenset({"18-23", "24-30"}),
        supplier="华美电器",
    )
    assert not file.flaws


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_files_come_in_the_encodings_and_separators_of_the_field(encoding: str, separator: str) -> None:
    text = f"{HEAD}\nV01,面膜,美妆,9900,500\n".replace(",", separator)

    (product,), file = read(text.encode(encoding))

    assert (product.name, product.category, product.price) == ("面膜", "美妆", 9_900)
    assert not file.flaws


@pytest.mark.parametrize(
    ("heading", "currency", "written", "price"),
    [
        ("price", "CNY", "9900", 9_900),
        ("价格（分）", "CNY", "9900", 9_900),
        ("价格（元）", "CNY", "99", 9_900),
        ("price (yuan)", "CNY", "0.29", 29),
        ("price (USD)", "USD", "19.99", 1_999),
        ("price (JPY)", "JPY", "1980", 1_980),
    ],
)
def test_prices_are_in_minor_units_unless_the_heading_says_else(
    heading: str, currency: str, written: str, price: int
) -> None:
    (product,), _ = read(f"sku,name,category,stock,{heading}\nA,a,c,1,{written}\n".encode(), currency)

    assert product.price == price


def test_every_mistake_is_told_at_its_place_and_the_good_rows_are_taken() -> None:
    products, file = read_text(
        f"{HEAD},颜色,性别,年龄段,佣金率\n"
        "V01,面膜,美妆,99.5,500,红,,,\n"
        "V02,,美妆,9900,很多,红,狗,少年,35\n"
        "\n"
        "V03,杯子,家居,9900,500,红,男,,0.3\n"
        "V03,杯子,家居,9900,500,红,男,,0.3\n"
    )

    assert [product.sku for product in products] == ["V03"]
    assert [(flaw.cell, flaw.code) for flaw in file.flaws] == [
        ("F1", "unknown_heading"),
        ("D2", "money"),
        ("B3", "missing"),
        ("E3", "whole"),
        ("G3", "sex"),
        ("H3", "some_of"),
        ("I3", "share"),
        ("A6", "not_unique"),
    ]
    assert file.flaws[1].shown == "99.5"
    assert file.flaws[-1].figures == {"row": 5}
    assert (file.rows, file.flawed) == (4, 8)


@pytest.mark.parametrize("written", ["1e999999999", "-1e999999999", "1e-999999999", "nan", "inf", "1_000", "９" * 50])
@pytest.mark.parametrize("heading", ["价格", "库存", "佣金率(%)", "佣金率", "评分"])
def test_no_figure_is_too_strange_to_be_told(heading: str, written: str) -> None:
    figures = {"价格": "1", "库存": "1", heading: written}
    products, file = read_text(f"货号,名称,类目,{','.join(figures)}\nA,a,c,{','.join(figures.values())}\n")

    assert len(products) + len(file.flaws) == 1


def test_of_many_mistakes_the_first_are_told_and_all_are_counted() -> None:
    _, file = read_text(HEAD + "\n" + "V,面膜,美妆,?,500\n" * 250)

    assert (len(file.flaws), file.flawed) == (FLAWS_TOLD, 250)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "columns_missing"),
        ("货号,名称\nV01,面膜\n".encode(), "columns_missing"),
        (b"PK\x03\x04 no workbook at all", "no_workbook"),
        (without_sheets(), "columns_missing"),
        ("货号,名称\n".encode("utf-16"), "encoding"),
        (f'{HEAD}\n"{"x" * 200_000}'.encode(), "no_row"),
    ],
)
def test_what_cannot_be_read_is_told_in_words(content: bytes, code: str) -> None:
    products, file = read(content)

    assert not products
    assert [flaw.code for flaw in file.flaws] == [code]


def test_a_workbook_says_the_same_as_a_csv_file() -> None:
    rows: list[list[Any]] = [HEAD.split(","), [1001, "面膜", "美妆", 9900, 500], ["V02", "杯子", "家居", "x", 500]]

    (product,), file = read(workbook(rows, at=(2, 1)))

    assert (product.sku, product.price, product.stock) == ("1001", 9_900, 500)
    assert [(flaw.cell, flaw.code) for flaw in file.flaws] == [("E5", "money")]


def test_a_second_column_for_the_same_is_told_and_not_read() -> None:
    (product,), file = read_text(f"{HEAD},价格(元)\nV01,面膜,美妆,9900,500,1\n")

    assert product.price == 9_900
    assert [(flaw.cell, flaw.code) for flaw in file.flaws] == [("F1", "heading_twice")]


def test_an_id_that_its_program_took_for_a_number_and_cut_is_told() -> None:
    rows: list[list[Any]] = [HEAD.split(","), [3_601_234_567_890_123_456, "面膜", "美妆", 9900, 500]]

    products, file = read(workbook(rows))

    assert not products
    assert [(flaw.cell, flaw.code) for flaw in file.flaws] == [("A2", "digits_lost")]


def test_an_id_that_a_spreadsheet_wrote_short_is_told() -> None:
    products, file = read_text(f"{HEAD}\n3.60123E+18,面膜,美妆,9900,500\n1.5E+3,杯子,家居,9900,500\n")

    assert [product.sku for product in products] == ["1.5E+3"]
    assert [(flaw.cell, flaw.code) for flaw in file.flaws] == [("A2", "digits_lost")]


def test_a_comma_too_many_shifts_no_figure_into_the_next_column() -> None:
    products, file = read_text(f"{HEAD}\nV01,面膜,美妆,9,900,500\nV02,杯子,家居,9900,500,,\n")

    assert [(product.sku, product.price) for product in products] == [("V02", 9_900)]
    assert [(flaw.cell, flaw.code) for flaw in file.flaws] == [("F2", "no_heading")]


def test_a_stray_cell_in_the_farthest_corner_of_a_workbook_is_told_before_memory_is_taken_for_it() -> None:
    products, file = read(workbook([["x"]], at=(1_048_575, 16_383)))

    assert not products
    assert [flaw.code for flaw in file.flaws] == ["too_wide"]


@pytest.mark.parametrize("locale", LOCALES)
def test_the_template_s_headings_are_understood(locale: str) -> None:
    products, file = read(empty_list(POOL, locale))

    assert not products
    assert not file.flaws


@given(st.text(max_size=300))
def test_whatever_a_file_says_the_answer_is_products_and_flaws(text: str) -> None:
    products, file = read_text(f"{HEAD}\n{text}")

    assert file.rows <= len(products) + file.flawed


def test_a_large_file_is_read_without_being_held(tmp_path: Path) -> None:
    path = tmp_path / "pool.csv"
    with path.open("w") as file:
        file.write(f"{HEAD}\n")
        file.writelines(f"P{at:06},{'名' * 200},家电,9900,500\n" for at in range(20_000))

    with path.open("rb") as content:
        tracemalloc.start()
        count = sum(1 for _ in PoolFile(content, "CNY").products())
        _, peak_bytes = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert count == 20_000
    assert peak_bytes < path.stat().st_size / 2
