"""What the screens show of a cue: its words and figures in the reader's language, and the one that a host sees."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from unicodedata import east_asian_width

from cueroom import i18n
from cueroom.show.cues import ASKING, CALLS, CueState, Kind, ended_as
from cueroom.views.rundown import host_name, per_cent
from cueroom.views.view import State, View

_FITS = ((20, "short"), (40, "middling"), (10**9, "long"))
"""The widest text of each size in the prompter's lane, in half-width letters."""
_LINE = 10
"""What a line of the largest size holds …"""
_SMALLER_LINE = 14
"""… and one of the next."""
READ_MS = 8_000
"""How long a message stands on the prompter before it gives way to the next one."""
_BREAKS = re.compile(r"(?<=[\s，。、；：！？])")
"""Where a line may end: the lane keeps words whole."""


def cue_view(locale: str, state: State, cue: Mapping[str, Any], speed: float = 1) -> View:
    """A cue in the reader's language, with what is left of its life and what became of it. A demo's clock may run at
    `speed`; how long painting took is told in real milliseconds."""
    why = cue["why"]
    numbers = why["numbers"]
    foreign = locale != state["show"]["locale"]
    last = cue["steps"][-1] if cue["steps"] else None
    effect = cue["effect"]
    shown_at = _shown_at(cue)
    known = cue["kind"] != "message" and i18n.known("en", f"cue.{cue['kind']}.{why['rule']}")
    return {
        **cue,
        "text": i18n.cue_text(locale, cue["kind"], why["rule"], numbers) if foreign and known else cue["text"],
        "explain": _explained(locale, cue, translated=foreign and known),
        "handover": _handover(locale, state, cue),
        "to_name": host_name(state, cue["to"]) if cue["to"] else None,
        "left_s": max(0, cue["expires_at"] - state["time"]) / 1000,
        "left_per_cent": per_cent(cue["expires_at"] - state["time"], cue["expires_at"] - cue["issued_at"]),
        "painted_after_ms": None if shown_at is None else round(max(0, shown_at - cue["issued_at"]) / speed),
        "asks": cue["kind"] in ASKING,
        "ended_as": ended_as(Kind(cue["kind"]), CueState(cue["state"]), was_shown=shown_at is not None),
        "last": last,
        "effect_words": effect and i18n.effect_words(locale, effect, state["show"]["currency"]),
        "numbers": [
            (_number_label(locale, name), _number_form(name), value)
            for name, value in numbers.items()
            if isinstance(value, int | float)
        ],
    }


def _explained(locale: str, cue: Mapping[str, Any], *, translated: bool) -> str:
    """Why the cue came, in the reader's language where it can be said anew; of a message, who wrote it."""
    why = cue["why"]
    if cue["kind"] == "message":
        return i18n.actor(locale, str(why["explain"]))
    return i18n.cue_explain(locale, cue["kind"], why["rule"], why["numbers"]) if translated else str(why["explain"])


def _handover(locale: str, state: State, cue: Mapping[str, Any]) -> str:
    """Whom to hand over to, where a cue calls for another host's item; of all others nothing."""
    item, live = state["items"].get(cue["sku"]), state["live"]
    if cue["kind"] not in CALLS or item is None or live is None or item["host"] == live["host"]:
        return ""
    return i18n.cue_text(locale, Kind.HANDOVER, "next_host", {"host_name": host_name(state, item["host"])})


def host_cue(locale: str, state: State, host: str) -> View | None:
    """The one cue a host sees: the most urgent of those meant for them."""
    mine = [cue for cue in state["cues"] if cue["audience"] != "producer" and cue["to"] in (None, host)]
    message = _message_now([cue for cue in mine if cue["kind"] == "message"], state["time"])
    contest = (cue for cue in mine if cue["kind"] != "message" or cue is message)
    first = min(contest, key=lambda cue: (cue["priority"], cue["issued_at"]), default=None)
    if first is None:
        return None
    view = cue_view(locale, state, first)
    return {**view, "fit": fit_of(view["text"])}


def _message_now(messages: Sequence[Mapping[str, Any]], now: int) -> Mapping[str, Any] | None:
    """Of several messages the oldest that has not been read yet, else the newest: none waits until another runs out."""
    told = sorted(messages, key=lambda cue: int(cue["issued_at"]))
    unread = (cue for cue in told if (at := _shown_at(cue)) is None or now - at < READ_MS)
    return next(unread, told[-1] if told else None)


def _shown_at(cue: Mapping[str, Any]) -> int | None:
    """When a screen had painted it."""
    return next((step["at"] for step in cue["steps"] if step["state"] == "shown"), None)


def fit_of(text: str) -> str:
    """How large a text may stand in the prompter's lane: `short`, `middling` or `long`, by its width on screen."""
    fit = next(fit for most, fit in _FITS if _width(text) <= most)
    longest = max(map(_width, _BREAKS.split(text)))
    return "middling" if fit == "short" and _LINE < longest <= _SMALLER_LINE else fit


def _width(text: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


_MONEY = ("gmv_per_min", "minute_price", "expected_next", "expected_per_min", "needed_per_min")


def _number_form(name: str) -> str:
    """How a number of a reason is written, by its name."""
    if name.endswith("_minor") or name in _MONEY:
        return "money"
    if name.endswith("_s"):
        return "duration"
    return "per_cent" if name.endswith("_pct") else "plain"


def _number_label(locale: str, name: str) -> str:
    msgid = f"number.{name}"
    return i18n.say(locale, msgid) if i18n.known(locale, msgid) else name.replace("_", " ")
