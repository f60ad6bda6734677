"""The show file as a workbook: the same values in sheets, and the cell each of them stands in."""

import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from cueroom.showfile.cells import as_name, figure_of, plain
from cueroom.showfile.draft import Draft, Path, Problem
from cueroom.showfile.formulas import Place, without_result
from cueroom.showfile.policy import POLICY as THRESHOLDS
from cueroom.showfile.rules import nearest
from cueroom.showfile.unpacking import unpacked

Rows = Sequence[Sequence[Any]]
MOST_UNPACKED = 64 << 20
MOST_CELLS = 4_000_000
"""What a sheet may span, also one that is left alone: 64 MB hold no more."""
_TITLES = 3
"""Rows that may stand above the headings of a list, such as the name of the show."""
LONGEST_HEADING = 200
"""Characters of a heading that are looked at; a cell may hold as many as a file."""
_ACROSS = 2
"""Rows of a sheet of single values that has its headings side by side."""
Columns = Mapping[str, str]
"""Key → its Chinese headings, apart by spaces. The key itself is a heading too."""


class Sheet(NamedTuple):
    """A kind of sheet: its names, where its values go, and its columns (None: every heading is a key)."""

    names: tuple[str, ...]
    path: Path
    is_list: bool
    columns: Columns | None


SHOW = Sheet(
    ("show", "场次", "場次"),
    ("show",),
    False,
    {
        "id": "场次号 場次號 编号 編號",
        "title": "标题 標題 场次名称 場次名稱",
        "starts_at": "开播时间 開播時間 开始时间 開始時間",
        "duration_min": "时长 時長",
        "currency": "币种 幣種",
        "goal": "目标 目標 GMV目标 GMV目標",
        "locale": "语言 語言",
        "theme": "主题 主題",
        "warm_up": "预热 預熱",
        "papers": "资质 資質",
    },
)
ITEMS = Sheet(
    ("items", "商品"),
    ("items",),
    True,
    {
        "sku": "货号 貨號 商品编号 商品編號",
        "name": "名称 名稱 商品 商品名称 商品名稱 品名",
        "role": "角色 款型 类型 類型",
        "price": "价格 價格 单价 單價",
        "stock": "库存 庫存",
        "batches": "分批 批次",
        "minutes": "时长 時長 讲解时长 講解時長 讲解分钟 講解分鐘",
        "min_minutes": "最短时长 最短時長",
        "share": "占比 佔比",
        "host": "主播",
        "encore": "返场 返場",
        "ship_48h": "48小时发货 48小時發貨 48小时可发 48小時可發",
        "supplier": "供应商 供應商",
        "category": "类目 類目",
        "expected_per_min": "预期首分钟件数 預期首分鐘件數",
        "expected_within": "预期误差倍数 預期誤差倍數",
        "half_life_s": "销速半衰期 銷速半衰期",
        "script.intro": "intro 产品介绍 產品介紹 介绍 介紹",
        "script.experience": "experience 产品体验 產品體驗 体验 體驗",
        "script.promotion": "promotion 营销玩法 行銷玩法 玩法",
        "script.benefit": "benefit 福利",
        "script.interaction": "interaction 粉丝互动 粉絲互動 互动 互動",
    },
)
HOSTS = Sheet(("hosts", "主播"), ("show", "hosts"), True, {"id": "编号 編號", "name": "名字 姓名 主播"})
POLICY = Sheet(("policy", "策略"), ("policy",), False, None)
_SHARED = ("name", "role", "host", "encore", "supplier", "category", "script")
"""What a merged cell says of all the items beside it; a figure it cannot, for whose it is nobody knows."""
_MONEY = ("price", "goal")
_MAJOR_UNITS = re.compile(r"[(（].*(元|圆|圓|yuan|major|¥|￥)", re.IGNORECASE)


