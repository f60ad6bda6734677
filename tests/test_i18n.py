"""Words for people: catalogues are complete, money reads as people say it, a strange cue never breaks a screen."""

import re

import pytest

from cueroom import i18n
from cueroom.assortment.pool_columns import SEXES
from cueroom.show.board import Phase
from cueroom.show.cues import Audience, CueState, Doubt, EffectOutcome, Kind
from cueroom.show.papers import PaperKind, Trade
from cueroom.show.rundown import Role
from cueroom.views.live import PHRASES
from cueroom.views.options import OPTIONS
from cueroom.views.papers import LACKS, MARKS
from cueroom.views.problems import PROBLEMS
from cueroom.views.rundown import SEGMENTS
from cueroom.views.screen import HOUSE_PAGES, SHOW_PAGES
from cueroom.web_files import web_dir

TRANSLATED = ("zh-Hans", "zh-Hant")
_CALL = re.compile(r"""\bt\(\s*(?:"([^"]*)"|'([^']*)')\s*[,)]""")
_EITHER = re.compile(r"""\bt\(\s*"([^"]*)" if [^,)]* else "([^"]*)\"""")
_PREFIXED = re.compile(r"""\bt\(\s*"([a-z.]+\.)"\s*~""")
_FIELD = re.compile(r"\{(\w+)")

VOCABULARY = {
    "phase.": [phase.value for phase in Phase],
    "plan.": ["ahead", "on", "behind"],
    "plan.gap.": ["ahead", "behind"],
    "role.": [role.value for role in Role],
    "item.": ["air", "next", "done", "skipped"],
    "audience.": [audience.value for audience in Audience],
    "kind.": [kind.value for kind in Kind],
    "state.": [*(state.value for state in CueState), "understood"],
    "rate.": ["now", "peak", "promise", "elsewhere"],
    "funnel.": ["viewed", "clicked", "orders_created", "orders_paid"],
    "segment.": list(SEGMENTS),
    "effect.": [outcome.value for outcome in EffectOutcome],
    "screen.": ["console", "prompter", "overlay", "feed"],
    "accepted.": ["next", "encore", "release"],
    "doubt.": [doubt.value for doubt in Doubt],
    "policy.source.": ["default", "file", "show"],
    "unit.": ["s", "min"],
    "option.": [option.name for options in OPTIONS.values() for option in options],
    "join.": ["missing", "invalid", "expired", "forbidden"],
    "problem.": list(PROBLEMS),
    "nav.": [*HOUSE_PAGES, *SHOW_PAGES],
    "trade.": [trade.value for trade in Trade],
    "paper.": [kind.value for kind in PaperKind],
    "paper.about.": [kind.value for kind in PaperKind],
    "mark.": list(MARKS),
    "lack.": list(LACKS),
    "sex.": list(SEXES),
}


def _templates() -> str:
    return "\n".join(path.read_text() for path in sorted((web_dir() / "templates").glob("*.html")))


def _said() -> set[str]:
    """Every msgid that a template says as it stands."""
    plain = {double or single for double, single in _CALL.findall(_templates())}
    either = {msgid for pair in _EITHER.findall(_templates()) for msgid in pair}
    return plain | either | set(PHRASES)


@pytest.mark.parametrize("locale", TRANSLATED)
def test_every_sentence_of_the_templates_is_translated(locale: str) -> None:
    missing = {msgid for msgid in _said() if not i18n.known(locale, msgid)}
    assert not missing


@pytest.mark.parametrize("locale", i18n.LOCALES)
def test_every_word_of_the_contract_has_a_name_in_every_language(locale: str) -> None:
    names = {prefix + name for prefix, values in VOCABULARY.items() for name in values}
    assert not {msgid for msgid in names if not i18n.known(locale, msgid)}


def test_templates_say_no_vocabulary_that_the_tests_do_not_know() -> None:
    assert set(_PREFIXED.findall(_templates())) <= set(VOCABULARY)


@pytest.mark.parametrize("locale", TRANSLATED)
def test_nothing_in_the_other_catalogues_is_untranslated(locale: str) -> None:
    assert set(i18n.catalogue("en")) <= set(i18n.catalogue(locale))
    assert set(i18n.catalogue(locale)) == set(i18n.catalogue("zh-Hans"))


@pytest.mark.parametrize("locale", TRANSLATED)
def test_a_translation_keeps_the_fields_of_its_sentence(locale: str) -> None:
    english = i18n.catalogue("en")
    for msgid, text in i18n.catalogue(locale).items():
        if not msgid.startswith("cue."):
            assert set(_FIELD.findall(text)) == set(_FIELD.findall(english.get(msgid, msgid))), msgid


