"""The show file written: a rundown as TOML that reads as that rundown again."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cueroom.show.rundown import Rundown
from cueroom.showfile.document import document_of

_LONG = 100_000
"""Numbers from here on are grouped, to be read by people."""


def to_toml(rundown: Rundown) -> str:
    """The show file of a rundown."""
    document = document_of(rundown)
    parts = [_table("[show]", document["show"])]
    for item in document["items"]:
        script = item.pop("script", None)
        parts.append(_table("[[items]]", item) + (_table("[items.script]", script) if script else ""))
    if "policy" in document:
        parts.append(_table("[policy]", document["policy"]))
    return "\n".join(parts)


def _table(header: str, values: Mapping[str, Any]) -> str:
    return "\n".join([header, *(f"{key} = {_value(value)}" for key, value in values.items())]) + "\n"


def _value(value: Any) -> str:
    match value:
        case Mapping():
            return "{ " + ", ".join(f"{key} = {_value(each)}" for key, each in value.items()) + " }"
        case list() | tuple():
            return f"[{', '.join(_value(each) for each in value)}]"
        case str():
            return _text(value)
        case datetime():
            return value.isoformat()
        case _:
            return _figure(value)


def _figure(value: float) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and value >= _LONG:
        return f"{value:_}"
    return repr(value).removesuffix(".0")


def _text(text: str) -> str:
    """A text of several lines stands as such."""
    escaped = json.dumps(text, ensure_ascii=False)  # whose escapes are TOML's too
    return '"""\n' + escaped[1:-1].replace("\\n", "\n") + '"""' if _stands_in_lines(text) else escaped


def _stands_in_lines(text: str) -> bool:
    return "\n" in text and "\\" not in text
