"""Laws of the language somebody is spoken to in."""

import pytest

from cueroom.edge.locales import negotiate


@pytest.mark.parametrize(
    ("header", "chosen", "spoken"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", None, "zh-Hans"),
        ("zh-TW,zh;q=0.9", None, "zh-Hant"),
        ("zh-Hant-HK", None, "zh-Hant"),
        ("fr;q=0.9, en-GB;q=0.8", None, "en"),
        ("en", "zh-Hans", "zh-Hans"),
        ("en", "xx", "en"),
        ("fr", None, "zh-Hant"),
        ("en;q=wrong", None, "zh-Hant"),
        (None, None, "zh-Hant"),
    ],
)
def test_a_screen_speaks_the_language_chosen_else_the_browsers_else_the_shows(
    header: str | None, chosen: str | None, spoken: str
) -> None:
    assert negotiate(header, chosen, "zh-Hant") == spoken
