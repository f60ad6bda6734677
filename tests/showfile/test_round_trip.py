"""A show that is written and read again is the same show."""

import msgspec
import pytest
from hypothesis import given, settings

from cueroom import showfile
from cueroom.i18n import LOCALES
from cueroom.show.rundown import Rundown
from cueroom.showfile.book import template, to_workbook
from cueroom.showfile.document import document_of
from cueroom.showfile.rules import judge
from cueroom.showfile.writing import to_toml
from showfile.rundowns import rundowns


@given(rundowns())
def test_as_a_document(rundown: Rundown) -> None:
    judged = judge(document_of(rundown))
    assert judged.faults == ()
    assert judged.rundown == rundown
    assert judged.sketch() == (msgspec.structs.replace(rundown, policy={}), tuple(range(len(rundown.items))))


@given(rundowns())
def test_as_toml(rundown: Rundown) -> None:
    assert showfile.parse(to_toml(rundown).encode()) == rundown


@pytest.mark.parametrize("locale", LOCALES)
@settings(max_examples=30)
@given(rundown=rundowns())
def test_as_a_workbook_in_every_language(rundown: Rundown, locale: str) -> None:
    assert showfile.parse(to_workbook(rundown, locale)) == rundown


@pytest.mark.parametrize("locale", LOCALES)
def test_the_empty_workbook_has_every_column_and_nothing_unknown(locale: str) -> None:
    problems = showfile.parse(template(locale))
    assert isinstance(problems, list)
    assert [str(problem) for problem in problems if "unknown" in problem.message] == []
    assert {"id", "title", "starts_at"} <= {problem.message.split()[0] for problem in problems}
