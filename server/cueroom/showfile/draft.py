"""What a show file says before anyone has judged it, and the problems found in it."""

from collections.abc import Mapping
from typing import Any
from unicodedata import category

import msgspec

Path = tuple[str | int, ...]
"""Where a value stands in the document: `("items", 2, "price")`; positions count from 0."""


class Problem(msgspec.Struct, frozen=True):
    """One thing that is wrong: where (line or cell), what, and what would be right. `words` names what a page says of
    it in the catalogues, where a page goes on without what was wrong."""

    place: str
    message: str
    words: str = ""

    def __str__(self) -> str:
        """One line; what the file holds of control characters reaches no terminal."""
        text = f"{self.place}: {self.message}"
        return "".join(ascii(char)[1:-1] if is_hidden(char) else char for char in text)


class Fault(msgspec.Struct, frozen=True):
    """The same found in a document that stands nowhere, such as one that is being typed: where in it, what, and by its
    code and figures the same in other languages (`rule.CODE` of the catalogues)."""

    path: Path
    message: str
    code: str
    figures: Mapping[str, Any] = {}


class Draft(msgspec.Struct, frozen=True):
    """A document in the shape of the TOML show file. `places` tells where its values stand, in the order of the
    file and in the words of its kind; `problems` is what was already wrong while reading it."""

    data: Mapping[str, Any]
    places: Mapping[Path, str]
    problems: tuple[Problem, ...] = ()

    def anchor(self, path: Path) -> Path:
        """The value itself or the nearest thing around it that stands anywhere; for the whole file, ()."""
        around = (path[:length] for length in range(len(path), 0, -1))
        return next((part for part in around if part in self.places), ())

    def place(self, path: Path) -> str:
        """Where the value stands, or what is around it."""
        return self.places.get(self.anchor(path), "the file")


JOINER = "\u200d"
"""Joins emoji into one; it does no harm."""
NO_CHARACTERS = "\ufffe\uffff"
"""What no XML, and so no workbook, can hold."""


def is_hidden(char: str) -> bool:
    """Whether nobody sees the character, only what it does: break the line, ring, turn the direction of writing."""
    return (category(char) in ("Cc", "Cf", "Zl", "Zp") and char != JOINER) or char in NO_CHARACTERS


def label(path: Path) -> str:
    """The path as people write it, counting from 1: `items[3].price`."""
    parts = (f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".")
