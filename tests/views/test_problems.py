"""Laws of problems in words: what a page may have to tell has words."""

import json

import pytest

from cueroom.i18n import LOCALES
from cueroom.views.problems import ASSORTMENT_PROBLEMS, PAPERS_PROBLEMS, PLAN_PROBLEMS, PROBLEMS, problem_words


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("codes", [ASSORTMENT_PROBLEMS, PAPERS_PROBLEMS, PLAN_PROBLEMS])
def test_what_a_page_may_have_to_tell_has_words_of_its_own(codes: tuple[str, ...], locale: str) -> None:
    assert set(codes) <= set(PROBLEMS)
    words = json.loads(problem_words(locale, codes))
    assert list(words) == list(codes)
    assert all(said != f"problem.{code}" for code, said in words.items())