def test_templates_hold_no_words_outside_the_catalogues() -> None:
    bare = re.sub(
        r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<script.*?</script>|<code>.*?</code>|<kbd>.*?</kbd>",
        "",
        _templates(),
        flags=re.S,
    )
    words = re.findall(r">([^<>]*[^\W\d_][^<>]*)<", bare)
    assert [word.strip() for word in words if word.strip() not in {"", "Cueroom", "· Cueroom"}] == []
    assert re.findall(r'(?:aria-label|placeholder|title|alt)="[^"]*[^\W\d_][^"]*"', bare) == []


@pytest.mark.parametrize(
    ("locale", "minor", "said"),
    [
        ("zh-Hans", 26_000_000, "¥26.0万"),
        ("zh-Hant", 26_000_000, "¥26.0萬"),
        ("en", 26_000_000, "¥260.0K"),
        ("zh-Hans", 812_300, "¥8,123"),
        ("zh-Hans", 123_456_789_000, "¥12.35亿"),
        ("zh-Hans", -6_100_000, "−¥6.1万"),
        ("zh-Hans", 1_000, "¥10"),
        ("zh-Hans", 505, "¥5.05"),
        ("en", -1, "−¥0.01"),
        ("en", 0, "¥0"),
        ("en", None, "–"),
    ],
)
def test_money_reads_as_people_say_it(locale: str, minor: int | None, said: str) -> None:
    assert i18n.money(locale, minor, "CNY") == said


def test_a_price_is_exact() -> None:
    assert i18n.price("zh-Hans", 12_990, "CNY") == "¥129.90"
    assert i18n.price("zh-Hans", 1_280_000, "CNY") == "¥12,800"
    assert i18n.price("en", 500, "JPY") == "¥500"


@pytest.mark.parametrize("locale", i18n.LOCALES)
def test_a_bound_is_told_to_the_last_unit(locale: str) -> None:
    assert "10,080" in i18n.say(locale, "rule.number", low=0.1, high=10_080)
    told = i18n.say(locale, "rule.batches_sum", sum=12_001, stock=12_000)
    assert "12,001" in told
    assert "12,000" in told


@pytest.mark.parametrize(
    ("seconds", "chinese", "english"),
    [(8, "8秒", "8 s"), (240, "4分钟", "4 min"), (270, "4分30秒", "4 min 30 s"), (10_500, "2小时55分", "2 h 55 min")],
)
def test_a_length_of_time_is_told_in_words(seconds: int, chinese: str, english: str) -> None:
    assert i18n.duration_words("zh-Hans", seconds) == chinese
    assert i18n.duration_words("en", seconds) == english


def test_a_cue_says_the_same_in_every_language() -> None:
    numbers = {"sku": "V04", "name": "围巾", "live_name": "慕斯", "expected_next": 5_260_000, "currency": "CNY"}
    said = [i18n.cue_text(locale, "next", "sold_out", numbers) for locale in i18n.LOCALES]
    assert said == ["售罄，上V04 围巾", "售罄，上V04 围巾", "Sold out. Next: V04 围巾"]
    assert "¥5.3万" in i18n.cue_explain("zh-Hans", "next", "sold_out", numbers)


@pytest.mark.parametrize("locale", i18n.LOCALES)
def test_an_effect_is_told_with_its_figures_or_with_the_doubt(locale: str) -> None:
    money = {"gmv": 5_260_000, "gmv_expected": 2_140_000, "gmv_low": 1_500_000, "gmv_high": 3_000_000}
    effect = {"outcome": "better", "doubt": None, "since": 0, "until": 90_000, "orders": 41, "sample": 77, **money}
    told = i18n.effect_words(locale, effect, "CNY")
    figures = [i18n.money(locale, minor, "CNY") for minor in money.values()]
    assert all(figure in told for figure in [*figures, "41", "77", i18n.duration_words(locale, 90)])
    doubtful = i18n.effect_words(locale, effect | {"outcome": "cannot_tell", "doubt": "few_orders"}, "CNY")
    assert i18n.say(locale, "doubt.few_orders") in doubtful


@pytest.mark.parametrize("count", [0, 1, 1.5, 2, 40_000])
def test_one_of_a_thing_is_told_in_the_singular_and_any_other_number_in_the_plural(count: float) -> None:
    told = i18n.say("en", "{left:unit|units} left", left=count)
    assert told == f"{i18n.rate('en', count)} {'unit' if count == 1 else 'units'} left"


def test_an_unknown_cue_falls_back_to_plain_words() -> None:
    assert i18n.cue_text("zh-Hans", "dance", "new_rule", {"sku": "V01", "name": "面膜"}) == "dance V01 面膜"
    assert "tempo 3" in i18n.cue_explain("zh-Hans", "dance", "new_rule", {"tempo": 3})


def test_a_number_that_is_missing_shows_as_a_dash() -> None:
    assert "–" in i18n.cue_explain("en", "behind", "plan_behind", {"needed_per_min": None})


def test_what_a_person_wrote_is_said_as_it_stands() -> None:
    assert i18n.cue_text("en", "message", "person", {"text": "{gmv} <b>3</b> 分钟"}) == "{gmv} <b>3</b> 分钟"
