"""Laws of the TOML locator: it knows the line of everything the decoder finds."""

import tomllib
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueroom.showfile import toml
from cueroom.showfile.draft import Draft, Path, Problem

KEYS = st.sampled_from(["a", "b-1", "长", "d e", '"', "x.y"])
TREES = st.recursive(
    st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(KEYS, TREES, max_size=4)
STYLES = [
    "{}",
    '"{} # no comment"',
    "'{} [x]'",
    '"""{}\n[not.a.table]\n"""',
    "'''{}\nnot = 1'''",
    '"\\"{}"',
    '"""\\"{}"""""',
    "2026-11-22 20:00:00.{}+08:00",
    "1.5e{}",
]


def paths(value: Any, path: Path = ()) -> set[Path]:
    """Every place in a decoded document but its root."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    below = set[Path]().union(*(paths(child, (*path, key)) for key, child in children))
    return below | ({path} if path else set())


class Writer:
    """Writes a tree as TOML in many styles; every leaf is a number of its own, kept with the line it is on."""

    def __init__(self) -> None:
        self.text = ""
        self.lines: dict[Path, int] = {}
        self._numbers = count(100)

    def tables(self, tree: dict[str, Any], path: Path = ()) -> None:
        nested = {key: value for key, value in tree.items() if isinstance(value, dict)}
        arrays = {key: value for key, value in tree.items() if is_table_array(value)}
        for key in tree.keys() - nested.keys() - arrays.keys():
            self.text += f"{quoted(key)} = "
            self.value(tree[key], (*path, key))
            self.text += "  # a comment\n"
        for key, table in nested.items():
            self.text += f"[{header((*path, key))}]\n"
            self.tables(table, (*path, key))
        for key, rows in arrays.items():
            for at, row in enumerate(rows):
                self.text += f"\n[[ {header((*path, key))} ]]\n"
                self.tables(row, (*path, key, at))

    def value(self, tree: Any, path: Path) -> None:
        self.lines[path] = self.text.count("\n") + 1
        if isinstance(tree, list):
            self.text += "["
            for at, element in enumerate(tree):
                self.text += "\n  # one more, ]\n"
                self.value(element, (*path, at))
                self.text += " ,"
            self.text += "]"
        elif isinstance(tree, dict):
            self.text += "{"
            for at, (key, child) in enumerate(tree.items()):
                self.text += f"{', ' if at else ''}{quoted(key)} = "
                self.value(child, (*path, key))
            self.text += "}"
        else:
            number = next(self._numbers)
            self.text += STYLES[number % len(STYLES)].format(number)


def is_table_array(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)


def quoted(key: str) -> str:
    return key if key in ("a", "b-1") else '"' + key.replace('"', '\\"') + '"'


def header(path: Path) -> str:
    return " . ".join(quoted(part) for part in path if isinstance(part, str))


@given(DOCUMENTS)
def test_every_value_of_a_document_is_found_on_its_line(tree: dict[str, Any]) -> None:
    writer = Writer()
    writer.tables(tree)
    found = toml.lines(writer.text)
    assert set(found) == paths(tomllib.loads(writer.text))
    assert {path: found[path] for path in writer.lines} == writer.lines


def test_a_dotted_key_makes_its_tables_on_its_own_line() -> None:
    assert toml.lines("\na.b.c = 1\n[d.e]\n") == {
        ("a",): 2,
        ("a", "b"): 2,
        ("a", "b", "c"): 2,
        ("d",): 3,
        ("d", "e"): 3,
    }


def test_a_table_below_an_array_belongs_to_its_newest_element() -> None:
    found = toml.lines("[[items]]\n[items.script]\n[[items]]\n[items.script]\nintro = ''")
    assert found["items", 0, "script"] == 2
    assert found["items", 1, "script", "intro"] == 5


def test_lines_are_counted_the_same_with_windows_line_ends_and_a_byte_order_mark() -> None:
    draft = toml.draft(b"\xef\xbb\xbf[show]\r\nid = 1\r\n")
    assert isinstance(draft, Draft)
    assert draft.places["show", "id"] == "show.id, line 2"


def test_a_syntax_error_is_told_with_line_and_column() -> None:
    problem = toml.draft(b"[show]\nid = = 1\n")
    assert isinstance(problem, Problem)
    assert problem.place == "line 2, column 6"


@pytest.mark.parametrize(
    "text",
    ["a = 1\na = 2", "a = 1\na = 2\nb = 3", "[a]\n[a]\nb = 1", "[a]\nb = { c = 1, c = 2 }", "a = 1\n[a.b]"],
)
def test_what_is_given_twice_is_told_with_its_line(text: str) -> None:
    problem = toml.draft(text.encode())
    assert str(problem) == "line 2: gives a key or table a second time; keep one of the two"


def test_what_is_never_closed_is_told_with_the_last_line() -> None:
    problem = toml.draft(b"[show]\ntitle = 'x\n\n")
    assert str(problem).startswith("line 2")
    problem = toml.draft(b"a = [\n1,\n2\n\n")
    assert str(problem) == "line 3: is not valid TOML: Unclosed array"


def test_a_file_in_another_encoding_is_told_to_be_saved_as_utf_8() -> None:
    problem = toml.draft("title = '宠粉'".encode("gb18030"))
    assert isinstance(problem, Problem)
    assert "UTF-8" in problem.message


@pytest.mark.parametrize("text", ["a = " + "[" * 2_000, "a." * 2_000 + "b = 1", "[" + "a." * 2_000 + "b]"])
def test_endless_nesting_is_a_problem_like_others(text: str) -> None:
    problem = toml.draft(text.encode())
    assert str(problem) == "the file: is nested too deeply for a show file"


def test_a_number_without_end_is_a_problem_like_others() -> None:
    problem = toml.draft(b"[show]\ngoal = " + b"9" * 5_000)
    assert str(problem) == "the file: holds a number of thousands of digits"
