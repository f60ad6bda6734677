"""What the page of the policy shows: every threshold in the reader's words, and the fields that change it."""

import re
from collections.abc import Mapping
from typing import Any

from cueroom import i18n
from cueroom.pacing.policy import Threshold, policy_table
from cueroom.show.rundown import Rundown


def policy_rows(locale: str, rundown: Rundown, now: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row for each threshold, in the order of the decisions; `now` holds what people have set during the show."""
    return [_row(locale, threshold, rundown, now) for threshold in policy_table()]


def _row(locale: str, threshold: Threshold, rundown: Rundown, now: Mapping[str, Any]) -> dict[str, Any]:
    """`before` is what holds once people take theirs back; `parts` are the fields of a list or table, each with its
    label and its value, empty where it has none."""
    key = threshold.key
    before = rundown.policy.get(key, threshold.default)
    value = now.get(key, before)
    form = "number" if not threshold.names else "list" if isinstance(threshold.default, tuple) else "table"
    prefix = "kind" if form == "list" else "role"
    labels = {name: i18n.say(locale, f"{prefix}.{name}") for name in threshold.names}
    said = f"policy.{key}"
    return {
        "key": key,
        "meaning": i18n.say(locale, said) if i18n.known(locale, said) else _quoted(threshold.reason),
        "form": form,
        "default": _words(locale, threshold.default, labels),
        "before": _words(locale, before, labels),
        "value": _words(locale, value, labels),
        "low": i18n.threshold(threshold.low),
        "high": i18n.threshold(threshold.high),
        "whole": threshold.whole,
        "unit": next((unit for unit in ("s", "min") if key.endswith(f"_{unit}")), ""),
        "parts": [(name, label, _part(value, name)) for name, label in labels.items()],
        "source": "show" if key in now else "file" if key in rundown.policy else "default",
    }


def _quoted(reason: str) -> str:
    """A reason as people read it: what is code there stands in quotation marks."""
    return re.sub(r"`([^`]+)`", "“\\1”", reason)


def _words(locale: str, value: Any, labels: Mapping[str, str]) -> str:
    """A threshold's value, with its names in the reader's language."""
    if labels and not value:
        return i18n.say(locale, "none")
    if isinstance(value, Mapping):
        return i18n.threshold({labels.get(name, name): each for name, each in value.items()})
    return i18n.threshold([labels.get(name, name) for name in value] if labels else value)


def _part(value: Any, name: str) -> str:
    """What a list or table of the policy says of that name."""
    if isinstance(value, Mapping):
        return i18n.threshold(value[name]) if name in value else ""
    return "1" if name in value else ""
