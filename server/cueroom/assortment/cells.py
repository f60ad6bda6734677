"""Cells and fields by their rules: names, figures, money, parts; and a form of them with its mistakes."""

import re
from collections.abc import Mapping
from typing import Any

from cueroom.showfile.cells import as_name, figure_of, plain
from cueroom.showfile.fields import MOST, Reading, Wrong, number, whole


def names_in(cell: Any) -> list[str]:
    """What is told apart by commas or lines."""
    names = (name.strip() for name in re.split(r"[,，、;；|\n]", plain(cell)))
    return [name for name in names if name]


def of_text(read: Reading) -> Reading:
    """The rule for texts, of whatever is in a cell."""
    return lambda cell: read(as_name(cell))


def of_whole(read: Reading) -> Reading:
    """The rule for whole numbers, of whatever is in a cell."""

    def read_cell(cell: Any) -> Any:
        figure = figure_of(cell)
        return read(int(figure) if figure is not None and figure == figure.to_integral_value() else cell)

    return read_cell


def of_number(read: Reading) -> Reading:
    """The rule for numbers, of whatever is in a cell."""

    def read_cell(cell: Any) -> Any:
        figure = figure_of(cell)
        return read(cell if figure is None else float(figure))

    return read_cell


def money(decimals: int) -> Reading:
    """An amount in major units, as minor ones."""
    read_minor = of_whole(whole(1, MOST, "minor units"))

    def read_cell(cell: Any) -> Any:
        figure = figure_of(cell)
        read = read_minor(cell if figure is None else figure.scaleb(decimals))
        return Wrong("an amount above zero, such as 99.00", "money") if isinstance(read, Wrong) else read

    return read_cell


def part(cell: Any) -> Any:
    """A part of one: 0.2 or 20%."""
    return hundredths(cell) if plain(cell).endswith(("%", "％")) else _part(cell)


def hundredths(cell: Any) -> Any:
    """A part of one in per cent: 20 or 20%."""
    figure = figure_of(plain(cell).rstrip("%％"))
    return _part(cell if figure is None else figure / 100)


def _part(cell: Any) -> Any:
    read = of_number(number(0, 1, "parts"))(cell)
    return Wrong("a part from 0 to 1, or with %", "share") if isinstance(read, Wrong) else read


class Form:
    """What was typed, by the name of its field, and what is wrong with it."""

    def __init__(self, typed: Mapping[str, str]) -> None:
        self.typed = typed
        self.faults: dict[str, Wrong] = {}

    def take(self, at: str, read: Reading, usual: Any = None) -> Any:
        """The value of a field; `usual` where it is empty or wrong. Without a usual one it must be given."""
        written = self.typed.get(at, "").strip()
        if not written:
            if usual is None:
                self.faults[at] = Wrong("given", "missing")
            return usual
        value = read(written)
        if isinstance(value, Wrong):
            self.faults[at] = value
            return usual
        return value

    def rows(self, name: str) -> list[int]:
        """The numbers of the rows in which anything was typed: those of fields `NAME.NUMBER.…`."""
        found = (re.fullmatch(rf"{name}\.(\d{{1,4}})\..+", at) for at, value in self.typed.items() if value.strip())
        return sorted({int(match[1]) for match in found if match})