def draft(content: bytes) -> Draft | Problem:
    """The workbook's values, or the one thing that keeps it from being read at all."""
    size = unpacked(io.BytesIO(content), MOST_UNPACKED)
    if size is None:
        return Problem("the file", "cannot be read as a workbook (.xlsx): save it as one")
    if size.bytes > MOST_UNPACKED:
        return Problem("the file", f"holds more than {MOST_UNPACKED >> 20} MB; a show's workbook is far smaller")
    if size.cells > MOST_CELLS:
        far = "has a sheet with something far below or far to the right of everything else"
        return Problem("the file", f"{far}: delete the rows and columns that look empty")
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            kinds = {name: kind for name in book.sheet_names if (kind := _sheet_called(name))}
            failed = without_result(io.BytesIO(content), kinds)
            sheets = {name: _rows(book.get_sheet_by_name(name), kind) for name, kind in kinds.items()}
            for name, rows in sheets.items():
                _mark(rows, failed.get(name, ()))
    except CalamineError as error:
        return Problem("the file", f"cannot be read as a workbook (.xlsx): {error}")
    return from_sheets(sheets)


class Merged(NamedTuple):
    """A cell that is covered by a merged one above it, and what stands there."""

    value: Any


class Failed(NamedTuple):
    """A cell with a formula that came to nothing."""

    def __str__(self) -> str:
        return "=…"


def _mark(rows: list[list[Any]], failed: Sequence[Place]) -> None:
    """Says of each formula that came to nothing that it did, in rows that hold anything else: many are drawn down
    past the last one."""
    held = [any(value != "" for value in row) for row in rows]
    for at, column in failed:
        if at < len(rows) and held[at] and column < len(rows[at]):
            rows[at][column] = Failed()


def _rows(sheet: CalamineSheet, kind: Sheet) -> list[list[Any]]:
    """What is in a sheet's cells. In a list's rows that hold anything, the cells under a merged one say so."""
    rows: list[list[Any]] = sheet.to_python(skip_empty_area=False)
    held = [any(value != "" for value in row) for row in rows]
    for (top, column), (bottom, _) in (sheet.merged_cell_ranges or ()) if kind.is_list else ():
        for at in range(top + 1, min(bottom + 1, len(rows))):
            if held[at] and column < len(rows[at]) and rows[top][column] != "":
                rows[at][column] = Merged(rows[top][column])
    return rows


def _sheet_called(name: str) -> Sheet | None:
    return next((sheet for sheet in (SHOW, HOSTS, ITEMS, POLICY) if name.strip().lower() in sheet.names), None)


def from_sheets(sheets: Mapping[str, Rows]) -> Draft:
    """The values of the known sheets, by their names, as one document; other sheets are left alone."""
    reader = _Reader()
    for sheet in (SHOW, HOSTS, ITEMS, POLICY):
        name = next((name for name in sheets if _sheet_called(name) is sheet), None)
        if name is not None:
            reader.take(sheet, name, sheets[name])
    _identify_hosts(reader.data)
    return Draft(reader.data, reader.places, tuple(reader.problems))


class _Cell(NamedTuple):
    value: Any
    place: str

    @property
    def is_blank(self) -> bool:
        return str(self.value).strip() == ""

    @property
    def heading(self) -> str:
        """What it says as a heading."""
        return str(self.value).strip()[:LONGEST_HEADING]


