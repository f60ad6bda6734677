"""The columns of a pool file: their headings, how each cell is read, and what is right where it is wrong."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from babel.numbers import get_currency_precision

from cueroom.showfile.fields import ITEM, MOST_UNITS, Reading, Wrong, number, text, whole
from cueroom.showfile.workbook import Sheet

POOL = Sheet(
    ("products", "商品"),
    ("pool",),
    True,
    {
        "sku": "货号 貨號 商品编号 商品編號",
        "name": "名称 名稱 商品 商品名称 商品名稱",
        "category": "类目 類目 品类 品類 分类 分類",
        "tags": "品牌标签 品牌標籤 标签 標籤",
        "price": "价格 價格 单价 單價",
        "commission": "佣金率 佣金",
        "margin": "毛利率 毛利",
        "stock": "库存 庫存",
        "ship_48h": "48小时发货 48小時發貨",
        "rating": "评分 評分",
        "ratings": "评分数 評分數 评价数 評價數",
        "sex": "性别 性別",
        "ages": "年龄段 年齡段 年龄 年齡",
        "supplier": "供应商 供應商",
    },
)
"""Chinese headings, simplified and traditional; the key is the English one."""

REQUIRED = ("sku", "name", "category", "price", "stock")

AGES = ("0-17", "18-23", "24-30", "31-40", "41-50", "51+")
"""The age bands by which fans and products are told apart."""

MOST_TAGS = 50
_LONGEST_NAME = 64
_BEST_RATING = 5
_SEXES = {
    **dict.fromkeys(("female", "f", "女", "女性"), "female"),
    **dict.fromkeys(("male", "m", "男", "男性"), "male"),
    **dict.fromkeys(("all", "不限", "通用"), ""),
}
_MAJOR = ("元", "圆", "圓", "yuan", "major")
_MINOR = ("", "分", "fen", "minor", "cents")


class Column(NamedTuple):
    """A column of a file: its key, its heading as it stands there, how its cells are read, and its place from 0."""

    key: str
    heading: str
    read: Reading
    place: int


def column_of(key: str, heading: str, place: int, currency: str) -> Column | Wrong:
    """The column under a heading; what stands in brackets after it is its unit."""
    unit = "".join(re.findall(r"[(（]([^)）]*)", heading)).strip().lower()
    if key == "price" and unit not in _MINOR:
        if unit not in (*_MAJOR, currency.lower()):
            known = ", ".join((*_MINOR[1:], *_MAJOR, currency))
            return Wrong(f"in one of the units {known}", "unit", {"units": known})
        return Column(key, heading, _in_major_units(get_currency_precision(currency)), place)
    if key in _SHARES and unit == "%":
        return Column(key, heading, _in_hundredths, place)
    return Column(key, heading, _READINGS[key], place)


def plain(cell: Any) -> str:
    """A cell as text; every number of a workbook is a fraction, those that are whole become so again."""
    return str(int(cell) if isinstance(cell, float) and cell.is_integer() else cell).strip()


def _of_text(read: Reading) -> Reading:
    return lambda cell: read(plain(cell))


def _figure(cell: Any) -> Decimal | None:
    """The number a person wrote, with or without commas between thousands."""
    try:
        figure = Decimal(re.sub(r"(?<=\d)[,，](?=\d{3})", "", plain(cell)))
    except InvalidOperation:
        return None
    return figure if figure.is_finite() else None


def _of_whole(read: Reading) -> Reading:
    def read_cell(cell: Any) -> Any:
        figure = _figure(cell)
        return read(int(figure) if figure is not None and figure == figure.to_integral_value() else cell)

    return read_cell


def _in_major_units(decimals: int) -> Reading:
    def read_cell(cell: Any) -> Any:
        figure = _figure(cell)
        return _price(figure.scaleb(decimals) if figure is not None else cell)

    return read_cell


def _of_number(read: Reading) -> Reading:
    def read_cell(cell: Any) -> Any:
        figure = _figure(cell)
        return read(cell if figure is None else float(figure))

    return read_cell


def _share(cell: Any) -> Any:
    """A part of the price: 0.2 or 20%."""
    written = plain(cell)
    return _in_hundredths(written.rstrip("%％")) if written.endswith(("%", "％")) else _part(cell)


def _in_hundredths(cell: Any) -> Any:
    figure = _figure(plain(cell).rstrip("%％"))
    return _part(cell if figure is None else figure / 100)


def _part(cell: Any) -> Any:
    read = _of_number(number(0, 1, "the price's parts"))(cell)
    return Wrong("a part of the price from 0 to 1, or with %", "share") if isinstance(read, Wrong) else read


def _names(cell: Any) -> list[str]:
    names = (name.strip() for name in re.split(r"[,，、;；|\n]", plain(cell)))
    return [name for name in names if name]


def _tags(cell: Any) -> Any:
    tags = frozenset(_names(cell))
    if len(tags) <= MOST_TAGS and all(len(tag) <= _LONGEST_NAME for tag in tags):
        return tags
    return Wrong(f"at most {MOST_TAGS} tags of 1 to {_LONGEST_NAME} characters", "tags", {"most": MOST_TAGS})


def _ages(cell: Any) -> Any:
    ages = frozenset(re.sub(r"[–—~～至]", "-", name).removesuffix("岁").removesuffix("歲") for name in _names(cell))
    known = ", ".join(AGES)
    return ages if ages <= set(AGES) else Wrong(f"some of {known}", "some_of", {"names": known})


def _sex(cell: Any) -> Any:
    sex = _SEXES.get(plain(cell).lower())
    return Wrong("female 女, male 男 or all 不限", "sex") if sex is None else sex


_price = _of_whole(ITEM["price"].read)
_SHARES = ("commission", "margin")
_READINGS: Mapping[str, Callable[[Any], Any]] = {
    "sku": _of_text(ITEM["sku"].read),
    "name": _of_text(ITEM["name"].read),
    "category": _of_text(text(_LONGEST_NAME)),
    "tags": _tags,
    "price": _price,
    "commission": _share,
    "margin": _share,
    "stock": _of_whole(whole(0, MOST_UNITS, "units")),
    "ship_48h": _of_whole(ITEM["ship_48h"].read),
    "rating": _of_number(number(0, _BEST_RATING, "points")),
    "ratings": _of_whole(whole(0, MOST_UNITS, "people")),
    "sex": _sex,
    "ages": _ages,
    "supplier": _of_text(ITEM["supplier"].read),
}
