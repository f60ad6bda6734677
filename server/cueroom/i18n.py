"""Words for people: sentences, money, counts and cues in the three languages of the screens."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from string import Formatter, ascii_letters
from typing import Any

from babel import Locale
from babel.messages.pofile import read_po
from babel.numbers import NumberPattern, format_decimal, get_currency_precision, get_currency_symbol, parse_pattern

from cueroom.show.papers import Lack
from cueroom.web_files import web_dir

LOCALES = ("zh-Hans", "zh-Hant", "en")
"""The languages of the screens, by BCP 47 tag."""

NOTHING = "–"
"""What stands where a value is not known."""

Fields = Mapping[str, object]

_WORDS: dict[str, tuple[tuple[int, str], ...]] = {
    "zh-Hans": ((10**8, "亿"), (10**4, "万")),
    "zh-Hant": ((10**8, "億"), (10**4, "萬")),
    "en": ((10**9, "B"), (10**6, "M"), (10**4, "K")),
}
_SMALL = 10
"""Amounts, rates and parts in a hundred below that have decimals."""
_UNITS = {"B": 10**9, "M": 10**6, "K": 10**3, "亿": 10**8, "億": 10**8, "万": 10**4, "萬": 10**4}


@cache
def catalogue(locale: str) -> Mapping[str, str]:
    """The translated messages of a locale: msgid → text. What is not translated is not in it."""
    path = web_dir() / "locales" / locale.replace("-", "_") / "LC_MESSAGES" / "cueroom.po"
    with path.open("rb") as file:
        messages = read_po(file, locale=locale.replace("-", "_"))
    return {message.id: str(message.string) for message in messages if isinstance(message.id, str) and message.string}


def say(locale: str, msgid: str, **fields: object) -> str:
    """The sentence `msgid` in that language, with its fields filled in.

    A field may name its form: `{gap:money}` `{price:price}` `{units:count}` `{most:exact}` `{left_s:duration}`
    `{share:percent}`; money needs the field `currency` too. `{left:unit|units}` is the number with its noun, for one
    and for any other. A field that is missing or None shows as a dash."""
    return _Sentence(locale, fields).format(catalogue(locale).get(msgid, msgid))


def known(locale: str, msgid: str) -> bool:
    """Whether the catalogue of that locale has the message."""
    return msgid in catalogue(locale)


def money(locale: str, minor: int | None, currency: str) -> str:
    """An amount as people say it: ¥26.0万 in Chinese, ¥260.0K in English, to the fen while it is small."""
    if minor is None:
        return NOTHING
    major = _major(minor, currency)
    if abs(major) < _SMALL:
        return price(locale, minor, currency)
    return _sign(minor) + _symbol(locale, currency) + (_shortened(locale, abs(major)) or _plain(locale, abs(major), 0))


def price(locale: str, minor: int | None, currency: str) -> str:
    """An amount to the last fen, as on a price tag; whole amounts without decimals."""
    if minor is None:
        return NOTHING
    major = _major(minor, currency)
    decimals = 0 if major == int(major) else get_currency_precision(currency)
    return _sign(minor) + _symbol(locale, currency) + _plain(locale, abs(major), decimals)


def count(locale: str, n: float | None) -> str:
    """How many: grouped below ten thousand, then shortened as money is."""
    if n is None:
        return NOTHING
    whole = Decimal(round(n))
    return _sign(n) + (_shortened(locale, abs(whole)) or _plain(locale, abs(whole), 0))


def rate(locale: str, n: float | None) -> str:
    """A rate or a number of minutes: one decimal while it is small."""
    if n is None:
        return NOTHING
    return _plain(locale, Decimal(str(round(n, 1))), 1) if abs(n) < _SMALL and n != int(n) else count(locale, n)


def percent(locale: str, share: float | None) -> str:
    """A share of one in per cent; one decimal below ten per cent."""
    if share is None:
        return NOTHING
    per_cent = share * 100
    decimals = 1 if 0 < abs(per_cent) < _SMALL else 0
    return _plain(locale, Decimal(str(round(per_cent, decimals))), decimals) + "%"


def duration_words(locale: str, seconds: float | None) -> str:
    """A length of time in words: 4分30秒; above an hour without the seconds."""
    if seconds is None:
        return NOTHING
    minutes, rest_s = divmod(round(abs(seconds)), 60)
    hours, rest_min = divmod(minutes, 60)
    if hours:
        return say(locale, "{hours} h {minutes} min", hours=hours, minutes=rest_min)
    if minutes and rest_s:
        return say(locale, "{minutes} min {seconds} s", minutes=minutes, seconds=rest_s)
    if minutes:
        return say(locale, "{minutes} min", minutes=minutes)
    return say(locale, "{seconds} s", seconds=rest_s)


def threshold(value: Any) -> str:
    """A threshold of the policy as it would be written: a number, some names, or a name and number each."""
    if value is None:
        return NOTHING
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {threshold(each)}" for name, each in value.items()) or NOTHING
    if isinstance(value, int | float):
        return f"{value:g}"
    return ", ".join(value) or NOTHING


def cue_text(locale: str, kind: str, rule: str, numbers: Fields) -> str:
    """What the cue says: few words, for a host three metres away."""
    if kind == "message":
        return str(numbers.get("text", ""))
    return _cue_sentence(locale, f"cue.{kind}.{rule}", numbers) or _cue_kind(kind, numbers)


def cue_explain(locale: str, kind: str, rule: str, numbers: Fields) -> str:
    """Why, in one sentence a producer can check; empty for what a person wrote."""
    if kind == "message":
        return ""
    return _cue_sentence(locale, f"cue.{kind}.{rule}.why", numbers) or _cue_numbers(rule, numbers)


def effect_words(locale: str, effect: Mapping[str, Any], currency: str) -> str:
    """What an accepted cue came to, in one sentence; `effect` as the state spells it."""
    outcome = say(locale, f"effect.{effect['outcome']}")
    if effect["doubt"]:
        return say(locale, "effect.doubt", outcome=outcome, doubt=say(locale, f"doubt.{effect['doubt']}"))
    seconds_s = (effect["until"] - effect["since"]) / 1000
    return say(locale, "effect.why", **{**effect, "outcome": outcome, "seconds_s": seconds_s, "currency": currency})


class _Sentence(Formatter):
    """Fills a message in; knows how each language writes money, counts and durations."""

    def __init__(self, locale: str, fields: Fields) -> None:
        self.locale = locale
        self.fields = fields

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:  # noqa: ARG002  # the base has them
        return self.fields.get(str(key))

    def format_field(self, value: Any, format_spec: str) -> str:
        if value is None:
            return NOTHING
        if not isinstance(value, int | float):
            return str(value)
        if format_spec == "exact":
            return _plain(self.locale, Decimal(round(value)), 0)
        if "|" in format_spec:
            one, many = format_spec.split("|")
            return f"{rate(self.locale, value)} {one if value == 1 else many}"
        return self._number(value, format_spec)

    def _number(self, value: float, form: str) -> str:
        currency = str(self.fields.get("currency") or "CNY")
        match form:
            case "money":
                return money(self.locale, round(value), currency)
            case "price":
                return price(self.locale, round(value), currency)
            case "duration":
                return duration_words(self.locale, value)
            case "percent":
                return percent(self.locale, value)
            case "count":
                return count(self.locale, value)
            case _:
                return rate(self.locale, value)


def _cue_sentence(locale: str, msgid: str, numbers: Fields) -> str | None:
    for language in (locale, "en"):
        # A cue about the whole show rather than one item may have a sentence of its own.
        for key in (msgid if numbers.get("sku") else f"{msgid}.all", msgid):
            if known(language, key):
                return say(language, key, **numbers)
    return None


def _cue_kind(kind: str, numbers: Fields) -> str:
    return " ".join(str(part) for part in (kind, numbers.get("sku"), numbers.get("name")) if part)


def _cue_numbers(rule: str, numbers: Fields) -> str:
    return f"{rule}: " + ", ".join(f"{name} {value}" for name, value in numbers.items())


def _major(minor: int, currency: str) -> Decimal:
    return Decimal(minor).scaleb(-get_currency_precision(currency))


def _symbol(locale: str, currency: str) -> str:
    """The short sign: a show has one currency, so ¥ needs no CN before it."""
    symbol = get_currency_symbol(currency, _babel(locale))
    return symbol.lstrip(ascii_letters) or f"{symbol} "


def _shortened(locale: str, value: Decimal) -> str | None:
    for least, word in _WORDS[locale]:
        if value >= least:
            scaled = value / _UNITS[word]
            decimals = 2 if _UNITS[word] >= 10**8 or (locale == "en" and word == "M") else 1
            decimals = decimals if scaled < 1000 else 0  # noqa: PLR2004  (1,337万: four digits say enough)
            return _plain(locale, scaled, decimals) + word
    return None


def _plain(locale: str, value: Decimal, decimals: int) -> str:
    return format_decimal(value, _pattern(decimals), _babel(locale))


@cache
def _pattern(decimals: int) -> NumberPattern:
    return parse_pattern("#,##0" + ("." + "0" * decimals if decimals else ""))


def _sign(value: float) -> str:
    return "−" if value < 0 else ""


@cache
def _babel(locale: str) -> Locale:
    return Locale.parse(locale, sep="-")


def actor(locale: str, name: str) -> str:
    """Who did something, as the log names them (`engine`, `producer 0af6`), in the reader's words."""
    who, space, key = name.partition(" ")
    msgid = f"actor.{who}"
    return (say(locale, msgid) if known(locale, msgid) else who) + space + key


def lacking_words(locale: str, lacks: Iterable[Lack]) -> str:
    """What is lacking, in a line."""
    told = (say(locale, f"lack.{lack.code}", paper=say(locale, f"paper.{lack.kind.value}")) for lack in lacks)
    return (", " if locale == "en" else "、").join(told)


def lacking_sentence(locale: str, lacks: Iterable[Lack]) -> str:
    """That papers are lacking, and which."""
    return say(locale, "papers.lacking", lacking=lacking_words(locale, lacks))