class _Reader:
    """Puts sheet after sheet into one document."""

    def __init__(self) -> None:
        self.data: dict[str, Any] = {}
        self.places: dict[Path, str] = {}
        self.problems: list[Problem] = []

    def take(self, sheet: Sheet, name: str, rows: Rows) -> None:
        self.places[sheet.path] = f"{name}!A1"
        lines = [line for line in _lines(name, rows) if not all(cell.is_blank for cell in line)]
        if not sheet.is_list and not _is_across(sheet, lines):
            lines = list(zip(*lines, strict=True))
        lines = _from_headings(sheet, lines)
        keys = self._keys(sheet, lines[0]) if lines else []
        if not sheet.is_list:
            self._record(sheet.path, keys, lines[1] if len(lines) > 1 else ())
            return
        _put(self.data, sheet.path, [])
        for at, line in enumerate(lines[1:]):
            self._record((*sheet.path, at), keys, line)

    def _keys(self, sheet: Sheet, headings: Sequence[_Cell]) -> list[Path]:
        """What each column is about; nothing where nobody can know, or where another column is about the same."""
        first: dict[Path, str] = {}
        keys = []
        for cell in headings:
            key = self._key(sheet, cell)
            if key and first.setdefault(key, cell.place) != cell.place:
                message = f'"{cell.heading}" is about the same as {first[key]}; keep one of the two'
                self._tell(cell.place, message, "flaw.heading_twice")
                key = ()
            keys.append(key)
        return keys

    def _key(self, sheet: Sheet, cell: _Cell) -> Path:
        """What a column is about; nothing where it has no heading, or one that nobody knows."""
        text = plain_heading(cell.heading)
        if cell.is_blank or sheet.columns is None:
            return (text,) if text else ()
        known = headings_of(sheet.columns)
        if text not in known:
            hint = nearest(text, known, _offered(sheet.columns, text))
            self._tell(cell.place, f'"{cell.heading}" is unknown; {hint}', "flaw.unknown_heading")
            return ()
        if known[text] in _MONEY and _MAJOR_UNITS.search(cell.heading):
            message = f'"{cell.heading}" must be in minor units (分), such as 9900 for 99.00'
            self._tell(cell.place, message, "sheet.minor_units")
            return ()
        return tuple(known[text].split("."))

    def _record(self, path: Path, keys: list[Path], line: Sequence[_Cell]) -> None:
        _put(self.data, path, {})
        readings = _POLICY_READINGS if path == POLICY.path else _READINGS
        for key, cell in zip(keys, line, strict=False):
            if key:
                self.places[(*path, *key)] = cell.place
            if key and not cell.is_blank and (value := self._own(key, cell)) != "":
                _put(self.data, (*path, *key), readings.get(str(key[-1]), _as_number)(value))

    def _own(self, key: Path, cell: _Cell) -> Any:
        """What the cell says, also where a merged one says it; "" where that is for nobody to know."""
        match cell.value:
            case Merged(value) if key[0] in _SHARED:
                return value
            case Merged():
                self._tell(cell.place, "is merged with the cell above it; give each row its own value", "sheet.merged")
                return ""
            case Failed():
                self._tell(cell.place, "holds a formula without a result; write its value", "sheet.no_result")
                return ""
            case value:
                return value

    def _tell(self, place: str, message: str, words: str) -> None:
        self.problems.append(Problem(place, message, words))


def plain_heading(heading: str) -> str:
    """A heading without what is explained in brackets after it."""
    return re.sub(r"\s*[(（].*", "", heading.strip().lower())


def headings_of(columns: Columns) -> dict[str, str]:
    """Every plain heading that is known → the key of its column."""
    return {name.lower(): key for key, names in columns.items() for name in (key, *names.split())}


def _offered(columns: Columns, text: str) -> list[str]:
    """A heading of each column, in the script of that text."""
    return [
        next(name for name in (key, *names.split()) if name.isascii() == text.isascii())
        for key, names in columns.items()
    ]


def _from_headings(sheet: Sheet, lines: list[tuple[_Cell, ...]]) -> list[tuple[_Cell, ...]]:
    """The lines of a list from its headings on: a title may stand above them."""
    known = headings_of(sheet.columns) if sheet.is_list and sheet.columns else {}
    headed = (sum(plain_heading(cell.heading) in known for cell in line) > 1 for line in lines[: _TITLES + 1])
    return lines[next((at for at, is_headed in enumerate(headed) if is_headed), 0) :]


