"""The columns of a pool file: their headings, how each cell is read, and what is right where it is wrong."""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from babel.numbers import get_currency_precision

from cueroom.assortment.cells import hundredths, money, names_in, of_number, of_text, of_whole, part
from cueroom.showfile.cells import plain
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

SEXES = ("female", "male")

MOST_TAGS = 50
LONGEST_NAME = 64
_BEST_RATING = 5
_SEX_NAMES = {
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
        return Column(key, heading, money(get_currency_precision(currency)), place)
    if key in _SHARES and unit == "%":
        return Column(key, heading, hundredths, place)
    return Column(key, heading, _READINGS[key], place)


def _tags(cell: Any) -> Any:
    named = frozenset(names_in(cell))
    if len(named) <= MOST_TAGS and all(len(tag) <= LONGEST_NAME for tag in named):
        return named
    return Wrong(f"at most {MOST_TAGS} tags of 1 to {LONGEST_NAME} characters", "tags", {"most": MOST_TAGS})


def _ages(cell: Any) -> Any:
    ages = frozenset(re.sub(r"[–—~～至]", "-", name).removesuffix("岁").removesuffix("歲") for name in names_in(cell))
    known = ", ".join(AGES)
    return ages if ages <= set(AGES) else Wrong(f"some of {known}", "some_of", {"names": known})


def _sex(cell: Any) -> Any:
    sex = _SEX_NAMES.get(plain(cell).lower())
    return Wrong("female 女, male 男 or all 不限", "sex") if sex is None else sex


_SHARES = ("commission", "margin")
_READINGS: Mapping[str, Callable[[Any], Any]] = {
    "sku": of_text(ITEM["sku"].read),
    "name": of_text(ITEM["name"].read),
    "category": of_text(text(LONGEST_NAME)),
    "tags": _tags,
    "price": of_whole(ITEM["price"].read),
    "commission": part,
    "margin": part,
    "stock": of_whole(whole(0, MOST_UNITS, "units")),
    "ship_48h": of_whole(ITEM["ship_48h"].read),
    "rating": of_number(number(0, _BEST_RATING, "points")),
    "ratings": of_whole(whole(0, MOST_UNITS, "people")),
    "sex": _sex,
    "ages": _ages,
    "supplier": of_text(ITEM["supplier"].read),
}
