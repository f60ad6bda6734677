"""Laws of the workbook: it says the same as TOML, and its problems name the cell."""

import io
from datetime import datetime
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from cueroom import showfile
from cueroom.show.rundown import Rundown
from cueroom.showfile import Problem, workbook
from cueroom.showfile.book import template
from cueroom.showfile.rules import check

Rows = list[list[Any]]
Sheets = dict[str, Rows]

TOML = """
[show]
id = "launch-0630"
title = "宠粉首播"
starts_at = 2026-11-22T20:00:00+08:00
duration_min = 175
currency = "CNY"
goal = 1_000_000_000
locale = "zh-Hans"
hosts = [{ id = "lead", name = "主播" }, { id = "7", name = "嘉宾" }]

[[items]]
sku = "101"
name = "无线吸尘器"
role = "hot"
price = 9900
stock = 20000
batches = [5000, 5000, 10000]
minutes = 9.5
share = 0.08
host = "7"
encore = false
[items.script]
intro = "大吸力"
benefit = "前一百名送滤芯"

[[items]]
sku = "V02"
name = "面膜"
price = 100
stock = 50
"""
SHOW: Rows = [
    ["场次号", "launch-0630"],
    ["标题", "宠粉首播"],
    ["开播时间", "2026-11-22T20:00:00+08:00"],
    ["时长（分钟）", 175],
    ["币种", "CNY"],
    ["目标(分)", 1_000_000_000],
    ["语言", "zh-Hans"],
]
HOSTS: Rows = [["编号", "名字"], ["lead", "主播"], [7, "嘉宾"]]
ITEMS: Rows = [
    ["货号", "名称", "角色", "价格(分)", "库存", "分批", "时长", "占比", "主播", "返场", "产品介绍", "福利"],
    [101, "无线吸尘器", "爆款", 9900, 20000, "5000，5000，10000", 9.5, 0.08, 7, "否", "大吸力", "前一百名送滤芯"],
    ["V02", "面膜", "", 100, 50, "", "", "", "", "", "", ""],
]
ENGLISH: Sheets = {
    "Show": [list(column) for column in zip(*SHOW, strict=True)],
    "hosts": HOSTS,
    "Items": [
        ["sku", "name", "role", "price", "stock", "batches", "minutes", "share", "host", "encore", "intro", "benefit"],
        *ITEMS[1:],
    ],
}


def test_a_workbook_that_swells_when_it_is_read_is_not_read() -> None:
    content = io.BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (workbook.MOST_UNPACKED + 1))
    problems = showfile.parse(content.getvalue())
    assert isinstance(problems, list)
    assert "more than 64 MB" in str(problems[0])


def saved(path: Path, sheets: Sheets) -> Path:
    book = xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd hh:mm"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    book.close()
    return path


@pytest.fixture
def from_toml() -> Rundown:
    rundown = showfile.parse(TOML.encode())
    assert isinstance(rundown, Rundown)
    return rundown


def problems(sheets: Sheets) -> list[str]:
    checked = check(workbook.from_sheets(sheets))
    assert isinstance(checked, list), checked
    return [str(problem) for problem in checked]


def test_a_workbook_with_chinese_headings_says_the_same_as_toml(tmp_path: Path, from_toml: Rundown) -> None:
    path = saved(tmp_path / "show.xlsx", {"场次": SHOW, "主播": HOSTS, "商品": ITEMS, "备忘": [["随便"]]})
    assert showfile.read(path) == from_toml


def test_a_workbook_with_english_headings_says_the_same_as_toml(tmp_path: Path, from_toml: Rundown) -> None:
    assert showfile.read(saved(tmp_path / "show.xlsx", ENGLISH)) == from_toml


def test_problems_name_sheet_and_cell() -> None:
    rows = [list(row) for row in ITEMS]
    rows[1][3] = 99.5
    rows[2][1] = ""
    assert [problem.split(":")[0] for problem in problems({"场次": SHOW, "主播": HOSTS, "商品": rows})] == [
        "商品!D2",
        "商品!B3",
    ]


