"""The rules of a show file: a draft in, a rundown or every problem at once out."""

import difflib
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from cueroom.show.rundown import Host, Item, Rundown, Script
from cueroom.showfile.document import EPOCH
from cueroom.showfile.draft import Draft, Fault, Path, Problem, label
from cueroom.showfile.fields import DECIMALS, DOCUMENT, HOST, ITEM, SCRIPT, SHORTEST_MIN, SHOW, Field, Wrong
from cueroom.showfile.policy import POLICY

LEAD = {"id": "lead", "name": "主播"}
"""The host of a show that names none."""

Values = dict[str, Any]

_ROUNDED_MIN = 0.01
"""What even parts of the time may add up to beyond it, since each is rounded."""


def check(draft: Draft) -> Rundown | list[Problem]:
    """The rundown the draft describes, with what may be left out filled in; or all its problems."""
    checker = _Checker(draft)
    values = checker.document()
    return [*draft.problems, *checker.problems()] or _rundown(**values)


def judge(data: Mapping[str, Any]) -> "Judged":
    """What is wrong with a document that is being typed, and the show as far as it is right."""
    checker = _Checker(Draft(data, {}))
    return Judged(checker.document(), tuple(checker.faults))


class Judged:
    """A document's right values and its faults."""

    def __init__(self, values: Values, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        self._values = values

    @property
    def rundown(self) -> Rundown | None:
        """The show, where nothing is wrong."""
        return None if self.faults else _rundown(**self._values)

    def sketch(self) -> tuple[Rundown, tuple[int, ...]] | None:
        """The show of what is right so far and the rows its items come from; None without a length, a goal or an item.
        Of items with the same SKU it has the first."""
        rows = {item["sku"]: at for at, item in reversed([*enumerate(self._values["items"])]) if item.keys() >= _LEAST}
        show = _BLANK | self._values["show"]
        if not rows or not {"duration_min", "goal"} <= show.keys():
            return None
        hosts = [host for host in self._values["hosts"] if host.keys() >= LEAD.keys()] or [LEAD]
        known = {host["id"] for host in hosts}
        kept = sorted(rows.values())
        items = [dict(self._values["items"][at]) for at in kept]
        for item in items:
            if item.get("host") not in known:
                item.pop("host", None)
        return _rundown(show, hosts, items, {}), tuple(kept)


_LEAST = frozenset({"sku", "name", "price", "stock", "minutes"})
"""What an item must have to be planned with."""
_BLANK: Values = {"id": "", "title": "", "starts_at": EPOCH, "currency": "CNY"}


def doubts(rundown: Rundown) -> list[Fault]:
    """What is allowed in a show file but hardly meant."""
    planned = sum(item.minutes for item in rundown.items)
    told = [
        Fault(
            ("items", at, "ship_48h"),
            f"is {item.ship_48h:,}, more than the stock, {item.stock:,}",
            "ships_more",
            {"units": item.ship_48h, "stock": item.stock},
        )
        for at, item in enumerate(rundown.items)
        if item.ship_48h is not None and item.ship_48h > item.stock
    ]
    if planned > rundown.duration_min + _ROUNDED_MIN:
        figures = {"planned": planned, "length": rundown.duration_min}
        message = f"plan {planned:g} minutes, but the show lasts {rundown.duration_min:g}"
        told.append(Fault(("items",), message, "too_long", figures))
    return told


def warnings(rundown: Rundown) -> list[Problem]:
    """The same, in the words of files."""
    return [Problem(label(doubt.path), doubt.message) for doubt in doubts(rundown)]


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
    return {
        "starts_at": (instant - EPOCH) // timedelta(milliseconds=1),
        "utc_offset_min": offset // timedelta(minutes=1),
    }


def _item(values: Values) -> Item:
    return Item(**{**values, "script": Script(**values.get("script", {}))})


class _Checker:
    """Collects the problems while reading. A value that is wrong is left out, so the rules over several
    values look only at those that are right by themselves, and one mistake is told once."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self.faults: list[Fault] = []

    def problems(self) -> list[Problem]:
        """What was found, each thing once, in the order of the file."""
        order = {path: position for position, path in enumerate([(), *self._draft.places])}
        faults = sorted(self.faults, key=lambda fault: order[self._draft.anchor(fault.path)])
        return list(dict.fromkeys(Problem(self._draft.place(fault.path), fault.message) for fault in faults))

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
            minutes = round(left / len(untimed), DECIMALS)
            if minutes < SHORTEST_MIN:
                message = f"minutes is missing, and the others fill the {duration_min:g} there are"
                self._note(("items", at), message, "no_time_left", minutes=duration_min)
            else:
                items[at]["minutes"] = minutes

    def _check_item(self, path: Path, item: Values) -> None:
        batches, stock = sum(item.get("batches", ())), item.get("stock")
        if batches and stock is not None and batches != stock:
            message = f"add up to {batches:,}; they must add up to the stock, {stock:,}"
            self._note((*path, "batches"), message, "batches_sum", sum=batches, stock=stock)
        least, planned = item.get("min_minutes"), item.get("minutes")
        if least is not None and planned is not None and least > planned:
            message = f"must be at most the planned minutes, {planned:g}, not {least:g}"
            self._note((*path, "min_minutes"), message, "least_over_planned", planned=planned)

    def _check_hosts(self, items: list[Values], hosts: list[str]) -> None:
        for at, item in enumerate(items):
            if hosts and item.get("host", hosts[0]) not in hosts:
                known = ", ".join(dict.fromkeys(hosts))
                message = f"must be one of the hosts {known}, not {item['host']}"
                self._note(("items", at, "host"), message, "no_such_host", hosts=known)

    def _check_shares(self, items: list[Values]) -> None:
        shares = sum(item.get("share", 0) for item in items)
        if shares > 1 + 1e-9:
            message = f"have shares that add up to {shares:.3g}; they must add up to 1 or less"
            self._note(("items",), message, "shares_sum", shares=shares)

    def _check_unique(self, path: Path, rows: list[Values], key: str) -> None:
        first: dict[str, int] = {}
        for at, row in enumerate(rows):
            if key in row and first.setdefault(row[key], at) != at:
                place = self._draft.place((*path, first[row[key]], key))
                message = f"must be unique, but {row[key]} stands at {place} too"
                self._note((*path, at, key), message, "not_unique", row=first[row[key]] + 1)

    def _rows(self, path: Path, rows: Iterable[Values], fields: Mapping[str, Field]) -> list[Values]:
        return [self._table((*path, at), row, fields) for at, row in enumerate(rows)]

    def _table(self, path: Path, table: Mapping[str, Any], fields: Mapping[str, Field]) -> Values:
        """The values of a table that are right, each read by its field."""
        for key in table:
            if key not in fields:
                self._note((*path, key), f"is unknown; {nearest(key, fields)}", "unknown_key", key=key)
        values = {key: self._value((*path, key), table, field) for key, field in fields.items()}
        return {key: value for key, value in values.items() if value is not None}

    def _value(self, path: Path, table: Mapping[str, Any], field: Field) -> Any:
        """The value at the end of the path; None where it is missing or wrong."""
        key = path[-1]
        if key in table:
            return self._right(path, field.read(table[str(key)]), table[str(key)])
        if field.required:
            right = field.read(None)
            self._note(path, f"{key} is missing; it must be {right.must_be}", right.code, **right.figures)
        return None

    def _right(self, path: Path, value: Any, given: Any) -> Any:
        if not isinstance(value, Wrong):
            return value
        self._note(path, f"must be {value.must_be}, not {_shown(given)}", value.code, **value.figures)
        return None

    def _note(self, path: Path, message: str, code: str, **figures: Any) -> None:
        self.faults.append(Fault(path, message, code, figures))


def nearest(name: str, known: Collection[str], offered: Iterable[str] = ()) -> str:
    """A hint for a name nobody knows: the one it resembles, or those that are offered, by default all."""
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {close[0]}?" if close else f"known are {', '.join(offered or known)}"


def _shown(value: Any) -> str:
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


SHOWN = 40
"""How many characters of a wrong value a problem repeats."""
