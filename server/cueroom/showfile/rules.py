"""The rules of a show file: a draft in, a rundown or every problem at once out."""

import difflib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from cueroom.rundown import Host, Item, Rundown, Script
from cueroom.showfile.draft import Draft, Path, Problem, label
from cueroom.showfile.fields import DOCUMENT, HOST, ITEM, SCRIPT, SHORTEST_MIN, SHOW, Field, Wrong
from cueroom.showfile.policy import POLICY

LEAD = {"id": "lead", "name": "主播"}
"""The host of a show that names none."""

Values = dict[str, Any]


def check(draft: Draft) -> Rundown | list[Problem]:
    """The rundown the draft describes, with what may be left out filled in; or all its problems."""
    checker = _Checker(draft)
    values = checker.document()
    return [*draft.problems, *checker.problems()] or _rundown(**values)


def warnings(rundown: Rundown) -> list[Problem]:
    """What is allowed in a show file but hardly meant."""
    planned = sum(item.minutes for item in rundown.items)
    told = [
        Problem(label(("items", at, "ship_48h")), f"is {item.ship_48h:,}, more than the stock, {item.stock:,}")
        for at, item in enumerate(rundown.items)
        if item.ship_48h is not None and item.ship_48h > item.stock
    ]
    if planned > rundown.duration_min:
        told.append(Problem("items", f"plan {planned:g} minutes, but the show lasts {rundown.duration_min:g}"))
    return told


def _rundown(show: Values, hosts: list[Values], items: list[Values], policy: Values) -> Rundown:
    lead = hosts[0]["id"]
    return Rundown(
        **{**show, **_start(show["starts_at"]), "hosts": tuple(Host(**host) for host in hosts)},
        items=tuple(_item({"host": lead, **item}) for item in items),
        policy=policy,
    )


def _start(instant: datetime) -> Values:
    offset = instant.utcoffset()
    assert offset is not None  # noqa: S101  # its field refuses one without
    return {"starts_at": int(instant.timestamp() * 1000), "utc_offset_min": offset // timedelta(minutes=1)}


def _item(values: Values) -> Item:
    return Item(**{**values, "script": Script(**values.get("script", {}))})


class _Checker:
    """Collects the problems while reading. A value that is wrong is left out, so the rules over several
    values look only at those that are right by themselves, and one mistake is told once."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._notes: list[tuple[Path, str]] = []

    def problems(self) -> list[Problem]:
        """What was found, each thing once, in the order of the file."""
        order = {path: position for position, path in enumerate([(), *self._draft.places])}
        notes = sorted(self._notes, key=lambda note: order[self._draft.anchor(note[0])])
        return list(dict.fromkeys(Problem(self._draft.place(path), message) for path, message in notes))

    def document(self) -> Values:
        """The parts of the document, as far as they are right."""
        document = self._table((), self._draft.data, DOCUMENT)
        show = self._table(("show",), document.get("show", {}), SHOW) if "show" in document else {}
        hosts = self._rows(("show", "hosts"), show.get("hosts", [LEAD]), HOST)
        items = self._items(document.get("items", []), show.get("duration_min"))
        self._check_unique(("show", "hosts"), hosts, "id")
        self._check_unique(("items",), items, "sku")
        self._check_hosts(items, [host["id"] for host in hosts if "id" in host])
        self._check_shares(items)
        self._table(("policy",), document.get("policy", {}), POLICY)
        return {"show": show, "hosts": hosts, "items": items, "policy": document.get("policy", {})}

    def _items(self, rows: list[Values], duration_min: float | None) -> list[Values]:
        items = self._rows(("items",), rows, ITEM)
        if duration_min is not None:
            self._share_out(duration_min, items, [at for at, row in enumerate(rows) if "minutes" not in row])
        for at, item in enumerate(items):
            if "script" in item:
                item["script"] = self._table(("items", at, "script"), item["script"], SCRIPT)
            self._check_item(("items", at), item)
        return items

    def _share_out(self, duration_min: float, items: list[Values], untimed: list[int]) -> None:
        """Gives the items without planned minutes an even part of the time that is left."""
        left = duration_min - sum(item.get("minutes", 0) for item in items)
        for at in untimed:
            minutes = left / len(untimed)
            if minutes < SHORTEST_MIN:
                self._note(("items", at), f"minutes is missing, and the others fill the {duration_min:g} there are")
            else:
                items[at]["minutes"] = minutes

    def _check_item(self, path: Path, item: Values) -> None:
        batches, stock = sum(item.get("batches", ())), item.get("stock")
        if batches and stock is not None and batches != stock:
            self._note((*path, "batches"), f"add up to {batches:,}; they must add up to the stock, {stock:,}")
        least, planned = item.get("min_minutes"), item.get("minutes")
        if least is not None and planned is not None and least > planned:
            self._note((*path, "min_minutes"), f"must be at most the planned minutes, {planned:g}, not {least:g}")

    def _check_hosts(self, items: list[Values], hosts: list[str]) -> None:
        for at, item in enumerate(items):
            if hosts and item.get("host", hosts[0]) not in hosts:
                self._note(
                    ("items", at, "host"),
                    f"must be one of the hosts {', '.join(dict.fromkeys(hosts))}, not {item['host']}",
                )

    def _check_shares(self, items: list[Values]) -> None:
        shares = sum(item.get("share", 0) for item in items)
        if shares > 1 + 1e-9:
            self._note(("items",), f"have shares that add up to {shares:.3g}; they must add up to 1 or less")

    def _check_unique(self, path: Path, rows: list[Values], key: str) -> None:
        first: dict[str, int] = {}
        for at, row in enumerate(rows):
            if key in row and first.setdefault(row[key], at) != at:
                place = self._draft.place((*path, first[row[key]], key))
                self._note((*path, at, key), f"must be unique, but {row[key]} stands at {place} too")

    def _rows(self, path: Path, rows: Iterable[Values], fields: Mapping[str, Field]) -> list[Values]:
        return [self._table((*path, at), row, fields) for at, row in enumerate(rows)]

    def _table(self, path: Path, table: Mapping[str, Any], fields: Mapping[str, Field]) -> Values:
        """The values of a table that are right, each read by its field."""
        for key in table:
            if key not in fields:
                self._note((*path, key), f"is unknown; {nearest(key, fields)}")
        values = {key: self._value((*path, key), table, field) for key, field in fields.items()}
        return {key: value for key, value in values.items() if value is not None}

    def _value(self, path: Path, table: Mapping[str, Any], field: Field) -> Any:
        """The value at the end of the path; None where it is missing or wrong."""
        key = path[-1]
        if key in table:
            return self._right(path, field.read(table[str(key)]), table[str(key)])
        if field.required:
            self._note(path, f"{key} is missing; it must be {field.read(None).must_be}")
        return None

    def _right(self, path: Path, value: Any, given: Any) -> Any:
        if not isinstance(value, Wrong):
            return value
        self._note(path, f"must be {value.must_be}, not {_shown(given)}")
        return None

    def _note(self, path: Path, message: str) -> None:
        self._notes.append((path, message))


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint for a name nobody knows: the one it resembles, or all there are."""
    known = list(known)
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {close[0]}?" if close else f"known are {', '.join(known)}"


def _shown(value: Any) -> str:
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


SHOWN = 40
"""How many characters of a wrong value a problem repeats."""
