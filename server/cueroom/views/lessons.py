"""The lessons as plain values: what was learned of every product, category and role, from what, and how far it was
drawn towards what it is part of; what a show taught, beside what is expected by now."""

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from math import exp, sqrt

from cueroom import i18n
from cueroom.lessons import Expected, Lesson, Lessons, Taught
from cueroom.lessons.learned import CATEGORY, CONVERSION, HALF_LIFE_S, PER_VIEWER, PRODUCT
from cueroom.lessons.planned import is_near
from cueroom.lessons.pooling import Estimate
from cueroom.views.view import View


def lessons_view(lessons: Lessons, locale: str, still: Collection[str] = ()) -> View:
    """What the template of the lessons reads; `still`: the shows that are there to be looked at."""
    every = [lessons.by_path[path] for path in sorted(lessons.by_path)]
    return {
        "room": i18n.count(locale, round(lessons.room)),
        "roles": [_row(lesson, locale) for lesson in every if len(lesson.path) < CATEGORY],
        "categories": [_row(lesson, locale) for lesson in every if len(lesson.path) == CATEGORY and is_near(lesson)],
        "products": [_row(lesson, locale) for lesson in every if len(lesson.path) == PRODUCT],
        "shows": [_show(taught, taught.show in still) for taught in reversed(lessons.taught)],
        "made_up": any(taught.made_up for taught in lessons.taught),
        "defaults": {
            "per_min": i18n.rate(locale, PER_VIEWER * lessons.room),
            "half_life": i18n.duration_words(locale, HALF_LIFE_S),
            "conversion": i18n.percent(locale, CONVERSION),
        },
    }


def taught_view(taught: Taught, expected: Mapping[str, Expected], locale: str) -> list[View]:
    """What one show taught of its items: what each sold in its first minute, and what is expected of it from now on."""
    return [
        {
            "sku": seen.sku,
            "name": seen.name,
            "seen": i18n.rate(locale, exp(seen.first.mean)),
            "half_life": i18n.duration_words(locale, round(exp(seen.half_life.mean))),
            "conversion": i18n.percent(locale, seen.paid / seen.clicked if seen.clicked else None),
            "expected": i18n.rate(locale, expected[seen.sku].per_min) if seen.sku in expected else i18n.NOTHING,
            "shows": expected[seen.sku].lesson.shows if seen.sku in expected else None,
        }
        for seen in taught.items
    ]


def sample_words(lesson: Lesson, locale: str) -> str:
    """What a lesson stands on."""
    figures = {"shows": lesson.shows, "minutes": round(lesson.minutes), "orders": lesson.orders}
    if len(lesson.path) == PRODUCT:
        return i18n.say(
            locale, "Shows {shows} · minutes on air {minutes:count} · paid orders {orders:count}", **figures
        )
    words = "Others of {category} · shows {shows} · minutes on air {minutes:count} · paid orders {orders:count}"
    return i18n.say(locale, words, category=lesson.path[-1], **figures)


def _row(lesson: Lesson, locale: str) -> View:
    return {
        "name": lesson.name,
        "path": lesson.path,
        "shows": i18n.count(locale, lesson.shows),
        "minutes": i18n.count(locale, round(lesson.minutes)),
        "orders": i18n.count(locale, lesson.orders),
        "estimates": [
            _estimate(lesson.per_min, lambda value: i18n.rate(locale, value), locale),
            _estimate(lesson.half_life, lambda value: i18n.duration_words(locale, round(value)), locale),
            _estimate(lesson.conversion, lambda value: i18n.percent(locale, min(1.0, value)), locale),
        ],
    }


def _estimate(estimate: Estimate, say: Callable[[float], str], locale: str) -> View:
    """The middle and its range, two times in three; its own mean, what it was drawn towards, and its own part."""
    sd = sqrt(estimate.variance)
    return {
        "middle": say(exp(estimate.mean)),
        "low": say(exp(estimate.mean - sd)),
        "high": say(exp(estimate.mean + sd)),
        "own": None if estimate.own is None else say(exp(estimate.own)),
        "towards": say(exp(estimate.towards)),
        "part": i18n.percent(locale, estimate.part),
    }


def _show(taught: Taught, still: bool) -> View:
    return {
        "show": taught.show,
        "title": taught.title,
        "on": f"{datetime.fromtimestamp(taught.at / 1000, UTC):%Y-%m-%d}",
        "items": len(taught.items),
        "made_up": taught.made_up,
        "still": still,
    }
