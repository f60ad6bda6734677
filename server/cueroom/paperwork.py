"""Paperwork: what people do with a product's papers (hand in, approve, refuse), and what is wrong with it, by field."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import msgspec

from cueroom.show.papers import WITHOUT_FILE, Attachment, Dossier, Paper, PaperKind, State, Step, Trade
from cueroom.show.text import readable

LONGEST_NAME = 64
LONGEST_NUMBER = 64
SHORTEST_NOTE, LONGEST_NOTE = 3, 200
MOST_FILES = 20

Faults = dict[str, str]
"""Field → the code of what is wrong there (`papers.fault.CODE` of the catalogues)."""


class Deed(msgspec.Struct, kw_only=True, tag_field="deed"):
    """Something done to the dossier that was seen in this version; `by` is the name that the person typed."""

    version: int
    by: str


class File(msgspec.Struct, frozen=True):
    """A file that was sent before, and what its owner calls it."""

    digest: str
    name: str


class HandIn(Deed, tag="hand_in", kw_only=True):
    """A paper is there, for the first time or anew. `valid_until` is a day, or nothing where it is good for ever."""

    kind: PaperKind
    number: str
    valid_until: str = ""
    files: tuple[File, ...] = ()


class Judge(Deed, tag="judge", kw_only=True):
    """Somebody approves a paper, or refuses it with a reason."""

    kind: PaperKind
    state: State
    note: str = ""


class SetTrade(Deed, tag="trade", kw_only=True):
    """The product is sold within the country, or from abroad; other papers are needed then."""

    trade: Trade


AnyDeed = HandIn | Judge | SetTrade


class Desk(msgspec.Struct, frozen=True):
    """Where it is done: when (ms), with whose key, and which of the named files are kept, by digest."""

    at: int
    holder: str
    files: Mapping[str, Attachment] = {}


def carry_out(deed: AnyDeed, dossier: Dossier, desk: Desk) -> Dossier | Faults:
    """The dossier after the deed, or everything that is wrong with it."""
    return _DOERS[type(deed)](deed, dossier, desk)


def _hand_in(deed: HandIn, dossier: Dossier, desk: Desk) -> Dossier | Faults:
    number, until = readable(deed.number), _day(deed.valid_until)
    files = tuple(desk.files[file.digest] for file in deed.files if file.digest in desk.files)
    faults = {
        **_name_fault(deed),
        **_fault("number", "number", not 0 < len(number) <= LONGEST_NUMBER),
        **_fault("valid_until", "day", bool(deed.valid_until) and until is None),
        **_fault("files", "no_file", not deed.files and deed.kind not in WITHOUT_FILE),
        **_fault("files", "many_files", len(deed.files) > MOST_FILES),
        **_fault("files", "file_gone", len(files) < len(deed.files)),
    }
    if faults:
        return faults
    step = Step(State.GIVEN, desk.at, _who(deed, desk), number, tuple(file.digest for file in files))
    return dossier.given(deed.kind, Paper(number, until, files, (step,)))


def _judge(deed: Judge, dossier: Dossier, desk: Desk) -> Dossier | Faults:
    note = readable(deed.note)
    paper = dossier.papers.get(deed.kind)
    faults = {
        **_name_fault(deed),
        **_fault("note", "reason", deed.state is State.REFUSED and not SHORTEST_NOTE <= len(note) <= LONGEST_NOTE),
        **_fault("note", "nothing_to_judge", paper is None or deed.state in (State.GIVEN, paper.state)),
    }
    return faults or dossier.judged(deed.kind, deed.state, desk.at, _who(deed, desk), note)


def _set_trade(deed: SetTrade, dossier: Dossier, _: Desk) -> Dossier | Faults:
    return _name_fault(deed) or msgspec.structs.replace(dossier, trade=deed.trade)


def _name_fault(deed: Deed) -> Faults:
    return _fault("by", "name", not 0 < len(readable(deed.by)) <= LONGEST_NAME)


def _fault(field: str, code: str, is_wrong: bool) -> Faults:
    return {field: code} if is_wrong else {}


def _who(deed: Deed, desk: Desk) -> str:
    """The name is what the person typed; the key is what they really held."""
    return f"{readable(deed.by)} ({desk.holder})"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


_DOERS: dict[type[Deed], Callable[[Any, Dossier, Desk], Dossier | Faults]] = {
    HandIn: _hand_in,
    Judge: _judge,
    SetTrade: _set_trade,
}
