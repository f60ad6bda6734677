"""Lessons in a plan: what to expect of its items, and a show made from one before it."""

from collections.abc import Mapping
from typing import Any

import msgspec

from cueroom.lessons.learned import CATEGORY, PRODUCT, Expected, Lesson, Lessons
from cueroom.show.rundown import Rundown
from cueroom.showfile.document import document_of
from cueroom.showfile.fields import (
    LEAST_PER_MIN,
    LEAST_WITHIN,
    LONGEST_HALF_LIFE_S,
    MOST_WITHIN,
    SHORTEST_HALF_LIFE_S,
)

WEEK_MS = 7 * 24 * 3_600_000


def expected_in(rundown: Rundown, lessons: Lessons) -> dict[str, Expected]:
    """What to expect of the items of a plan, by SKU: of those that were sold before, or others of their category."""
    every = {item.sku: lessons.expected(item, rundown.planned) for item in rundown.planned}
    return {sku: expected for sku, expected in every.items() if is_near(expected.lesson)}


def is_near(lesson: Lesson) -> bool:
    """Whether a lesson tells more of an item than its sheet does: that of its role alone would not."""
    return len(lesson.path) == PRODUCT or (len(lesson.path) == CATEGORY and lesson.path[-1] != "")


def fields_of(expected: Expected) -> dict[str, float]:
    """The same as the fields of a show file have it."""
    return {
        "expected_per_min": max(LEAST_PER_MIN, float(f"{expected.per_min:.3g}")),
        "expected_within": round(min(max(expected.within, LEAST_WITHIN), MOST_WITHIN), 2),
        "half_life_s": round(min(max(expected.half_life_s, SHORTEST_HALF_LIFE_S), LONGEST_HALF_LIFE_S), 1),
    }


def next_show(rundown: Rundown, lessons: Lessons, show: str, now: int) -> dict[str, Any]:
    """The document of a show like this one under another id, at the same hour of the first such day of the week to
    come, with what was learned."""
    weeks = max(1, 1 + (now - rundown.starts_at) // WEEK_MS)
    again = msgspec.structs.replace(rundown, id=show, starts_at=rundown.starts_at + weeks * WEEK_MS)
    expected = expected_in(rundown, lessons)
    document = document_of(again)
    return {**document, "items": [_with(item, expected) for item in document["items"]]}


def _with(item: dict[str, Any], expected: Mapping[str, Expected]) -> dict[str, Any]:
    return {**item, **fields_of(expected[item["sku"]])} if item["sku"] in expected else item