def test_a_missing_column_is_told_once() -> None:
    rows = [row[:3] + row[4:] for row in ITEMS]
    (problem,) = problems({"场次": SHOW, "主播": HOSTS, "商品": rows})
    assert problem.startswith("商品!A1: price is missing")


@pytest.mark.parametrize("form", ["{}", "{:,}", " {} "])
def test_a_number_that_was_saved_as_text_is_one(form: str) -> None:
    rows = [list(row) for row in ITEMS]
    for row in rows[1:]:
        row[3] = form.format(row[3])
    assert workbook.from_sheets({"商品": rows}).data == workbook.from_sheets({"商品": ITEMS}).data


def test_an_unknown_heading_is_told_once_with_the_one_it_resembles() -> None:
    rows = [[*row, "x"] for row in ITEMS]
    rows[0][-1] = "粉丝互动话术"
    assert problems({"场次": SHOW, "主播": HOSTS, "商品": rows}) == [
        '商品!M1: "粉丝互动话术" is unknown; did you mean 粉丝互动?'
    ]


def test_an_unknown_heading_like_no_other_is_told_with_those_of_its_script() -> None:
    rows = [[*row, "x"] for row in ITEMS]
    rows[0][-1] = "负责人"
    (problem,) = problems({"场次": SHOW, "主播": HOSTS, "商品": rows})
    assert problem.startswith('商品!M1: "负责人" is unknown; known are 货号, 名称, 角色, 价格, 库存, 分批, 时长,')
    assert problem.endswith("产品介绍, 产品体验, 营销玩法, 福利, 粉丝互动")


def test_a_title_may_stand_above_the_headings(tmp_path: Path, from_toml: Rundown) -> None:
    titled: Rows = [["11.22 排品表（终版3）"], [], *([*row] for row in ITEMS)]
    assert showfile.read(saved(tmp_path / "show.xlsx", {"场次": SHOW, "主播": HOSTS, "商品": titled})) == from_toml
    titled[3][3] = 99.5
    assert problems({"场次": SHOW, "主播": HOSTS, "商品": titled})[0].startswith("商品!D4: ")


def hosted_by(host: object, hosts: Rows) -> Any:
    """What the first item's host is read as."""
    rows = [list(row) for row in ITEMS]
    rows[1][8] = host
    return workbook.from_sheets({"主播": hosts, "商品": rows}).data["items"][0]["host"]


def test_an_item_may_call_its_host_by_name() -> None:
    assert hosted_by("嘉宾", HOSTS) == "7"
    assert hosted_by("7", HOSTS) == "7"
    assert hosted_by("小王", HOSTS) == "小王"


def test_an_id_goes_before_a_name_and_a_name_that_two_hosts_have_is_nobodys() -> None:
    assert hosted_by("lead", [*HOSTS, ["g2", "lead"]]) == "lead"
    assert hosted_by("嘉宾", [*HOSTS, ["g2", "嘉宾"]]) == "嘉宾"


@pytest.mark.parametrize(("mark", "meant"), [("√", True), ("✓", True), ("×", False), ("✗", False)])
def test_a_tick_is_yes_and_a_cross_is_no(mark: str, meant: bool) -> None:
    rows = [list(row) for row in ITEMS]
    rows[1][9] = mark
    assert workbook.from_sheets({"商品": rows}).data["items"][0]["encore"] is meant


def test_two_columns_about_the_same_are_told() -> None:
    rows = [[*row, row[3]] for row in ITEMS]
    rows[0][-1] = "price"
    assert problems({"场次": [*SHOW, ["goal", 5]], "主播": HOSTS, "商品": rows}) == [
        '场次!A8: "goal" is about the same as 场次!A6; keep one of the two',
        '商品!M1: "price" is about the same as 商品!D1; keep one of the two',
    ]


