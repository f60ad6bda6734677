"""What a plan comes to while it is being typed: its mistakes in words, its time, money and curve, as the show will
have them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any

from babel.numbers import get_currency_precision, is_currency

from cueroom import i18n
from cueroom.pacing.plan import planned_curve, planned_shares
from cueroom.rehearsal import Rehearsed
from cueroom.show.cues import Cue
from cueroom.show.papers import Dossier, uncleared
from cueroom.show.rundown import Rundown, Script
from cueroom.showfile.draft import Fault
from cueroom.showfile.rules import doubts, judge
from cueroom.views.papers import address_of
from cueroom.views.view import View

USUAL_CURRENCY = "CNY"


def preview(locale: str, document: Mapping[str, Any], dossiers: Mapping[str, Dossier]) -> View:
    """`faults` and `doubts` by the path of their field, among the former what papers are lacking in a show that needs
    them; `decimals` of the currency; and, as soon as there is a length, a goal and an item, the `sketch` of what is
    right so far."""
    judged = judge(document)
    sketched = judged.sketch()
    lacking = _lacking(locale, *sketched, dossiers) if sketched else ()
    return {
        "faults": [*(_told(locale, fault) for fault in judged.faults), *lacking],
        "doubts": [_told(locale, doubt) for doubt in (doubts(judged.rundown) if judged.rundown else ())],
        "decimals": get_currency_precision(_currency(document)),
        "sketch": _sketch(locale, *sketched) if sketched else None,
    }


def _told(locale: str, fault: Fault) -> View:
    path = ".".join(str(step) for step in fault.path)
    return {"at": path, "text": fault_words(locale, fault)}


def fault_words(locale: str, fault: Fault) -> str:
    """What is wrong, in that language."""
    return i18n.say(locale, f"rule.{fault.code}", **fault.figures)


def _lacking(locale: str, rundown: Rundown, places: tuple[int, ...], dossiers: Mapping[str, Dossier]) -> Iterator[View]:
    """The items that may not go live, each with the way to its papers."""
    rows = {item.sku: row for row, item in zip(places, rundown.items, strict=True)} if rundown.papers else {}
    for sku, lacks in uncleared(rows, dossiers, rundown.starts_at, rundown.zone).items():
        yield {"at": f"items.{rows[sku]}.name", "text": i18n.lacking_sentence(locale, lacks), "way": address_of(sku)}


def _currency(document: Mapping[str, Any]) -> str:
    show = document.get("show")
    currency = show.get("currency") if isinstance(show, dict) else None
    return currency if isinstance(currency, str) and is_currency(currency) else USUAL_CURRENCY


def _sketch(locale: str, rundown: Rundown, places: tuple[int, ...]) -> View:
    minutes = sum(item.minutes for item in rundown.items)
    worth = sum(item.price * item.stock for item in rundown.items)
    return {
        "minutes": round(minutes, 1),
        "left_min": round(rundown.duration_min - minutes, 1),
        "left": i18n.duration_words(locale, 60 * (rundown.duration_min - minutes)),
        "planned": i18n.duration_words(locale, 60 * minutes),
        "stock_worth": i18n.money(locale, worth, rundown.currency),
        "items": len(rundown.items),
        "silent": [item.sku for item in rundown.items if item.script == Script()],
        "rows": dict(zip(places, _rows(locale, rundown), strict=True)),
        "curve": curve_view(locale, rundown),
    }


def _rows(locale: str, rundown: Rundown) -> Iterable[View]:
    """When each item is due, in seconds of the show, and what it is to bring."""
    shares = planned_shares(rundown)
    starts = accumulate((60 * item.minutes for item in rundown.items), initial=0.0)
    return [
        {
            "at_s": round(at_s),
            "share": i18n.percent(locale, shares[item.sku]),
            "gmv": i18n.money(locale, round(shares[item.sku] * rundown.goal), rundown.currency),
        }
        for item, at_s in zip(rundown.items, starts, strict=False)
    ]


def curve_view(locale: str, rundown: Rundown) -> View:
    """The planned curve as it is drawn: points (s, minor units), the spells of the items under it, and the words of
    its money axis."""
    curve = planned_curve(rundown)
    spells = [(round(since), round(until)) for (since, _), (until, _) in pairwise(curve)]
    return {
        "points": [(round(at_s), round(gmv)) for at_s, gmv in curve],
        "spells": [(*spell, item.sku) for spell, item in zip(spells, rundown.items, strict=False)],
        "goal": rundown.goal,
        "ticks": [(part, i18n.money(locale, round(part * rundown.goal), rundown.currency)) for part in (0, 0.5, 1)],
    }


def rehearsed_view(locale: str, rundown: Rundown, shows: Sequence[Rehearsed]) -> View:
    """What simulated shows came to: the least, the middle and the most GMV by the end of each minute, the same of the
    whole in words, and the cues of the first."""
    minutes = [sorted(gmvs) for gmvs in zip(*(show.minutes for show in shows), strict=True)]
    low, middle, high = ([gmvs[at] for gmvs in minutes] for at in (0, (len(shows) - 1) // 2, -1))
    ends = {"low": low[-1], "middle": middle[-1], "high": high[-1], "goal": rundown.goal}
    return {
        "low": low,
        "middle": middle,
        "high": high,
        "words": {name: i18n.money(locale, gmv, rundown.currency) for name, gmv in ends.items()},
        "cues": [_cue_line(locale, rundown, cue) for cue in shows[0].cues],
    }


def _cue_line(locale: str, rundown: Rundown, cue: Cue) -> View:
    return {
        "at_s": (cue.issued_at - rundown.starts_at) // 1000,
        "kind": cue.kind.value,
        "text": i18n.cue_text(locale, cue.kind.value, cue.why.rule, cue.why.numbers),
        "explain": i18n.cue_explain(locale, cue.kind.value, cue.why.rule, cue.why.numbers),
    }
