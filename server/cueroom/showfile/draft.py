"""What a show file says before anyone has judged it, and the problems found in it."""

from collections.abc import Mapping
from typing import Any

import msgspec

Path = tuple[str | int, ...]
"""Where a value stands in the document: `("items", 2, "price")`; positions count from 0."""


class Problem(msgspec.Struct, frozen=True):
    """One thing that is wrong: where (line or cell), what, and what would be right."""

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


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


def label(path: Path) -> str:
    """The path as people write it, counting from 1: `items[3].price`."""
    parts = (f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".")