@pytest.mark.parametrize("heading", ["价格(元)", "价格（¥）", "Price (yuan)", "單價(萬元)"])
def test_money_in_major_units_is_not_taken_for_minor_ones(heading: str) -> None:
    rows = [[*ITEMS[0][:3], heading, *ITEMS[0][4:]], *ITEMS[1:]]
    assert problems({"场次": SHOW, "主播": HOSTS, "商品": rows})[0] == (
        f'商品!D1: "{heading}" must be in minor units (分), such as 9900 for 99.00'
    )


@pytest.mark.parametrize("sku", [3_601_234_567_890_123_456, datetime(2026, 3, 12), True])
def test_an_id_that_its_program_took_for_something_else_is_told(tmp_path: Path, sku: object) -> None:
    rows = [list(row) for row in ITEMS]
    rows[1][0] = sku
    checked = showfile.read(saved(tmp_path / "show.xlsx", {"场次": SHOW, "主播": HOSTS, "商品": rows}))
    assert isinstance(checked, list)
    assert [problem.place for problem in checked] == ["商品!A2"]


def test_spaces_around_what_is_one_line_do_not_count() -> None:
    shows = [[row[0], f" {row[1]} " if isinstance(row[1], str) else row[1]] for row in SHOW]
    rows = [list(row) for row in ITEMS]
    rows[1][2] = "爆款 "
    sheets: Sheets = {"场次": SHOW, "主播": HOSTS, "商品": ITEMS}
    assert check(workbook.from_sheets({**sheets, "场次": shows, "商品": rows})) == check(workbook.from_sheets(sheets))


def merged(path: Path, column: int, value: object) -> Rundown | list[Problem]:
    """What is read where one cell of that column stands for the rows of both items."""
    book = xlsxwriter.Workbook(path)
    for name, rows in {"场次": SHOW, "主播": HOSTS, "商品": ITEMS}.items():
        sheet = book.add_worksheet(name)
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    sheet.merge_range(1, column, 9, column, value)
    book.close()
    return showfile.read(path)


def test_a_merged_cell_tells_the_host_of_every_item_beside_it(tmp_path: Path) -> None:
    rundown = merged(tmp_path / "show.xlsx", 8, "7")
    assert isinstance(rundown, Rundown)
    assert [item.host for item in rundown.items] == ["7", "7"]


def test_a_merged_figure_belongs_to_no_item_and_is_told(tmp_path: Path) -> None:
    told = merged(tmp_path / "show.xlsx", 6, 9.5)
    assert isinstance(told, list)
    assert [str(problem) for problem in told] == [
        "商品!G3: is merged with the cell above it; give each row its own value"
    ]


def test_a_formula_without_a_result_is_no_empty_cell(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "show.xlsx")
    for name, rows in {"备忘": [["#N/A"]], "场次": SHOW, "主播": HOSTS, "商品": ITEMS}.items():
        sheet = book.add_worksheet(name)
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    sheet.write_formula("G2", "=VLOOKUP(A2,X:Y,2,0)", None, "#N/A")
    sheet.write_formula("E3", "=25*2", None, 50)
    sheet.write_formula("D9", "=1/0", None, "#DIV/0!")
    book.close()
    told = showfile.read(tmp_path / "show.xlsx")
    assert isinstance(told, list)
    assert [str(problem) for problem in told] == ["商品!G2: holds a formula without a result; write its value"]


def test_a_stray_cell_in_the_farthest_corner_is_told_before_memory_is_taken_for_it(tmp_path: Path) -> None:
    path = tmp_path / "show.xlsx"
    book = xlsxwriter.Workbook(path)
    book.add_worksheet("商品").write(1_048_575, 16_383, "x")
    book.close()
    checked = showfile.read(path)
    assert isinstance(checked, list)
    assert ["far below" in problem.message for problem in checked] == [True]


