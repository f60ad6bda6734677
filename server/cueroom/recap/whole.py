"""The whole recap, put together from its parts."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from cueroom.recap.advice import Ignored, KindRecord, cues_of, ignored_of, kinds_of
from cueroom.recap.aftermath import Aftermath, aftermath_of
from cueroom.recap.curve import Curve, curve_of
from cueroom.recap.gaps import Gap, gaps_of
from cueroom.recap.hosts import Handover, HostRecap, handovers_of, hosts_of
from cueroom.recap.items import ItemRecap, items_of
from cueroom.recap.record import Record
from cueroom.recap.shortages import Shortage, shortages_of
from cueroom.recap.summary import Summary, summary_of
from cueroom.show.board import Phase
from cueroom.show.cues import Cue
from cueroom.show.papers import Override


class PolicyChange(msgspec.Struct, frozen=True):
    """A threshold that a person set during the show, when (ms) and to what; None: back to the show file's."""

    at: int
    by: str
    key: str
    value: Any


class Recap(Summary, frozen=True, kw_only=True):
    """What a show came to, with all its details."""

    curve: Curve
    items: tuple[ItemRecap, ...]
    shortages: tuple[Shortage, ...]
    cues: tuple[Cue, ...]
    kinds: tuple[KindRecord, ...]
    ignored: tuple[Ignored, ...]
    hosts: tuple[HostRecap, ...]
    handovers: tuple[Handover, ...]
    gaps: tuple[Gap, ...]
    policy_changes: tuple[PolicyChange, ...]
    overrides: tuple[Override, ...]
    aftermath: Aftermath
    earlier: tuple[Summary, ...]


def recap_of(record: Record) -> Recap:
    """The recap of a show. One that was not ended is told up to its newest event."""
    snapshot = record.snapshot
    if snapshot.board.phase is Phase.LIVE:
        snapshot = msgspec.structs.replace(snapshot, now=record.until)
    shortages, cues = shortages_of(record), cues_of(record.entries)
    return Recap(
        **msgspec.structs.asdict(summary_of(snapshot, record.minutes)),
        curve=curve_of(record),
        items=items_of(record),
        shortages=shortages,
        cues=cues,
        kinds=kinds_of(cues),
        ignored=ignored_of(record, cues, shortages),
        hosts=hosts_of(record),
        handovers=handovers_of(record),
        gaps=gaps_of(record),
        policy_changes=tuple(policy_changes_of(record.entries)),
        overrides=overrides_of(record.entries),
        aftermath=aftermath_of(record),
        earlier=record.earlier,
    )


def policy_changes_of(entries: Iterable[Mapping[str, Any]]) -> Iterator[PolicyChange]:
    """Every threshold set during the show, in the order of the log."""
    for entry in entries:
        command = entry.get("command", {})
        if entry["type"] == "command" and command.get("command") == "policy":
            for key, value in command["set"].items():
                yield PolicyChange(entry["time"], entry["by"], key, value)


def overrides_of(entries: Iterable[Mapping[str, Any]]) -> tuple[Override, ...]:
    """What went live without its papers, in the order of the log."""
    told = Override.__struct_config__.tag
    return tuple(msgspec.convert(entry, Override) for entry in entries if entry["type"] == told)
