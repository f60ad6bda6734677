"""Laws of reading a show file from disk."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from cueroom import showfile


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "missing.toml"
    assert showfile.read(path) == [showfile.Problem(str(path), "cannot be read: No such file or directory")]


def test_problems_come_in_the_order_of_the_file_with_their_lines() -> None:
    checked = showfile.parse(b'[[items]]\nsku = 1\nname = "x"\nprice = 1\nstock = 1\n\n[show]\nid = "A"\n[extra]\n')
    assert isinstance(checked, list)
    assert [problem.place for problem in checked[:2]] == ["items[1].sku, line 2", "show, line 7"]
    assert checked[-2].place == "show.id, line 8"
    assert str(checked[-1]) == "extra, line 9: is unknown; known are show, items, policy"


@given(st.binary(max_size=40) | st.binary(max_size=40).map(b"PK".__add__) | st.text(max_size=40).map(str.encode))
def test_any_file_is_judged_and_never_the_end_of_the_program(content: bytes) -> None:
    assert isinstance(showfile.parse(content), list)