def test_a_date_cell_has_no_time_zone_and_is_told_so(tmp_path: Path) -> None:
    rows = [list(row) for row in SHOW]
    rows[2][1] = datetime(2026, 11, 22, 20)
    checked = showfile.read(saved(tmp_path / "show.xlsx", {"场次": rows, "主播": HOSTS, "商品": ITEMS}))
    assert isinstance(checked, list)
    assert [problem.place for problem in checked] == ["场次!B3"]
    assert "time zone" in checked[0].message


def test_blank_rows_between_the_items_do_not_count() -> None:
    blank = [""] * len(ITEMS[0])
    sheets: Sheets = {"场次": SHOW, "主播": HOSTS, "商品": [ITEMS[0], ITEMS[1], blank, ITEMS[2]]}
    assert check(workbook.from_sheets(sheets)) == check(workbook.from_sheets({**sheets, "商品": ITEMS}))


def test_columns_past_z_have_two_letters() -> None:
    heading, row = ["", *[""] * 26, "sku"], ["x", *[""] * 26, ""]
    draft = workbook.from_sheets({"items": [heading, row]})
    assert draft.places["items", 0, "sku"] == "items!AB2"


def test_a_broken_workbook_is_one_problem() -> None:
    checked = showfile.parse(b"PK\x03\x04 not a workbook")
    assert isinstance(checked, list)
    assert "workbook" in checked[0].message


@settings(derandomize=True)  # the same files in every run
@given(st.integers(0, 20_000), st.binary(max_size=12), st.integers(0, 12))
def test_whatever_is_broken_in_a_workbook_it_is_read_or_told(at: int, put: bytes, gone: int) -> None:
    whole = template("en")
    broken = whole[: at % len(whole)] + put + whole[at % len(whole) + gone :]
    assert isinstance(showfile.parse(broken), list)


@pytest.mark.parametrize("told", ["x" * 32_000, "price" + "(" * 32_000 + "元", "a" + " " * 32_000 + "b"])
def test_of_a_heading_as_long_as_a_cell_may_be_only_its_beginning_is_looked_at(told: str) -> None:
    problems = workbook.from_sheets({"items": [["sku", told], ["V1", 9900]]}).problems
    assert all(len(str(problem)) < 1_000 for problem in problems)
    assert bool(problems) is not told.startswith("price")


@pytest.mark.parametrize("column", ["batches", "stock", "price", "share", "minutes"])
def test_a_number_of_more_digits_than_anybody_counts_with_is_told(column: str) -> None:
    checked = check(workbook.from_sheets({"items": [["sku", column], ["V1", "9" * 5_000]]}))
    assert isinstance(checked, list)
    assert "items!B2" in {problem.place for problem in checked}


@pytest.mark.parametrize("content", [b"", b"not a workbook", TOML.encode()])
def test_a_file_called_xlsx_that_is_none_is_told_to_be_no_workbook(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "show.XLSX"
    path.write_bytes(content)
    checked = showfile.read(path)
    assert isinstance(checked, list)
    assert [problem.message.partition(":")[0] for problem in checked] == ["cannot be read as a workbook (.xlsx)"]


def test_the_policy_is_read_from_a_sheet_of_keys_and_values() -> None:
    draft = workbook.from_sheets({"策略": [["confidence", 0.8], ["ticks", 4.0]]})
    assert draft.data == {"policy": {"confidence": 0.8, "ticks": 4}}
    assert draft.places["policy", "ticks"] == "策略!B2"


@pytest.mark.parametrize(
    "rows",
    [
        [["off", "hold"]],
        [["off", "hold"], ["host_gap_s", 30]],
        [["off"], ["hold"]],
        [["off", "host_gap_s"], ["hold", 30]],
        [["next_confidence", "0.85"]],
    ],
)
def test_a_policy_of_a_line_or_two_is_read_as_it_lies(rows: Rows) -> None:
    policy = workbook.from_sheets({"策略": rows}).data["policy"]
    values = {"off": ["hold"], "host_gap_s": 30, "next_confidence": 0.85}
    assert policy
    assert policy == {key: values[key] for key in policy}
