"""Laws of deciding: what was done is told to whoever comes second."""

from typing import Any

import pytest

from commands.decided import ON_V01, ORDER, after


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"command": "order", "skus": ["V02", "V03", "V01"]}, "order V01 → 3 (producer 1234)"),
        ({"command": "order", "skus": ["V03", "V01", "V02"]}, "order V03 → 1 (producer 1234)"),
        ({"command": "order", "skus": list(ORDER)}, "order  (producer 1234)"),
        ({"command": "minutes", "sku": "V02", "minutes": 4.5}, "minutes V02 4.5 (producer 1234)"),
        ({"command": "skip", "sku": "V02"}, "skip V02 (producer 1234)"),
    ],
)
def test_whoever_comes_second_is_told_what_was_done(fields: dict[str, Any], told: str) -> None:
    assert after(ON_V01, **fields).last_act == told