def _identify_hosts(data: Mapping[str, Any]) -> None:
    """Items may call their host by name; puts its id there, where no other host has that id or name."""
    hosts = [host for host in data.get("show", {}).get("hosts", ()) if {"id", "name"} <= host.keys()]
    names = Counter(host["name"] for host in hosts)
    ids = {host["name"]: host["id"] for host in hosts if names[host["name"]] == 1}
    for host in hosts:
        ids.pop(host["id"], None)
    for item in data.get("items", ()):
        if item.get("host") in ids:
            item["host"] = ids[item["host"]]


def _lines(name: str, rows: Rows) -> Iterator[tuple[_Cell, ...]]:
    """The rows of a sheet, every cell with its address."""
    for row, values in enumerate(rows, start=1):
        yield tuple(_Cell(value, f"{name}!{letters(column)}{row}") for column, value in enumerate(values))


def letters(column: int) -> str:
    """The name of a column, counted from 0: A … Z, AA …"""
    before, last = divmod(column, 26)
    return (letters(before - 1) if before else "") + chr(ord("A") + last)


def _is_across(sheet: Sheet, lines: Sequence[Sequence[_Cell]]) -> bool:
    """Whether a sheet of single values has its headings in the first row rather than in the first column."""
    known = headings_of(sheet.columns) if sheet.columns else THRESHOLDS
    further = [plain_heading(cell.heading) for cell in lines[0][1:] if not cell.is_blank] if lines else []
    return len(lines) <= _ACROSS and (not further or any(heading in known for heading in further))


def _put(data: dict[str, Any], path: Path, value: Any) -> None:
    """Sets the value at the end of the path; tables on the way come into being, lists grow by one."""
    target: Any = data
    for step in path[:-1]:
        target = target.setdefault(step, {}) if isinstance(target, dict) else target[step]
    if isinstance(target, list):
        target.append(value)
    else:
        target[path[-1]] = value


def _as_number(value: Any) -> Any:
    """A number, also where it was written as text, as many programs export it; anything else as it is."""
    figure = figure_of(value)
    if figure is None:
        return value
    return int(figure) if figure == figure.to_integral_value() else float(figure)


def _as_list(value: Any) -> Any:
    """`5000, 5000, 10000`, or a single number."""
    return [_as_number(part) for part in _parts(value)]


def _parts(value: Any) -> list[str]:
    return re.split(r"[\s,，、;；+]+", plain(value))


def _as_figures(value: Any) -> Any:
    """`hot 4, benefit 2.5` as a table; what is none stays as it is."""
    parts = _parts(value)
    try:
        return {name: float(figure) for name, figure in zip(parts[::2], parts[1::2], strict=True)}
    except ValueError:
        return value


def _as_lines(value: Any) -> list[str]:
    """One line each, without those that are empty."""
    return [line for line in (line.strip() for line in plain(value).split("\n")) if line]


def _as_flag(value: Any) -> Any:
    return _FLAGS.get(plain(value).lower(), value)


_FLAGS = {
    **dict.fromkeys(("true", "yes", "是", "1", "√", "✓"), True),
    **dict.fromkeys(("false", "no", "否", "0", "×", "✗"), False),
}
_READINGS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("id", "title", "theme", "sku", "name", "host", "role", "currency", "locale"), as_name),
    **dict.fromkeys(("supplier", "category"), as_name),
    "starts_at": lambda value: value.strip() if isinstance(value, str) else value,
    **dict.fromkeys(("intro", "experience", "promotion", "benefit", "interaction"), plain),
    "batches": _as_list,
    "encore": _as_flag,
    "papers": _as_flag,
    "warm_up": _as_lines,
}
"""How a cell of that column is understood: a number or a text looks the same to whoever types it."""

_POLICY_READINGS: dict[str, Callable[[Any], Any]] = {"off": _parts, "min_minutes": _as_figures}
