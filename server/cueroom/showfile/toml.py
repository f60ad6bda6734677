"""The show file as TOML: its values, and the line each of them stands on."""

import re
import tomllib
from collections.abc import Iterator
from typing import NamedTuple

from cueroom.showfile.draft import Draft, Path, Problem, label


def draft(content: bytes) -> Draft | Problem:
    """The document, or the one thing that keeps it from being read at all."""
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
        data = tomllib.loads(text)
        places = {path: f"{label(path)}, line {line}" for path, line in lines(text).items()}
    except UnicodeDecodeError:
        return Problem("the file", "is neither a workbook (.xlsx) nor TOML: save it as UTF-8 text")
    except tomllib.TOMLDecodeError as error:
        return _syntax_problem(str(error), text)
    except ValueError:
        return Problem("the file", "holds a number of thousands of digits")
    except RecursionError:
        return Problem("the file", "is nested too deeply for a show file")
    return Draft(data, places)


DEEPEST = 32
"""Steps to a value; those of a show file are four at most."""

LINE_END = "\n"

_REPEATED = re.compile("Cannot overwrite a value|Cannot declare .* twice|Duplicate inline table key .*", re.DOTALL)
"""What the decoder says of a key or table that it has already, with the column after its value."""


def _syntax_problem(error: str, text: str) -> Problem:
    """The decoder's message, `What (at line 3, column 5)`, turned round; the end of the document is its last line."""
    found = re.fullmatch(r"(.*) \(at (.*)\)", error, re.DOTALL)
    what, place = found.groups() if found else (error, "the file")
    if place == "end of document":
        place = f"line {len(text.rstrip().split(LINE_END))}"
    if _REPEATED.fullmatch(what):
        return Problem(place.partition(",")[0], "gives a key or table a second time; keep one of the two")
    return Problem(place, f"is not valid TOML: {what}")


class Token(NamedTuple):
    """A piece of TOML and the line it begins on."""

    kind: str
    text: str
    line: int


_TOKENS = re.compile(
    r"""
    (?P<space>[ \t]+|\#[^\n]*)
    |(?P<newline>\n)
    |(?P<string>\"{3}(?:\\.|[^\\])*?\"{3,5}|'{3}.*?'{3,5}|"(?:\\.|[^"\\])*"|'[^']*')
    |(?P<mark>[\[\]{},=.])
    |(?P<word>[^\s\[\]{},=.\#"']+)
    """,
    re.VERBOSE | re.DOTALL,
)


def lines(text: str) -> dict[Path, int]:
    """The line (from 1) of every table, key and array element of a valid TOML document."""
    locator = _Locator(list(_tokens(text)))
    locator.document()
    return locator.found


def _tokens(text: str) -> Iterator[Token]:
    line = 1
    for match in _TOKENS.finditer(text):
        if match.lastgroup != "space":
            yield Token(str(match.lastgroup), match[0], line)
        line += match[0].count("\n")
    yield Token("end", "", line)


class _Locator:
    """Walks the tokens of a document the decoder has already found valid, so it only has to keep count."""

    def __init__(self, tokens: list[Token]) -> None:
        self.found: dict[Path, int] = {}
        self._tokens = tokens
        self._at = 0
        self._tables: dict[Path, int] = {}  # arrays of tables: how many there are so far

    def document(self) -> None:
        table: Path = ()
        while (token := self._peek()).kind != "end":
            if token.kind == "newline":
                self._next()
            elif token.text == "[":
                table = self._header()
            else:
                self._assignment(table)

    def _header(self) -> Path:
        line = self._next().line
        is_array = self._skip("[")
        path: Path = ()
        for key in self._keys():
            path = self._element(_below(path, key))
            self.found.setdefault(path, line)
        self._skip("]")
        if is_array:
            self._skip("]")
            path = self._new_element(path)
        self.found[path] = line
        return path

    def _element(self, path: Path) -> Path:
        """Where a header's step leads: into the newest element, if it is an array of tables."""
        return (*path, self._tables[path] - 1) if path in self._tables else path

    def _new_element(self, path: Path) -> Path:
        array = path[:-1] if path and isinstance(path[-1], int) else path
        self._tables[array] = self._tables.get(array, 0) + 1
        return (*array, self._tables[array] - 1)

    def _assignment(self, table: Path) -> None:
        line = self._peek().line
        path = table
        for key in self._keys():
            path = _below(path, key)
            self.found.setdefault(path, line)
        self._skip("=")
        self._value(path)

    def _keys(self) -> list[str]:
        """A key with its dots: `a."b c".d`."""
        keys = [_unquoted(self._next())]
        while self._skip("."):
            keys.append(_unquoted(self._next()))
        return keys

    def _value(self, path: Path) -> None:
        if self._skip("["):
            self._array(path)
        elif self._skip("{"):
            self._inline_table(path)
        else:
            self._scalar()

    def _scalar(self) -> None:
        while self._peek().kind in ("word", "string") or self._peek().text == ".":
            self._next()

    def _array(self, path: Path) -> None:
        index = 0
        while not self._skip("]"):
            if self._peek().kind == "newline" or self._peek().text == ",":
                self._next()
                continue
            element = _below(path, index)
            self.found[element] = self._peek().line
            self._value(element)
            index += 1

    def _inline_table(self, path: Path) -> None:
        while not self._skip("}"):
            if self._peek().kind == "newline" or self._peek().text == ",":
                self._next()
            else:
                self._assignment(path)

    def _peek(self) -> Token:
        return self._tokens[self._at]

    def _next(self) -> Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def _skip(self, text: str) -> bool:
        """Steps over that mark if it is next."""
        is_next = self._peek().kind == "mark" and self._peek().text == text
        self._at += is_next
        return is_next


def _below(path: Path, step: str | int) -> Path:
    """The path one step on. Dots nest without recursion, so that somebody has to say when it is too deep."""
    if len(path) == DEEPEST:
        raise RecursionError
    return (*path, step)


def _unquoted(key: Token) -> str:
    return next(iter(tomllib.loads(f"{key.text} = 0"))) if key.kind == "string" else key.text
